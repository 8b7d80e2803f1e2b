using System.Net;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Ipsec.Associations;
using L2tpd.Ipsec.Connections;
using L2tpd.Ipsec.Vici;
using L2tpd.Runtime.Ipsec;
using L2tpd.Runtime.Loop;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Ipsec;

/// <summary>When SAs of answered peers are ended: with their tunnel, never under another, and after a minute without any.</summary>
public sealed class AnsweredAssociationTests : IIkeDaemon, IViciCommands, IInputSink
{
    private static readonly TimeSpan Grace = ProtectedTunnels.Grace;

    /// <summary>How long an SA may be without a tunnel.</summary>
    private static readonly TimeSpan SetUp = TimeSpan.FromSeconds(60);

    private readonly EnginePair _pair = new(1, EnginePair.Tunnel("hq"), EnginePair.Tunnel("branch"));
    private readonly LoopTimers _timers;
    private readonly List<string> _seen = [];
    private readonly ProtectedTunnels _tunnels;
    private readonly IPAddress _peer;
    private long _now;

    public AnsweredAssociationTests()
    {
        _timers = new LoopTimers(() => _now);
        Associations = new SecurityAssociations(() => _now);
        Connections = new ConnectionLoader(this, (_, _) => { });
        _tunnels = new ProtectedTunnels(this, (_, _) => { }, this, _timers);
        Associations.Started += _tunnels.HandleStarted;
        Associations.Ended += _tunnels.HandleEnded;
        _peer = First.Path.Remote.ToIPAddress();
    }

    public bool IsReached => true;

    public bool IsReady => true;

    public SecurityAssociations Associations { get; }

    public ConnectionLoader Connections { get; }

    private Tunnel First => _pair.Lns.Tunnels.First();

    private Tunnel Second => _pair.Lns.Tunnels.Last();

    void IViciCommands.Request(string name, ViciSection arguments, TimeSpan limit, Action<ViciResult> done) =>
        done(ViciResult.Of(new ViciSection()));

    IDisposable IIkeDaemon.Initiate(string connection, TimeSpan limit, Action<string?> done) => throw new NotSupportedException();

    void IIkeDaemon.Terminate(string connection) => throw new NotSupportedException();

    void IIkeDaemon.Terminate(SecurityAssociation association)
    {
        _seen.Add($"{association.ChildId}");
        Down(association.ChildId);
    }

    void IIkeDaemon.TerminateReplaced(SecurityAssociation association) =>
        _seen.AddRange(Associations.TakeReplaced(association).Select(static child => $"replaced {child}"));

    void IInputSink.Submit(EngineInput input) => _seen.Add(((PeerCutOff)input).Reason);

    void IInputSink.Post(EngineInput input) => throw new NotSupportedException();

    void IInputSink.Post(Action work) => work();

    [Fact]
    public void An_association_ends_with_the_tunnel_that_came_up_on_it()
    {
        Up(5);
        Establish(First);
        Run(TimeSpan.FromHours(1));
        End(First);
        Run(Grace - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_seen);
        Run(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["5"], _seen);
    }

    [Fact]
    public void A_rekeyed_association_ends_with_its_tunnel_and_one_that_came_meanwhile_stays()
    {
        Up(5);
        Establish(First);
        Run(TimeSpan.FromHours(1));
        Rekey(5, 6);
        Run(SetUp);
        // The peer is back already, with an association of its own.
        Up(9);
        End(First);
        Run(Grace);
        Assert.Equal(["6"], _seen);
    }

    /// <summary>strongSwan reports an SA when it has time to; the first datagrams may be faster.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(3_000, true)]
    [InlineData(3_001, false)]
    public void An_association_that_is_reported_after_its_tunnel_came_up_ends_with_it_or_a_minute_later(int after, bool isOfTunnel)
    {
        Establish(First);
        Run(TimeSpan.FromMilliseconds(after));
        Up(5);
        End(First);
        Run(Grace);
        Assert.Equal(isOfTunnel ? ["5"] : [], _seen);
        Run(SetUp - Grace);
        Assert.Equal(["5"], _seen);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    public void A_client_that_is_back_before_its_new_association_is_reported_keeps_that_one(int after)
    {
        Up(5);
        Establish(First);
        Run(TimeSpan.FromSeconds(after));
        Establish(Second);
        Up(6);
        End(First);
        Run(Grace);
        Assert.Equal(["5"], _seen);
        Run(TimeSpan.FromHours(1));
        End(Second);
        Run(Grace);
        Assert.Equal(["5", "6"], _seen);
    }

    [Fact]
    public void Two_clients_at_one_address_keep_each_their_association()
    {
        Up(5);
        Establish(First);
        Up(6);
        Establish(Second);
        Run(TimeSpan.FromHours(1));
        Assert.Empty(_seen);
        _tunnels.Close(First.Key);
        Run(Grace);
        Assert.Equal(["5"], _seen);
        _tunnels.Close(Second.Key);
        Run(Grace);
        Assert.Equal(["5", "6"], _seen);
    }

    /// <summary>An IKEv1 client that lost its state: strongSwan takes its new SA for the rekeying of the former one.</summary>
    [Fact]
    public void A_client_that_is_back_before_its_tunnel_has_ended_leaves_no_replaced_association()
    {
        Up(5);
        Establish(First);
        Run(TimeSpan.FromSeconds(10));
        Rekey(5, 6);
        Establish(Second);
        End(First);
        Run(Grace);
        Assert.Equal(["replaced 5"], _seen);
        Run(TimeSpan.FromHours(1));
        End(Second);
        Run(Grace);
        Assert.Equal(["replaced 5", "6"], _seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_client_that_is_back_while_its_tunnel_is_being_closed_keeps_its_new_association(bool isForgotten)
    {
        Up(5);
        Establish(First);
        End(First);
        Rekey(5, 6);
        if (isForgotten)
            _tunnels.Close(First.Key);
        Run(2 * Grace);
        Assert.Empty(_seen);
        Establish(Second);
        Run(SetUp);
        Assert.Equal(["replaced 5"], _seen);
    }

    [Fact]
    public void What_is_rekeyed_under_two_tunnels_is_left_to_its_lifetime_when_one_of_them_ends()
    {
        Up(5);
        Establish(First);
        Establish(Second);
        Run(TimeSpan.FromHours(1));
        Rekey(5, 6);
        End(First);
        Run(SetUp + Grace);
        Assert.Empty(_seen);
    }

    [Fact]
    public void An_association_on_which_no_tunnel_comes_up_ends_after_a_minute()
    {
        Up(5);
        Run(TimeSpan.FromSeconds(30));
        Up(6);
        Run(TimeSpan.FromSeconds(30) - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_seen);
        Run(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["5"], _seen);
        Run(SetUp);
        Assert.Equal(["5", "6"], _seen);
    }

    [Fact]
    public void An_association_whose_tunnel_goes_on_with_another_ends_and_that_one_ends_with_the_tunnel()
    {
        Up(5);
        Establish(First);
        Run(TimeSpan.FromHours(1));
        Down(5);
        Up(6);
        Run(TimeSpan.FromHours(1));
        Assert.Empty(_seen);
        End(First);
        Run(Grace);
        Assert.Equal(["6"], _seen);
    }

    [Theory]
    [InlineData("office")]
    [InlineData("l2tpd-dial-hq-192-0-2-1")]
    public void Associations_of_the_operators_connections_and_of_dialled_tunnels_are_left_alone(string connection)
    {
        Up(5, connection);
        Establish(First);
        End(First);
        Run(TimeSpan.FromHours(1));
        _tunnels.CloseAll();
        Assert.Empty(_seen);
    }

    /// <summary>`nat-zones` on a kernel that does not report marks: L2TP sees ports that no selector has.</summary>
    [Fact]
    public void All_associations_that_may_be_a_tunnels_are_in_use_while_it_is_not_known_which_is()
    {
        Up(5, mark: 1);
        Up(6, mark: 2);
        Establish(First);
        Run(TimeSpan.FromHours(1));
        Assert.Empty(_seen);
        End(First);
        Run(Grace);
        Assert.Equal(["5", "6"], _seen);
    }

    [Fact]
    public void The_end_of_the_daemon_ends_all_associations_of_answered_peers()
    {
        Up(5);
        Up(6);
        Establish(First);
        _tunnels.CloseAll();
        Assert.Equal(["5", "6"], _seen.Order());
    }

    private void Establish(Tunnel tunnel) => _tunnels.Observe(new TunnelEstablished(tunnel));

    private void End(Tunnel tunnel) =>
        _tunnels.Observe(new TunnelEnded(tunnel, new EndReason { Cause = EndCause.ClosedByPeer, Text = "" }, 0));

    private void Up(uint id, string connection = "l2tpd-listen", uint mark = 0) =>
        Associations.TakeUpDown(new ViciSection().Add("up", "yes").Add(connection, Ike(Child(id, mark))));

    private void Down(uint id) => Associations.TakeUpDown(new ViciSection().Add("l2tpd-listen", Ike(Child(id))));

    private void Rekey(uint former, uint renewed) => Associations.TakeRekey(new ViciSection().Add("l2tpd-listen", Ike(
        new ViciSection().Add("old", Child(former)).Add("new", Child(renewed)))));

    private ViciSection Ike(ViciSection child) => new ViciSection().Add("uniqueid", "1").Add("local-host", "192.0.2.9")
        .Add("remote-host", _peer.ToString()).Add("remote-id", "them").Add("child-sas", new ViciSection().Add("c", child));

    private static ViciSection Child(uint id, uint mark = 0)
    {
        var child = new ViciSection().Add("uniqueid", $"{id}").Add("mark-in", $"{mark:x}").Add("mark-out", $"{mark:x}");
        // Not the port that L2TP sees.
        return mark == 0 ? child : child.Add("remote-ts", ["192.0.2.1/32[udp/1]"]);
    }

    private void Run(TimeSpan time)
    {
        for (var end = _now + (long)time.TotalMilliseconds; ;)
        {
            if (_timers.Next > end)
            {
                _now = end;
                return;
            }

            _now = _timers.Next;
            _timers.TakeDue(_now)?.Run();
        }
    }
}
