using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Operations.Control;
using L2tpd.Operations.Events;
using L2tpd.Operations.History;
using L2tpd.Protocol.Avps;

namespace L2tpd.Unit.Tests.Operations.Control;

public sealed class HistoryTests
{
    private static readonly EndReason Administrative = new() { Cause = EndCause.Administrative, Text = "closed by root" };

    [Fact]
    public void Keeps_the_last_of_each_kind()
    {
        var history = new HistoryLog(3);
        history.Add(Tunnel("t", 1));
        for (var i = 1u; i <= 10; i++)
            history.Add(SessionOf(i));
        for (var i = 0; i < 10; i++)
            history.Record(new TunnelRefused(EnginePair.LacEnd, "mallory", new ResultCode(4), "no peer fits"), 0);

        var page = history.Read(new PageRequest());
        Assert.Equal(
            ["tunnel-refused", "tunnel-refused", "tunnel-refused", "session-ended", "session-ended", "session-ended", "tunnel-ended"],
            page.Items.Select(e => e.Kind));
        Assert.Equal([21L, 20, 19, 11, 10, 9, 1], page.Items.Select(e => e.Number));
        Assert.Null(page.Next);
    }

    [Fact]
    public void Half_open_strangers_and_failed_lookups_push_out_no_real_end()
    {
        var history = new HistoryLog(3);
        history.Add(Tunnel("t", 1));
        for (var i = 2u; i <= 11; i++)
            history.Add(Tunnel("any/?/1", i) with { IsHalfOpenEnd = true });
        for (var i = 0; i < 10; i++)
            history.Record(new LookupFailed("lns.invalid", "lns.invalid: no such host"), 0);
        var items = history.Read(new PageRequest()).Items;
        Assert.Equal([21L, 20, 19, 11, 10, 9, 1], items.Select(e => e.Number));
        Assert.Equal(("lookup-failed", "lookup-failed", "lns.invalid: no such host"), (items[0].Kind, items[0].Cause, items[0].Reason));
        Assert.Null(items[0].Remote);
    }

    [Fact]
    public void A_flood_of_failed_ike_pushes_out_nothing_else()
    {
        var history = new HistoryLog(3);
        history.Add(Tunnel("t", 1));
        history.Record(new LookupFailed("lns.invalid", "lns.invalid: no such host"), 0);
        for (var i = 0; i < 1_000_000; i++)
            history.Record(new IkeFailed("192.0.2.9", "the pre-shared keys of the two ends differ"), 0);
        var items = history.Read(new PageRequest()).Items;
        Assert.Equal(["ike-failed", "ike-failed", "ike-failed", "lookup-failed", "tunnel-ended"], items.Select(e => e.Kind));
        Assert.Equal(
            ("ike-failed", "192.0.2.9", "the pre-shared keys of the two ends differ"), (items[0].Cause, items[0].Remote, items[0].Reason));
    }

    [Fact]
    public void Is_read_in_pages_the_latest_first()
    {
        var history = new HistoryLog(100);
        for (var i = 1u; i <= 7; i++)
            history.Add(i % 2 == 0 ? Tunnel("t", i) : SessionOf(i));
        var numbers = new List<long>();
        string? after = null;
        do
        {
            var page = history.Read(new PageRequest(null, after, 3));
            numbers.AddRange(page.Items.Select(e => e.Number));
            after = page.Next;
        }
        while (after is not null);
        Assert.Equal([7L, 6, 5, 4, 3, 2, 1], numbers);
        Assert.Empty(new HistoryLog().Read(new PageRequest()).Items);
        Assert.Throws<ControlRequestException>(() => history.Read(new PageRequest(null, "x")));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HistoryLog(0));
    }

    [Theory]
    [InlineData("hq", 2)]
    [InlineData("hq/5", 1)]
    [InlineData("9", 2)]
    [InlineData("9/5", 1)]
    [InlineData("carrier", 2)]
    [InlineData("5", 0)]
    public void Is_limited_to_a_name(string name, int count)
    {
        var history = new HistoryLog();
        history.Add(Tunnel("hq", 9));
        history.Add(SessionOf(5) with { Tunnel = "hq", TunnelId = 9, Name = "hq/5" });
        history.Add(Tunnel("other", 10) with { Peer = "else" });
        Assert.Equal(count, history.Read(new PageRequest(name)).Items.Count);
    }

    [Fact]
    public void Knows_what_was_unanswered_when_the_link_is_cut()
    {
        var history = new HistoryLog();
        var pair = new EnginePair(5, EnginePair.Tunnel("hq", new LacSession { Name = "office" }));
        pair.LnsEvents = e => history.Record(e, pair.Now);
        pair.Pass(1_000);
        var tunnel = pair.Lns.Tunnels.Single();
        var name = tunnel.Name;
        pair.TellLns(new TransportError(tunnel.Key, "Connection refused (ECONNREFUSED) from 192.0.2.1:1701"));
        pair.Cut = true;
        pair.Pass(200_000);

        var entries = history.Read(new PageRequest()).Items;
        var ended = Assert.Single(entries, e => e.Kind == "tunnel-ended");
        Assert.Equal(
            (name, "carrier", "peer-unreachable", "HELLO", 6),
            (ended.Name, ended.Peer, ended.Cause, ended.UnansweredMessage, ended.Transmissions));
        Assert.Equal("192.0.2.1:1701", ended.Remote);
        Assert.StartsWith($"HELLO was sent 6 times over {ended.UnansweredSeconds:0.###} s without an answer", ended.Reason);
        Assert.Contains("last socket error: Connection refused (ECONNREFUSED) from 192.0.2.1:1701", ended.Reason);
        Assert.Equal(1, ended.Sessions);
        Assert.True(ended.UpSeconds > 60);
        var session = Assert.Single(entries, e => e.Kind == "session-ended");
        Assert.Equal((name, "tunnel-ended"), (session.Tunnel, session.Cause));
        Assert.False(string.IsNullOrWhiteSpace(session.Reason));
    }

    [Fact]
    public void A_tunnel_of_many_sessions_is_one_entry_with_its_sessions_below_it()
    {
        const int sessions = 5;
        var history = new HistoryLog();
        var configured = Enumerable.Range(0, sessions).Select(i => new LacSession { Name = $"s{i}" });
        var pair = new EnginePair(5, EnginePair.Tunnel("hq", [.. configured]));
        pair.LacEvents = e => history.Record(e, pair.Now);
        pair.Pass(1_000);
        var id = pair.Lac.Tunnels.Single().LocalId;
        pair.Cut = true;
        pair.Pass(100_000);

        var ended = Assert.Single(
            history.Read(new PageRequest()).Items, entry => entry.Kind is "tunnel-ended" or "session-ended" && entry.TunnelId == id.Value);
        Assert.Equal(("tunnel-ended", "hq", sessions, sessions), (ended.Kind, ended.Name, ended.Sessions, ended.SessionsUp));
        Assert.Equal(3, ended.SessionSample!.Count);
        Assert.All(ended.SessionSample, name => Assert.StartsWith("hq/s", name, StringComparison.Ordinal));
        Assert.Contains("HELLO was sent", ended.Reason, StringComparison.Ordinal);

        var ofName = history.Read(new PageRequest("hq")).Items;
        var below = ofName.Where(entry => entry.TunnelId == id.Value && entry.Kind == "session-ended").ToList();
        Assert.Equal(sessions, below.Count);
        Assert.All(below, entry => Assert.True(entry.Number > ended.Number));
        // The tunnel's entry says how often each message was sent; the entries of its sessions do not repeat it.
        Assert.All(below, entry => Assert.DoesNotContain("HELLO was sent", entry.Reason, StringComparison.Ordinal));
        Assert.Single(history.Read(new PageRequest("hq/s1")).Items);
    }

    [Fact]
    public void Knows_who_closed()
    {
        var here = new HistoryLog();
        var there = new HistoryLog();
        var pair = new EnginePair(6, EnginePair.Tunnel("hq", new LacSession { Name = "office", Persist = false }));
        pair.LnsEvents = e => there.Record(e, pair.Now);
        pair.LacEvents = e => here.Record(e, pair.Now);
        pair.TellLac(new CloseSession(pair.Lac.Tunnels.Single().Sessions.Values.Single().Key, "uid 0 (pid 7)"));
        pair.Pass(5_000);

        var ours = Assert.Single(here.Read(new PageRequest()).Items);
        Assert.Equal(("hq/office", "administrative"), (ours.Name, ours.Cause));
        Assert.Contains("uid 0 (pid 7)", ours.Reason);
        var theirs = Assert.Single(there.Read(new PageRequest()).Items);
        Assert.Equal("closed-by-peer", theirs.Cause);
        Assert.StartsWith("the peer sent CDN: result 3 (disconnected for administrative reasons)", theirs.Reason);
        Assert.Equal(("CDN", true, 3), (theirs.Result!.Message, theirs.Result.FromPeer, theirs.Result.Code));
    }

    [Fact]
    public void Other_events_are_not_history()
    {
        var history = new HistoryLog();
        Assert.False(history.Record(new RetryScheduled("x", 1, TimeSpan.Zero, "y"), 0));
        Assert.False(history.Record(new Dialling("x", EnginePair.LnsEnd), 0));
        Assert.Empty(history.Read(new PageRequest()).Items);
    }

    [Fact]
    public void Time_is_the_wall_clocks()
    {
        var at = new DateTimeOffset(2026, 11, 21, 1, 2, 3, TimeSpan.Zero);
        var history = new HistoryLog(5, new FixedClock(at));
        history.Add(Tunnel("t", 1) with { UpMilliseconds = 1_500 });
        var entry = Assert.Single(history.Read(new PageRequest()).Items);
        Assert.Equal(at, entry.At);
        Assert.Equal(1.5, entry.UpSeconds);
    }

    [Fact]
    public async Task Is_read_while_it_is_written()
    {
        var history = new HistoryLog(50);
        var writer = Task.Run(() =>
        {
            for (var i = 1u; i <= 100_000; i++)
                history.Add(SessionOf(i));
        });
        while (!writer.IsCompleted)
        {
            var items = history.Read(new PageRequest()).Items;
            Assert.True(items.Count <= 50);

            // In order, without gaps, and each entry complete: name and number belong together.
            for (var i = 0; i < items.Count; i++)
            {
                Assert.Equal(items[0].Number - i, items[i].Number);
                Assert.Equal($"s/{items[i].Number}", items[i].Name);
            }
        }

        await writer;
        Assert.Equal(100_000, history.Read(new PageRequest()).Items[0].Number);
    }

    private static HistoryRecord Tunnel(string name, uint id) => new()
    {
        Kind = HistoryKind.TunnelEnded,
        Name = name,
        Peer = "carrier",
        TunnelId = id,
        UpMilliseconds = -1,
        Reason = Administrative,
    };

    private static HistoryRecord SessionOf(uint id) => new()
    {
        Kind = HistoryKind.SessionEnded,
        Name = $"s/{id}",
        Tunnel = "s",
        Peer = "carrier",
        TunnelId = 1,
        SessionId = id,
        UpMilliseconds = -1,
        Reason = Administrative,
    };

    private sealed class FixedClock(DateTimeOffset at) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => at;
    }
}
