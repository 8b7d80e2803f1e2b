using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Ipsec.Associations;
using L2tpd.Ipsec.Connections;
using L2tpd.Ipsec.Vici;
using L2tpd.Protocol;
using L2tpd.Runtime.Ipsec;
using L2tpd.Runtime.Loop;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Ipsec;

public sealed class ProtectedTunnelTests : IIkeDaemon, IViciCommands, IInputSink
{
    private const string Name = "l2tpd-dial-hq-192-0-2-1";

    private static readonly TunnelKey One = new(new TunnelId(1), 1);
    private static readonly TunnelKey Two = new(new TunnelId(2), 2);

    private readonly EnginePair _pair = new(1, EnginePair.Tunnel("hq"), EnginePair.Tunnel("branch"));
    private readonly LoopTimers _timers;
    private readonly List<string> _seen = [];
    private readonly ProtectedTunnels _tunnels;
    private Action<string?>? _initiated;
    private long _now;

    public ProtectedTunnelTests()
    {
        _timers = new LoopTimers(() => _now);
        Connections = new ConnectionLoader(this, (_, _) => { });
        _tunnels = new ProtectedTunnels(this, (tunnel, _) => _seen.Add($"open {tunnel.LocalId.Value}"), this, _timers);
        Associations.Started += _tunnels.HandleStarted;
        Associations.Ended += _tunnels.HandleEnded;
    }

    public bool IsReached => IsReady;

    public bool IsReady { get; set; } = true;

    public SecurityAssociations Associations { get; } = new();

    public ConnectionLoader Connections { get; }

    void IViciCommands.Request(string name, ViciSection arguments, TimeSpan limit, Action<ViciResult> done)
    {
        if (name.EndsWith("-conn", StringComparison.Ordinal))
            _seen.Add(name);
        done(ViciResult.Of(new ViciSection()));
    }

    public IDisposable Initiate(string connection, TimeSpan limit, Action<string?> done)
    {
        _seen.Add("initiate " + connection);
        _initiated = done;
        return new Cancelled(_seen);
    }

    void IIkeDaemon.Terminate(string connection) => _seen.Add("terminate " + connection);

    void IIkeDaemon.Terminate(SecurityAssociation association) => _seen.Add($"terminate {association.ChildId}");

    void IIkeDaemon.TerminateReplaced(SecurityAssociation association) =>
        _seen.AddRange(Associations.TakeReplaced(association).Select(static child => $"terminate replaced {child}"));

    void IInputSink.Submit(EngineInput input) => Note(input);

    void IInputSink.Post(EngineInput input) => Note(input);

    void IInputSink.Post(Action work) => work();

    private void Note(EngineInput input) =>
        _seen.Add(input is PeerCutOff cutOff ? $"cut off: {cutOff.Reason}" : ((TransportFailed)input).Error);

    [Fact]
    public void A_tunnel_without_credentials_is_opened_at_once()
    {
        _tunnels.Open(One, Dialled() with { Ipsec = new IpsecSettings { Policy = IpsecPolicy.Required } });
        Assert.Equal(["open 1"], _seen);
    }

    [Fact]
    public void A_dialled_tunnel_waits_for_its_association_and_its_end_ends_it()
    {
        _tunnels.Open(One, Dialled());
        Assert.Equal(["load-conn", "initiate " + Name], _seen);
        _initiated!(null);
        Assert.Equal("open 1", _seen[^1]);
        _tunnels.Close(One);
        Assert.Equal(["cancel", "unload-conn", "terminate " + Name], _seen[3..]);
    }

    [Fact]
    public void A_failure_is_the_tunnels_in_words_and_with_preferred_it_goes_on_in_clear_text()
    {
        _tunnels.Open(One, Dialled());
        _initiated!("the pre-shared keys of the two ends differ");
        Assert.Equal("IPsec with 192.0.2.1: the pre-shared keys of the two ends differ", _seen[^1]);
        _tunnels.Open(Two, Dialled(IpsecPolicy.Preferred));
        _initiated!("the peer does not answer");
        Assert.Equal("open 2", _seen[^1]);
    }

    [Fact]
    public void Without_strongswan_a_tunnel_waits_and_fails_in_words_after_a_while()
    {
        IsReady = false;
        _tunnels.HandleLost("cannot connect to /run/charon.vici");
        _tunnels.Open(One, Dialled());
        Run(ProtectedTunnels.ReachLimit - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_seen);
        Run(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["IPsec with 192.0.2.1: strongSwan was not reached in 30 s: cannot connect to /run/charon.vici"], _seen);
    }

    [Fact]
    public void A_tunnel_goes_on_when_strongswan_is_reached_and_one_that_was_closed_meanwhile_does_not()
    {
        IsReady = false;
        _tunnels.Open(One, Dialled());
        _tunnels.Open(Two, Dialled());
        _tunnels.Close(Two);
        _seen.Clear();
        IsReady = true;
        _tunnels.HandleReached();
        Assert.Equal(["load-conn", "initiate " + Name], _seen);
        _initiated!(null);
        Run(2 * ProtectedTunnels.ReachLimit);
        Assert.Equal("open 1", _seen[^1]);
    }

    [Fact]
    public void What_a_dialled_tunnel_waits_for_is_said()
    {
        var tunnel = _pair.Lac.Tunnels.First();
        IsReady = false;
        _tunnels.HandleLost("no such file");
        Assert.Null(_tunnels.WaitOf(tunnel));
        _tunnels.Open(tunnel.Key, Dialled());
        Assert.Equal("IPsec with 192.0.2.1 waits for strongSwan: no such file", _tunnels.WaitOf(tunnel));
        IsReady = true;
        _tunnels.HandleReached();
        Assert.Equal("IKE with 192.0.2.1 is under way", _tunnels.WaitOf(tunnel));
        _initiated!(null);
        Assert.Null(_tunnels.WaitOf(tunnel));
    }

    [Fact]
    public void The_end_of_the_daemon_ends_the_associations_and_connections_of_its_tunnels()
    {
        var tunnel = Established(out var peer);
        Start(5, peer);
        _tunnels.Observe(new TunnelEstablished(tunnel));
        _tunnels.Open(One, Dialled());
        _seen.Clear();
        _tunnels.CloseAll();
        Assert.Equal(["terminate 5", "cancel", "unload-conn", "terminate " + Name], _seen);
    }

    [Fact]
    public void An_attempt_that_is_given_up_opens_nothing_and_a_second_tunnel_keeps_the_connection()
    {
        _tunnels.Open(One, Dialled());
        var first = _initiated!;
        _tunnels.Open(Two, Dialled());
        _tunnels.Close(One);
        Assert.Equal("cancel", _seen[^1]);
        first(null);
        Assert.Equal("cancel", _seen[^1]);
        _tunnels.Close(Two);
        Assert.Equal("terminate " + Name, _seen[^1]);
    }

    [Fact]
    public void A_new_attempt_ends_what_is_left_of_the_one_before()
    {
        Start(5, IPAddress.Parse("192.0.2.1"), Name);
        _tunnels.Open(One, Dialled());
        Assert.Equal(["terminate " + Name, "load-conn", "initiate " + Name], _seen);
    }

    [Fact]
    public void A_tunnel_ends_when_its_association_was_deleted_and_no_other_came()
    {
        var tunnel = Established(out var peer);
        Start(5, peer);
        _tunnels.Observe(new TunnelEstablished(tunnel));
        End(5, peer);
        Assert.Empty(_seen);
        Run(ProtectedTunnels.Grace);
        Assert.Equal(["cut off: the IPsec security association of the tunnel was deleted"], _seen);
    }

    [Fact]
    public void A_tunnel_stays_when_its_association_is_rekeyed_or_replaced()
    {
        var tunnel = Established(out var peer);
        Start(5, peer);
        _tunnels.Observe(new TunnelEstablished(tunnel));
        Rekey(5, 6, peer);
        End(6, peer);
        Start(7, peer);
        Run(ProtectedTunnels.Grace);
        Assert.Empty(_seen);
    }

    [Fact]
    public void The_association_of_an_answered_tunnel_ends_with_it_even_after_rekeying()
    {
        var tunnel = Established(out var peer);
        Start(5, peer);
        _tunnels.Observe(new TunnelEstablished(tunnel));
        Rekey(5, 6, peer);
        // The peer is back already, with an association of its own.
        Start(9, peer);
        Ended(tunnel);
        Assert.Empty(_seen);
        Run(ProtectedTunnels.Grace);
        Assert.Equal(["terminate 6"], _seen);
    }

    /// <summary>strongSwan reports an SA when it has time to; the first datagrams may be faster.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(3_000, true)]
    [InlineData(3_001, false)]
    public void An_association_that_is_reported_after_its_tunnel_came_up_ends_with_it(int after, bool isOfTunnel)
    {
        var tunnel = Established(out var peer);
        _tunnels.Observe(new TunnelEstablished(tunnel));
        Run(TimeSpan.FromMilliseconds(after));
        Start(5, peer);
        Ended(tunnel);
        Run(ProtectedTunnels.Grace);
        Assert.Equal(isOfTunnel ? ["terminate 5"] : [], _seen);
    }

    [Fact]
    public void A_client_that_is_back_before_its_new_association_is_reported_gets_that_one_and_the_former_ends_with_its_tunnel()
    {
        var former = Established(out var peer);
        var renewed = _pair.Lns.Tunnels.Last();
        Start(5, peer);
        _tunnels.Observe(new TunnelEstablished(former));
        Run(TimeSpan.FromSeconds(10));
        _tunnels.Observe(new TunnelEstablished(renewed));
        Start(6, peer);
        Ended(former);
        Run(ProtectedTunnels.Grace);
        _tunnels.Close(renewed.Key);
        Assert.Equal(["terminate 5", "terminate 6"], _seen);
    }

    [Fact]
    public void Two_clients_at_one_address_keep_each_their_association()
    {
        var (one, two) = (Established(out var peer), _pair.Lns.Tunnels.Last());
        Start(5, peer);
        _tunnels.Observe(new TunnelEstablished(one));
        Start(6, peer);
        _tunnels.Observe(new TunnelEstablished(two));
        _tunnels.Close(one.Key);
        _tunnels.Close(two.Key);
        Assert.Equal(["terminate 5", "terminate 6"], _seen);
    }

    /// <summary>An IKEv1 client that lost its state: strongSwan takes its new SA for the rekeying of the former one (99-ipsec-storms).</summary>
    [Fact]
    public void A_client_that_is_back_before_its_tunnel_has_ended_keeps_its_new_association_and_the_former_one_ends()
    {
        var former = Established(out var peer);
        Start(5, peer);
        _tunnels.Observe(new TunnelEstablished(former));
        Rekey(5, 6, peer);
        _tunnels.Observe(new TunnelEstablished(_pair.Lns.Tunnels.Last()));
        Ended(former);
        Run(ProtectedTunnels.Grace);
        Assert.Equal(["terminate replaced 5"], _seen);
        _tunnels.Close(_pair.Lns.Tunnels.Last().Key);
        Assert.Equal(["terminate replaced 5", "terminate 6"], _seen);
    }

    [Fact]
    public void A_client_that_is_back_while_its_tunnel_is_being_closed_keeps_its_new_association()
    {
        var former = Established(out var peer);
        Start(5, peer);
        _tunnels.Observe(new TunnelEstablished(former));
        Ended(former);
        Rekey(5, 6, peer);
        Run(ProtectedTunnels.Grace);
        Assert.Equal(["terminate replaced 5"], _seen);
    }

    [Fact]
    public void An_association_of_the_operators_own_connection_is_left_alone()
    {
        var tunnel = Established(out var peer);
        Start(5, peer, "office");
        _tunnels.Observe(new TunnelEstablished(tunnel));
        _tunnels.Close(tunnel.Key);
        Assert.Empty(_seen);
    }

    [Fact]
    public void Answered_tunnels_outlive_a_restart_of_strongswan()
    {
        var tunnel = Established(out var peer);
        Start(5, peer);
        _tunnels.Observe(new TunnelEstablished(tunnel));
        Associations.BeginList();
        Associations.EndList();
        Run(ProtectedTunnels.Grace);
        Assert.Empty(_seen);
    }

    private static TransportRequest Dialled(IpsecPolicy policy = IpsecPolicy.Required) =>
        new(Endpoint.From(IPAddress.Parse("192.0.2.1"), 1701), null, 0, null, 0)
        {
            Name = "hq",
            Ipsec = new IpsecSettings { Policy = policy, Psk = [1] },
        };

    private static ViciSection Ike(IPAddress peer) => new ViciSection()
        .Add("uniqueid", "1").Add("local-host", "192.0.2.9").Add("remote-host", peer.ToString()).Add("remote-id", "them");

    private static ViciSection Child(uint id, uint mark = 0) =>
        new ViciSection().Add("uniqueid", $"{id}").Add("mark-in", $"{mark:x}").Add("mark-out", $"{mark:x}");

    private Tunnel Established(out IPAddress peer)
    {
        var tunnel = _pair.Lns.Tunnels.First();
        peer = tunnel.Path.Remote.ToIPAddress();
        return tunnel;
    }

    private void Start(uint id, IPAddress peer, string connection = "l2tpd-listen", uint mark = 0) =>
        Change(id, peer, connection, true, mark);

    private void End(uint id, IPAddress peer, uint mark = 0) => Change(id, peer, "l2tpd-listen", false, mark);

    private void Rekey(uint former, uint renewed, IPAddress peer) =>
        Associations.TakeRekey(new ViciSection().Add("l2tpd-listen", Ike(peer).Add("child-sas", new ViciSection()
            .Add("c", new ViciSection().Add("old", Child(former)).Add("new", Child(renewed))))));

    private void Ended(Tunnel tunnel) =>
        _tunnels.Observe(new TunnelEnded(tunnel, new EndReason { Cause = EndCause.ClosedByPeer, Text = "" }, 0));

    private void Change(uint id, IPAddress peer, string connection, bool up, uint mark)
    {
        var message = up ? new ViciSection().Add("up", "yes") : new ViciSection();
        Associations.TakeUpDown(message.Add(connection, Ike(peer).Add("child-sas", new ViciSection().Add("c", Child(id, mark)))));
    }

    private void Run(TimeSpan time)
    {
        _now += (long)time.TotalMilliseconds;
        while (_timers.TakeDue(_now) is { } timer)
            timer.Run();
    }

    private sealed class Cancelled(List<string> seen) : IDisposable
    {
        public void Dispose() => seen.Add("cancel");
    }
}
