using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Operations.Control;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Counters;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Operations.Metrics;

/// <summary>Times, messages and ends of real engines in the registry.</summary>
public sealed class EngineMetricsTests
{
    private static readonly LacSession[] Two = [new LacSession { Name = "a" }, new LacSession { Name = "b" }];

    private readonly EnginePair _pair = new(11, EnginePair.Tunnel("hq", Two), EnginePair.Tunnel("branch"));
    private readonly CounterRegistry _lns = new();
    private readonly CounterRegistry _lac = new();

    public EngineMetricsTests()
    {
        var (lns, lac) = (new EngineCounterSource(_pair.Lns), new EngineCounterSource(_pair.Lac));
        lns.Register(_lns);
        lac.Register(_lac);
        (_pair.LnsEvents, _pair.LacEvents) = (lns.Observe, lac.Observe);
    }

    [Theory]
    [InlineData("l2tpd_tunnel_setup_seconds", 2)]
    [InlineData("l2tpd_session_setup_seconds", 2)]
    public void Set_ups_are_timed_at_the_end_that_asked_and_at_the_end_that_answered(string name, long expected)
    {
        Assert.Equal((expected, 0L), (Value(_lac, name, "dialled"), Value(_lac, name, "answered")));
        Assert.Equal((0L, expected), (Value(_lns, name, "dialled"), Value(_lns, name, "answered")));
    }

    [Fact]
    public void A_set_up_over_a_slow_link_is_in_a_slower_bucket()
    {
        var pair = new EnginePair(12) { Cut = true };
        pair.TellLac(new Reconfigure(new EngineConfiguration { HostName = "lac", Tunnels = [EnginePair.Tunnel("late")] }));
        pair.Pass(700);
        pair.Cut = false;
        pair.Pass(2_000);
        var times = pair.Lac.Counters.Times;
        Assert.Equal((1L, 1_000L), (times.DialledTunnels.Count, times.DialledTunnels.Sum));
        // The SCCRQ was sent twice: its acknowledgement measures nothing.
        Assert.All(times.RoundTrips.Buckets[1..].ToArray(), static late => Assert.Equal(0, late));
    }

    [Fact]
    public void Messages_are_counted_by_type_at_both_ends()
    {
        foreach (var (type, count) in new[] { ("SCCRQ", 2L), ("SCCCN", 2L), ("ICRQ", 2L), ("ICCN", 2L) })
        {
            Assert.Equal(count, Value(_lac, "l2tpd_control_messages_total", type, "sent"));
            Assert.Equal(count, Value(_lns, "l2tpd_control_messages_total", type, "received"));
        }

        Assert.Equal(2, Value(_lns, "l2tpd_control_messages_total", "SCCRP", "sent"));
        Assert.Equal(2, Value(_lac, "l2tpd_control_messages_total", "SCCRP", "received"));
    }

    [Fact]
    public void Sessions_are_counted_by_state_and_pseudowire() =>
        Assert.Equal(2, Value(_lns, "l2tpd_sessions", "carrier", "ppp", "established"));

    [Fact]
    public void Sessions_in_set_up_are_counted_by_their_state()
    {
        _pair.Cut = true;
        _pair.TellLac(new Reconfigure(new EngineConfiguration
        {
            HostName = "lac1.example.net",
            Tunnels = [EnginePair.Tunnel("hq", [.. Two, new LacSession { Name = "c" }]), EnginePair.Tunnel("branch")],
        }));
        Assert.Equal(1, Value(_lac, "l2tpd_sessions", "hq", "ppp", "wait-reply"));
        Assert.Equal(2, Value(_lac, "l2tpd_sessions", "hq", "ppp", "established"));
        Assert.All(_pair.Lac.Tunnels, static tunnel => Assert.Equal(
            tunnel.Sessions.Values.Where(static session => session.EstablishedAt is null), tunnel.SettingUp));
    }

    [Fact]
    public void Windows_are_those_of_the_established_tunnels()
    {
        Assert.Equal(
            _pair.Lns.Tunnels.Sum(static tunnel => (long)tunnel.Window), Value(_lns, "l2tpd_control_window", "carrier"));
        Assert.True(Value(_lns, "l2tpd_control_window", "carrier") >= 2);
        Assert.Equal(0, Value(_lns, "l2tpd_control_outstanding", "carrier"));
    }

    [Fact]
    public void Ends_have_causes_and_result_codes_at_both_ends()
    {
        var session = _pair.Lns.Tunnels.Single(static tunnel => tunnel.Sessions.Count == 2).Sessions.Values.First();
        _pair.TellLns(new CloseSession(session.Key, "test"));
        Assert.Equal(1, Value(_lns, "l2tpd_sessions_ended_total", "administrative"));
        Assert.Equal(1, Value(_lac, "l2tpd_sessions_ended_total", "closed-by-peer"));
        Assert.Equal(1, Value(_lns, "l2tpd_result_codes_total", "CDN", "sent", "3", "disconnected for administrative reasons"));
        Assert.Equal(1, Value(_lac, "l2tpd_result_codes_total", "CDN", "received", "3", "disconnected for administrative reasons"));

        var sessions = _pair.Lns.Tunnels.Sum(static tunnel => tunnel.Sessions.Count);
        foreach (var tunnel in _pair.Lns.Tunnels.ToArray())
            _pair.TellLns(new CloseTunnel(tunnel.Key, "test"));
        Assert.Equal(2, Value(_lns, "l2tpd_tunnels_ended_total", "carrier", "administrative"));
        Assert.Equal(1 + sessions, Value(_lns, "l2tpd_sessions_ended_total", "administrative"));
        Assert.Equal(2, _lns.Read("l2tpd_result_codes_total")[0].Samples
            .Where(static sample => sample.LabelValues[0] == "StopCCN").Sum(static sample => sample.Value));
    }

    [Fact]
    public void What_an_alert_watches_is_0_before_it_happens()
    {
        Assert.Equal(0, Value(_lns, "l2tpd_tunnels_ended_total", "carrier", "peer-unreachable"));
        Assert.Equal(0, Value(_lns, "l2tpd_ppp_ends_total", "authentication-failed"));
        _pair.Cut = true;
        _pair.Pass(300_000);
        Assert.Equal(2, Value(_lns, "l2tpd_tunnels_ended_total", "carrier", "peer-unreachable"));
    }

    [Fact]
    public void Numbers_of_a_peer_make_no_values()
    {
        var ends = new EndCounters();
        var registry = new CounterRegistry();
        ends.Register(registry, static () => []);
        var tunnel = _pair.Lns.Tunnels.Single(static tunnel => tunnel.Sessions.Count == 2);
        var session = tunnel.Sessions.Values.First();
        for (var number = 0; number <= ushort.MaxValue; number++)
        {
            var reason = new EndReason
            {
                Cause = EndCause.ClosedByPeer,
                Text = "test",
                Result = new ResultCode((ushort)number, null, null),
                ResultFromPeer = true,
                ResultIsCdn = true,
                PppCause = new PppDisconnectCause((PppDisconnectCode)number, 0, 0, null),
            };
            ends.Add(new SessionEnded(session, reason));
            ends.Add(new TunnelEnded(tunnel, reason with { ResultIsCdn = false }, 0));
        }

        var readings = registry.Read();
        Assert.True(readings.Sum(static reading => reading.Samples.Count) < 80);
        Assert.Equal(1L << 16, Sum("l2tpd_sessions_ended_total"));
        Assert.Equal(1L << 17, Sum("l2tpd_result_codes_total"));
        Assert.Equal(1L << 16, Sum("l2tpd_ppp_ends_total"));

        long Sum(string name) =>
            readings.Single(reading => reading.Family.Name == name).Samples.Sum(static sample => sample.Value);
    }

    private static long Value(CounterRegistry registry, string name, params string[] labels)
    {
        var reading = registry.Read(name).Single(reading => reading.Family.Name == name);
        return reading.Samples.Single(sample => sample.LabelValues.SequenceEqual(labels)).Value;
    }
}
