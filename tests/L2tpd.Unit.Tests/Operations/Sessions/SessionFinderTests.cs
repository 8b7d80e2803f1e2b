using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Operations.Control;
using L2tpd.Operations.Sessions;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Operations.Sessions;

public sealed class SessionFinderTests
{
    private readonly SessionIndex _index = new();
    private readonly EnginePair _pair = new(
        7,
        EnginePair.Tunnel("hq", new LacSession { Name = "a", CallingNumber = "100", CalledNumber = "900" },
            new LacSession { Name = "b", CallingNumber = "101", CalledNumber = "900" }, new LacSession { Name = "c" }),
        EnginePair.Tunnel("branch", new LacSession { Name = "d", CallingNumber = "100" }));

    private readonly SessionFinder _finder;
    private readonly Dictionary<string, Session> _sessions = [];

    public SessionFinderTests()
    {
        _finder = new SessionFinder(_index, () => _pair.Lns.Tunnels);
        foreach (var session in _pair.Lns.Tunnels.SelectMany(static tunnel => tunnel.Sessions.Values))
            _index.Observe(new SessionEstablished(session));
        _pair.LnsEvents = _index.Observe;
        // The LNS does not know the names of the LAC's sessions: its ids lead to them.
        foreach (var theirs in _pair.Lac.Tunnels.SelectMany(static tunnel => tunnel.Sessions.Values))
        {
            _sessions[theirs.Name.Split('/')[1]] = _pair.Lns.Tunnels.SelectMany(static tunnel => tunnel.Sessions.Values)
                .Single(ours => ours.PeerId == theirs.LocalId && ours.Tunnel.PeerId == theirs.Tunnel.LocalId);
        }

        Up("a", "alice", "ppp0", "10.0.0.2", "2001:db8:1::/64 2001:db8:100::/56");
        Up("b", "bob", "ppp1", "10.0.0.3", "2001:db8:2::/64");
        Up("c", "alice", "ppp2", "10.0.1.4", null);
        Up("d", "dora", "ppp3", "192.0.2.9", null);
    }

    [Theory]
    [InlineData("user", "alice", "ac")]
    [InlineData("user", "Alice", "")]
    [InlineData("user", "nobody", "")]
    [InlineData("address", "10.0.0.3", "b")]
    [InlineData("address", "10.0.0.9", "")]
    [InlineData("address", "2001:db8:1::77", "a")]
    [InlineData("address", "2001:db8:100:ff::1", "a")]
    [InlineData("address", "2001:db8:101::1", "")]
    [InlineData("address", "::ffff:10.0.0.3", "b")]
    [InlineData("prefix", "10.0.0.0/24", "ab")]
    [InlineData("prefix", "10.0.0.0/16", "abc")]
    [InlineData("prefix", "0.0.0.0/0", "abcd")]
    [InlineData("prefix", "::/0", "abcd")]
    [InlineData("prefix", "2001:db8::/32", "ab")]
    [InlineData("prefix", "2001:db8:100:7::/64", "a")]
    [InlineData("prefix", "10.0.0.3", "b")]
    [InlineData("interface", "ppp2", "c")]
    [InlineData("number", "100", "ad")]
    [InlineData("number", "900", "ab")]
    [InlineData("peer", "carrier", "abcd")]
    [InlineData("peer", "lac1.example.net", "abcd")]
    [InlineData("peer", "192.0.2.1", "abcd")]
    [InlineData("peer", "192.0.2.2", "")]
    [InlineData("state", "network-up", "abcd")]
    [InlineData("state", "established", "abcd")]
    [InlineData("state", "wait-reply", "")]
    [InlineData("profile", "subscribers", "")]
    [InlineData("", "", "abcd")]
    public void A_selector_finds_its_sessions_and_a_page_has_the_same(string key, string value, string expected)
    {
        var selector = SessionSelector.From(k => k == key ? value : null);
        Assert.Equal(expected, NamesOf(_finder.Find(selector)));
        var page = _finder.Page(new PageRequest { Selector = selector }, static session => ViewMapper.From(session, 0));
        Assert.Equal(expected, NamesOf(page.Items.Select(view => _sessions.Values.Single(s => s.LocalId.Value == view.LocalId))));
        Assert.Equal(page.Items.OrderBy(v => v.TunnelId).ThenBy(v => v.LocalId), page.Items);
    }

    [Fact]
    public void Members_of_a_selector_apply_together()
    {
        Assert.Equal("a", NamesOf(_finder.Find(new SessionSelector { User = "alice", Number = "100" })));
        Assert.Equal("c", NamesOf(_finder.Find(new SessionSelector { User = "alice", Prefix = "10.0.1.0/24" })));
        Assert.Equal("", NamesOf(_finder.Find(new SessionSelector { User = "alice", Peer = "nobody" })));
        Assert.Equal("a", NamesOf(_finder.Find(new SessionSelector { Address = "10.0.0.2", Prefix = "2001:db8::/32" })));
    }

    [Fact]
    public void A_key_of_the_index_needs_no_walk_over_tunnels()
    {
        var finder = new SessionFinder(_index, static () => throw new InvalidOperationException("a walk"));
        foreach (var key in SessionSelector.Keys.Where(static key => key is not ("peer" or "state" or "profile")))
        {
            var selector = SessionSelector.From(k => k != key ? null : key switch
            {
                "address" => "10.0.0.2", "prefix" => "10.0.0.0/28", "user" => "bob", "interface" => "ppp0", _ => "100",
            });
            Assert.NotEmpty(finder.Find(selector));
        }

        Assert.Throws<InvalidOperationException>(() => finder.Find(SessionSelector.All).ToList());
    }

    [Theory]
    [InlineData("address", "10.0.0.0/24", "an address")]
    [InlineData("address", "ten", "an address")]
    [InlineData("prefix", "10.0.0.0/33", "a network")]
    [InlineData("prefix", "2001:db8::/129", "a network")]
    [InlineData("prefix", "10.0.0.0/-1", "a network")]
    [InlineData("prefix", "10.0.0.0/", "a network")]
    public void What_is_no_address_is_refused(string key, string value, string expected)
    {
        var error = Assert.Throws<ControlRequestException>(
            () => _finder.Find(SessionSelector.From(k => k == key ? value : null)).ToList());
        Assert.StartsWith($"{key}: \"{value}\" is not {expected}", error.Message);
    }

    [Fact]
    public void One_session_is_found_by_name_then_id_then_user()
    {
        Assert.Equal("b", NamesOf([_finder.One("bob", SessionSelector.All).Value!]));
        Assert.Equal("b", NamesOf([_finder.One(_sessions["b"].Name, SessionSelector.All).Value!]));
        Assert.Equal("b", NamesOf([_finder.One(null, new SessionSelector { Interface = "ppp1" }).Value!]));
        Assert.Equal("c", NamesOf([_finder.One("alice", new SessionSelector { Interface = "ppp2" }).Value!]));
        Assert.Equal(2, _finder.One("alice", SessionSelector.All).Candidates.Count);
        Assert.Null(_finder.One("bob", new SessionSelector { User = "alice" }).Value);
        Assert.Empty(_finder.One("nobody", SessionSelector.All).Candidates);
    }

    [Fact]
    public void The_index_follows_changes_and_ends()
    {
        Up("a", "carol", "ppp9", "10.9.9.9", null);
        Assert.Equal("c", NamesOf(_index.OfUser("alice")));
        Assert.Equal("a", NamesOf(_index.OfUser("carol")));
        Assert.Equal("", NamesOf(_finder.Find(new SessionSelector { Prefix = "2001:db8:100::/40" })));
        Assert.Equal("", NamesOf(_index.OfInterface("ppp0")));
        foreach (var session in _sessions.Values)
            _pair.TellLns(new CloseSession(session.Key, "a test"));
        Assert.Equal(0, _index.Count);
        Assert.Empty(_finder.Find(new SessionSelector { Prefix = "::/0" }));
        foreach (var user in new[] { "alice", "bob", "carol", "dora" })
            Assert.Empty(_index.OfUser(user));
    }

    [Fact]
    public void A_tunnel_that_ends_takes_its_sessions_out()
    {
        _pair.TellLns(new CloseTunnel(_sessions["a"].Tunnel.Key, "a test"));
        Assert.Equal("d", NamesOf(_finder.Find(new SessionSelector { Prefix = "::/0" })));
        Assert.Equal(1, _index.Count);
    }

    [Fact]
    public void Pages_of_many_sessions_of_one_user_have_each_once()
    {
        var pair = new EnginePair(3, EnginePair.Tunnel("hq", [.. Enumerable.Range(1, 100).Select(i => new LacSession { Name = $"s{i}" })]));
        var index = new SessionIndex();
        pair.LnsEvents = index.Observe;
        foreach (var session in pair.Lns.Tunnels.Single().Sessions.Values.ToArray())
            pair.TellLns(new PppUser(session.Key, new SessionUser { Name = session.LocalId.Value % 2 == 0 ? "even" : "odd" }));
        var finder = new SessionFinder(index, static () => throw new InvalidOperationException("a walk"));
        var expected = index.OfUser("even").Select(static session => session.LocalId.Value).Order().ToList();
        var seen = new List<uint>();
        string? after = null;
        do
        {
            var page = finder.Page(
                new PageRequest(null, after, 7) { Selector = new SessionSelector { User = "even" } }, s => ViewMapper.From(s, 0));
            seen.AddRange(page.Items.Select(static view => view.LocalId));
            after = page.Next;
        }
        while (after is not null);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, seen);
    }

    private void Up(string name, string user, string @interface, string address, string? prefixes)
    {
        var key = _sessions[name].Key;
        _pair.TellLns(new PppUser(key, new SessionUser { Name = user, Prefixes = prefixes }));
        _pair.TellLns(new PppUp(key, @interface, "10.0.0.1", address));
    }

    private string NamesOf(IEnumerable<Session> sessions) => string.Concat(
        sessions.Select(session => _sessions.Single(one => one.Value == session).Key).Order());
}
