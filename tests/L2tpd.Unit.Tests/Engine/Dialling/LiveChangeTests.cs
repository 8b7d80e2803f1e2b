using System.Net;
using System.Reflection;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Dialling;

/// <summary>A reload changes a dialled tunnel without closing it where that is possible, and the difference names the keys.</summary>
public sealed class LiveChangeTests
{
    [Fact]
    public void Another_hello_interval_counts_at_once_and_the_tunnel_stays()
    {
        var (engine, peer) = Established(A());
        Reload(engine, A() with { Peer = A().Peer with { Timers = new TunnelTimers { HelloInterval = TimeSpan.FromSeconds(5) } } });
        engine.Wait(4_800);
        peer.ExpectNoMessage();
        engine.Wait(300);
        peer.Expect<Hello>();
        Assert.Single(engine.Transports);
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
    }

    [Fact]
    public void A_dead_peer_is_detected_by_the_new_count_of_retransmissions()
    {
        var (engine, peer) = Established(A());
        var timers = new TunnelTimers
        {
            HelloInterval = TimeSpan.FromSeconds(5),
            MaxRetransmits = 1,
            RetransmitInitial = TimeSpan.FromSeconds(2),
        };
        Reload(engine, A() with { Peer = A().Peer with { Timers = timers } });
        engine.Wait(5_000);
        peer.Expect<Hello>();
        // Once again after 2 s, and 4 s later the tunnel ends.
        engine.Wait(5_900);
        Assert.Empty(engine.EventsOf<TunnelEnded>());
        engine.Wait(200);
        Assert.Equal(EndCause.PeerUnreachable, Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Cause);
    }

    [Fact]
    public void Other_waits_between_attempts_count_when_the_tunnel_ends()
    {
        var (engine, peer) = Established(A());
        Reload(engine, A() with { Backoff = new Backoff { Initial = TimeSpan.FromSeconds(7), Jitter = 0 } });
        peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new(1) });
        Assert.Equal(TimeSpan.FromSeconds(7), Assert.Single(engine.EventsOf<RetryScheduled>()).Delay);
    }

    [Fact]
    public void A_session_more_is_asked_for_and_one_less_is_ended_while_the_others_stay()
    {
        var (engine, peer) = Established(A() with { Sessions = [new LacSession { Name = "stays" }, new LacSession { Name = "goes" }] });
        ConnectTwo(peer);
        peer.Acknowledge();
        Reload(
            engine, A() with { Sessions = [new LacSession { Name = "stays" }, new LacSession { Name = "comes", CallingNumber = "17" }] });
        Assert.Equal(CdnResult.Administrative, peer.Expect<Cdn>().Result.Result);
        Assert.Equal("17", peer.Expect<Icrq>().CallingNumber);
        peer.ExpectNoMessage();
        Assert.Equal(["a/comes", "a/stays"], engine.Tunnel.Sessions.Values.Select(static session => session.Name).Order());
        Assert.Equal("a/goes", Assert.Single(engine.EventsOf<SessionEnded>()).Session.Name);
        engine.Wait(100);
        Assert.Empty(engine.EventsOf<RetryScheduled>());
    }

    [Fact]
    public void A_session_that_changed_is_set_up_again_and_one_whose_waits_changed_is_not()
    {
        var (engine, peer) = Established(A() with { Sessions = [new LacSession { Name = "number" }, new LacSession { Name = "waits" }] });
        ConnectTwo(peer);
        peer.Acknowledge();
        var waits = new Backoff { Initial = TimeSpan.FromSeconds(9), Jitter = 0 };
        Reload(engine, A() with
        {
            Sessions = [new LacSession { Name = "number", CallingNumber = "18" }, new LacSession { Name = "waits", Backoff = waits }],
        });
        peer.Expect<Cdn>();
        Assert.Equal("18", peer.Expect<Icrq>().CallingNumber);
        peer.ExpectNoMessage();
        var session = engine.Tunnel.Sessions.Values.Single(static session => session.Name == "a/waits");
        peer.Send(new Cdn { LocalSessionId = new(2), RemoteSessionId = session.LocalId, Result = new(2) });
        Assert.Equal(
            ("a/waits", TimeSpan.FromSeconds(9)),
            (engine.EventsOf<RetryScheduled>().Single().Name, engine.EventsOf<RetryScheduled>().Single().Delay));
    }

    [Fact]
    public void A_session_that_changed_waits_for_the_PPP_of_the_one_before_it()
    {
        var (engine, peer, key) = PppStarted();
        engine.Tell(new PppUp(key, "ppp77", "10.0.0.1", "10.0.0.2"));
        Reload(engine, A() with { Sessions = [WithPpp with { CallingNumber = "18" }] });
        peer.Expect<Cdn>();
        peer.Acknowledge();
        // The earlier pppd still has the interface name.
        engine.Wait(5_000);
        peer.ExpectNoMessage();
        engine.Tell(new PppEnded(key, CdnResult.Administrative, null, "stopped"));
        Assert.Equal("18", peer.Expect<Icrq>().CallingNumber);
        Assert.Empty(engine.EventsOf<RetryScheduled>());
    }

    [Fact]
    public void Refused_credentials_of_a_session_that_is_no_longer_configured_plan_nothing()
    {
        var (engine, peer, key) = PppStarted();
        Reload(engine, A());
        peer.Expect<Cdn>();
        engine.Tell(new PppRefused(key, "alice", "CHAP authentication failed"));
        engine.Tell(new PppEnded(key, CdnResult.Administrative, null, "stopped"));
        peer.Acknowledge();
        engine.Wait(30_000);
        Assert.Empty(engine.EventsOf<RetryScheduled>());
        Assert.Empty(engine.EventsOf<RetryAbandoned>());
    }

    [Fact]
    public void What_cannot_be_applied_is_named_in_the_reason_for_which_the_tunnel_is_closed()
    {
        var (engine, peer) = Established(A());
        Reload(
            engine,
            A() with { SourcePort = 1702, Peer = A().Peer with { Secret = [1], Timers = new TunnelTimers { MaxRetransmits = 3 } } });
        peer.Expect<StopCcn>();
        Assert.Equal(
            "the tunnel was changed in the configuration (source-port, secret): it is dialled again",
            Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Text);
        Assert.Equal(2, engine.Transports.Count);
    }

    [Fact]
    public void One_that_waits_to_be_dialled_is_dialled_at_once_when_it_changed()
    {
        var engine = new EngineUnderTest(Given.Lac(A())) { Resolver = static _ => [] };
        engine.Start();
        Reload(engine, A() with { Backoff = new Backoff { Initial = TimeSpan.FromSeconds(7) } });
        Assert.Equal(2, engine.Resolves.Count);
    }

    public static TheoryData<string> Properties() =>
    [
        .. typeof(LacTunnel).GetProperties().Select(static property => $"{nameof(LacTunnel)}.{property.Name}"),
        .. typeof(PeerProfile).GetProperties().Select(static property => $"{nameof(PeerProfile)}.{property.Name}"),
    ];

    // A setting that this test does not know would be lost in a reload.
    [Theory]
    [MemberData(nameof(Properties))]
    public void No_setting_is_overlooked(string name)
    {
        var (type, property) = (name.Split('.')[0], name.Split('.')[1]);
        if (property == "Name")
            return;
        var now = A() with { Sessions = [new LacSession { Name = "s" }] };
        var then = type == nameof(LacTunnel)
            ? Altered(now with { }, typeof(LacTunnel).GetProperty(property)!)
            : now with { Peer = Altered(now.Peer with { }, typeof(PeerProfile).GetProperty(property)!) };
        Assert.False(TunnelDifference.Between(now, then).IsNone);
        var same = now with { Sessions = [.. now.Sessions], Peer = now.Peer with { Prefixes = [.. now.Peer.Prefixes] } };
        Assert.True(TunnelDifference.Between(now, same).IsNone);
        if (type == nameof(PeerProfile))
        {
            var peers = ConfigurationDifference.Peers(Given.Lns(now.Peer), Given.Lns(then.Peer)).ToArray();
            Assert.Equal(DifferenceKind.Changed, Assert.Single(peers).Kind);
        }
    }

    [Fact]
    public void Sessions_that_cannot_be_had_cost_time_in_proportion_to_their_number()
    {
        Measure(1_000);
        var ratios = new List<double>();
        while (ratios.Count < 4 && (ratios.Count == 0 || ratios.Min() > 3))
            ratios.Add(Measure(16_000) / Measure(8_000));
        Assert.InRange(ratios.Min(), 0, 3);

        static double Measure(int count)
        {
            var tunnel = A() with { Sessions = [.. Enumerable.Range(0, count).Select(static i => new LacSession { Name = $"s{i}" })] };
            var engine = new EngineUnderTest(Given.Lac(tunnel) with { Limits = new EngineLimits { MaxSessions = 1 } });
            var peer = new ScriptedPeer(engine);
            engine.Start();
            var before = ThreadClock.Seconds;
            peer.Answer();
            Assert.Equal(count - 1, engine.EventsOf<RetryScheduled>().Count());
            return ThreadClock.Seconds - before;
        }
    }

    [Fact]
    public void Added_changed_removed_and_kept_objects_are_reported_by_name()
    {
        static PeerProfile Peer(string name, int tunnels = 1) => new() { Name = name, MaxTunnels = tunnels };
        var found = ConfigurationDifference.Peers(
            Given.Lns() with { Peers = [Peer("kept"), Peer("gone"), Peer("changed")] },
            Given.Lns() with { Peers = [Peer("changed", 2), Peer("kept"), Peer("new")] });
        Assert.Equal(
            ["changed Changed limits", "kept Kept ", "new Added ", "gone Removed "],
            found.Select(static one => $"{one.Name} {one.Kind} {string.Join(',', one.Keys)}"));
    }

    private static T Altered<T>(T record, PropertyInfo property)
    {
        var value = property.PropertyType switch
        {
            var type when type == typeof(bool) => !(bool)property.GetValue(record)!,
            var type when type == typeof(string) => "other",
            var type when type == typeof(int) => 77,
            var type when type == typeof(ushort) || type == typeof(ushort?) => (ushort)77,
            var type when type == typeof(uint) || type == typeof(uint?) => 77u,
            var type when type == typeof(byte[]) => new byte[] { 7, 7 },
            var type when type.IsEnum => Enum.ToObject(type, Convert.ToInt32(property.GetValue(record)!) + 1),
            var type when Nullable.GetUnderlyingType(type) is { IsEnum: true } inner => Enum.ToObject(inner, 1),
            var type when type == typeof(TimeSpan) || type == typeof(TimeSpan?) => TimeSpan.FromSeconds(77),
            _ => OtherOf(property),
        };
        property.SetValue(record, value);
        return record;
    }

    private static object OtherOf(PropertyInfo property) => property.Name switch
    {
        nameof(LacTunnel.Remotes) => System.Collections.Immutable.ImmutableArray.Create(new RemoteHost("192.0.2.77")),
        nameof(LacTunnel.Sessions) => System.Collections.Immutable.ImmutableArray.Create(new LacSession { Name = "other" }),
        nameof(LacTunnel.Backoff) => new Backoff { Initial = TimeSpan.FromSeconds(77) },
        nameof(LacTunnel.Peer) => new PeerProfile { Name = "a", FwMark = 77 },
        nameof(PeerProfile.Prefixes) => System.Collections.Immutable.ImmutableArray.Create(IPNetwork.Parse("10.77.0.0/16")),
        nameof(PeerProfile.Pseudowires) => System.Collections.Immutable.ImmutableArray.Create(L2tpd.Protocol.Avps.PseudowireType.Ppp),
        nameof(PeerProfile.Endpoints) => System.Collections.Immutable.ImmutableArray.Create(
            new PseudowireEndpoint("e", "e", new SessionProfile())),
        nameof(PeerProfile.Timers) => new TunnelTimers { MaxRetransmits = 77 },
        nameof(PeerProfile.Ipsec) => new IpsecSettings { Policy = IpsecPolicy.Required },
        nameof(PeerProfile.SamePeer) => SamePeerPolicy.Keep,
        nameof(PeerProfile.Session) => new SessionProfile { Ppp = "other" },
        _ => throw new NotSupportedException($"tell this test of another value for {property.Name} ({property.PropertyType})"),
    };

    private static readonly LacSession WithPpp = new() { Name = "s", Session = new SessionProfile { Ppp = "p" } };

    /// <summary>One session whose PPP runs until the test ends it.</summary>
    private static (EngineUnderTest Engine, ScriptedPeer Peer, SessionKey Session) PppStarted()
    {
        var (engine, peer) = Established(A() with { Sessions = [WithPpp] });
        engine.EndsPpp = false;
        peer.Send(new Icrp { LocalSessionId = new(5), RemoteSessionId = peer.Expect<Icrq>().LocalSessionId });
        peer.Expect<Iccn>();
        peer.Acknowledge();
        return (engine, peer, engine.Tunnel.Sessions.Values.Single().Key);
    }

    private static void ConnectTwo(ScriptedPeer peer)
    {
        uint[] requests = [(peer.Expect<Icrq>().LocalSessionId).Value, (peer.Expect<Icrq>().LocalSessionId).Value];
        for (ushort id = 1; id <= 2; id++)
        {
            peer.Send(new Icrp { LocalSessionId = new(id), RemoteSessionId = new(requests[id - 1]) });
            peer.Expect<Iccn>();
        }
    }

    private static void Reload(EngineUnderTest engine, LacTunnel tunnel) => engine.Tell(new Reconfigure(Given.Lac(tunnel)));

    private static LacTunnel A() =>
        Given.Tunnel() with
        {
            Name = "a",
            Backoff = new Backoff { Jitter = 0 },
            Sessions = [],
            Peer = Given.Tunnel().Peer with { Name = "a" },
        };

    private static (EngineUnderTest Engine, ScriptedPeer Peer) Established(LacTunnel tunnel)
    {
        var engine = new EngineUnderTest(Given.Lac(tunnel));
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        return (engine, peer);
    }
}
