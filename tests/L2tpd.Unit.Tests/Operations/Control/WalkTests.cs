using L2tpd.Control;
using L2tpd.Engine.Configuration;
using L2tpd.Operations.Control;

namespace L2tpd.Unit.Tests.Operations.Control;

public sealed class WalkTests
{
    private static readonly EnginePair Pair = new(
        1,
        EnginePair.Tunnel("hq", [.. Enumerable.Range(1, 25).Select(Numbered)]),
        EnginePair.Tunnel("branch", new LacSession { Name = "s1" }, new LacSession { Name = "77777777" }),
        EnginePair.Tunnel("idle"));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(27)]
    [InlineData(1000)]
    public void A_walk_sees_each_session_once_and_in_order(int limit)
    {
        foreach (var engine in new[] { Pair.Lac, Pair.Lns })
        {
            var seen = new List<SessionView>();
            string? after = null;
            do
            {
                var page = SessionWalk.Sessions(engine.Tunnels, new PageRequest(null, after, limit), Pair.Now);
                Assert.InRange(page.Items.Count, 1, limit);
                seen.AddRange(page.Items);
                after = page.Next;
            }
            while (after is not null);

            Assert.Equal(27, seen.Count);
            Assert.Equal(27, seen.Select(s => (s.TunnelId, s.LocalId)).Distinct().Count());
            Assert.Equal(seen.OrderBy(s => s.TunnelId).ThenBy(s => s.LocalId), seen);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_walk_sees_each_tunnel_once_and_in_order(int limit)
    {
        var seen = new List<uint>();
        string? after = null;
        do
        {
            var page = TunnelWalk.Tunnels(Pair.Lns.Tunnels, new PageRequest(null, after, limit), Pair.Now);
            seen.AddRange(page.Items.Select(t => t.LocalId));
            after = page.Next;
        }
        while (after is not null);
        Assert.Equal(Pair.Lns.Tunnels.Select(t => t.LocalId.Value).Order(), seen);
        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public void Lists_are_limited_to_a_name()
    {
        int Sessions(string name) => SessionWalk.Sessions(Pair.Lac.Tunnels, new PageRequest(name), Pair.Now).Items.Count;
        int Tunnels(string name) => TunnelWalk.Tunnels(Pair.Lac.Tunnels, new PageRequest(name), Pair.Now).Items.Count;
        var hq = Pair.Lac.Tunnels.Single(t => t.Name == "hq");
        Assert.Equal(25, Sessions("hq"));
        Assert.Equal(25, Sessions($"{hq.LocalId}"));
        Assert.Equal(1, Sessions("hq/s7"));
        Assert.Equal(2, Sessions("s1"));
        Assert.Equal(0, Sessions("nothing"));
        Assert.Equal(1, Tunnels("branch"));
        Assert.Equal(1, Tunnels($"{hq.LocalId}"));
        Assert.Equal(0, Tunnels("nothing"));
        Assert.Equal(3, TunnelWalk.Tunnels(Pair.Lns.Tunnels, new PageRequest("carrier"), Pair.Now).Items.Count);
        Assert.Equal(27, SessionWalk.Sessions(Pair.Lns.Tunnels, new PageRequest("carrier"), Pair.Now).Items.Count);
    }

    [Fact]
    public void Every_name_and_id_that_is_shown_finds_its_own()
    {
        foreach (var engine in new[] { Pair.Lac, Pair.Lns })
        {
            foreach (var tunnel in engine.Tunnels)
            {
                Assert.Same(tunnel, NameLookup.Tunnel(engine.Tunnels, tunnel.Name).Value);
                Assert.Same(tunnel, NameLookup.Tunnel(engine.Tunnels, NameLookup.Id(tunnel)).Value);
                foreach (var session in tunnel.Sessions.Values)
                {
                    Assert.Same(session, NameLookup.Session(engine.Tunnels, session.Name).Value);
                    Assert.Same(session, NameLookup.Session(engine.Tunnels, NameLookup.Id(session)).Value);
                    var bySessionId = NameLookup.Session(engine.Tunnels, $"{session.LocalId}");
                    Assert.True(bySessionId.Value == session || bySessionId.Candidates.Contains(NameLookup.Id(session)));
                }
            }
        }
    }

    [Fact]
    public void The_last_part_of_a_configured_name_is_enough_when_only_one_has_it()
    {
        Assert.Equal("hq/s7", NameLookup.Session(Pair.Lac.Tunnels, "s7").Value?.Name);
        Assert.Equal("branch/77777777", NameLookup.Session(Pair.Lac.Tunnels, "77777777").Value?.Name);
        var ambiguous = NameLookup.Session(Pair.Lac.Tunnels, "s1");
        Assert.Null(ambiguous.Value);
        var candidates = ambiguous.Candidates.Select(c => NameLookup.Session(Pair.Lac.Tunnels, c).Value?.Name).Order();
        Assert.Equal(["branch/s1", "hq/s1"], candidates);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("0")]
    [InlineData("0/0")]
    [InlineData("hq/")]
    [InlineData("/s1")]
    [InlineData("99999999999999999999")]
    [InlineData("-1")]
    [InlineData("hq/s1/")]
    public void What_fits_nothing_is_not_found(string name)
    {
        Assert.Equal((null, 0), Shape(NameLookup.Tunnel(Pair.Lac.Tunnels, name)));
        Assert.Equal((null, 0), Shape(NameLookup.Session(Pair.Lac.Tunnels, name)));
        Assert.Equal((null, 0), Shape(NameLookup.Session(Pair.Lns.Tunnels, name)));

        static (object?, int) Shape<T>(LookupResult<T> result)
            where T : class => (result.Value, result.Candidates.Count);
    }

    [Fact]
    public void Foreign_cursors_are_refused()
    {
        var request = new PageRequest(null, "x");
        Assert.Throws<ControlRequestException>(() => SessionWalk.Sessions(Pair.Lac.Tunnels, request, 0));
        Assert.Throws<ControlRequestException>(() => SessionWalk.Sessions(Pair.Lac.Tunnels, new PageRequest(null, "12"), 0));
        Assert.Throws<ControlRequestException>(() => TunnelWalk.Tunnels(Pair.Lac.Tunnels, request, 0));
        Assert.Throws<ControlRequestException>(() => TunnelWalk.Peers([], Pair.Lac.Tunnels, request));
    }

    [Fact]
    public void Peers_are_counted_with_and_without_tunnels()
    {
        var unused = new PeerProfile
        {
            Name = "unused",
            HostNamePattern = "x*",
            Quirks = PeerQuirks.NoHello | PeerQuirks.WindowOfOne,
            Secret = [1],
        };
        var page = TunnelWalk.Peers([unused], Pair.Lns.Tunnels, new PageRequest());
        Assert.Equal(["unused", "carrier"], page.Items.Select(p => p.Name));
        Assert.Equal(["window-of-one", "no-hello"], page.Items[0].Quirks);
        Assert.True(page.Items[0].HasSecret);
        Assert.Equal((0, 0), (page.Items[0].Tunnels, page.Items[0].Sessions));
        Assert.Equal((3, 27, 0), (page.Items[1].Tunnels, page.Items[1].Sessions, page.Items[1].HalfOpenTunnels));
        Assert.Equal(Pair.Lns.Tunnels.Sum(t => t.Counters.MessagesReceived), page.Items[1].Counters["messagesReceived"]);
        Assert.True(page.Items[1].Counters["messagesReceived"] > 0);

        var first = TunnelWalk.Peers([unused], Pair.Lns.Tunnels, new PageRequest(null, null, 1));
        Assert.Equal("unused", Assert.Single(first.Items).Name);
        var second = TunnelWalk.Peers([unused], Pair.Lns.Tunnels, new PageRequest(null, first.Next, 1));
        Assert.Equal("carrier", Assert.Single(second.Items).Name);
        Assert.Null(second.Next);
    }

    private static LacSession Numbered(int i) => new() { Name = $"s{i}", CalledNumber = "100", CallingNumber = $"0{i}" };
}
