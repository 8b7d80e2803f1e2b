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
        Associations = new SecurityAssociations(() => _now);
        Connections = new ConnectionLoader(this, (_, _) => { });
        _tunnels = new ProtectedTunnels(this, (tunnel, _) => _seen.Add($"open {tunnel.LocalId.Value}"), this, _timers);
        Associations.Started += _tunnels.HandleStarted;
        Associations.Ended += _tunnels.HandleEnded;
    }

    public bool IsReached => IsReady;

    public bool IsReady { get; set; } = true;

    public SecurityAssociations Associations { get; }

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
