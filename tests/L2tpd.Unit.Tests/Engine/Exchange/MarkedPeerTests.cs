using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>
/// Clients behind one NAT that have one address, port, host name and tunnel id (two Windows machines): the marks of their security
/// associations alone tell them apart.
/// </summary>
public sealed class MarkedPeerTests
{
    private readonly EngineUnderTest _engine = new(Given.Lns());

    [Fact]
    public void Two_clients_that_differ_by_the_mark_alone_have_a_tunnel_and_a_session_each()
    {
        var (first, second) = (Client(1), Client(2));
        first.Send(first.Sccrq);
        second.Send(second.Sccrq);
        // Half-open: the same octets, and neither is a repetition of the other.
        Assert.Equal(2, _engine.Engine.HalfOpenTunnels);
        first.Expect<Sccrp>();
        second.Expect<Sccrp>();
        Assert.NotEqual(first.EngineId, second.EngineId);
        first.Send(new Scccn());
        second.Send(new Scccn());
        first.Call(0x42);
        second.Call(0x42);
        Assert.Equal([1u, 2u], _engine.Engine.Tunnels.Select(static tunnel => tunnel.Path.Remote.Mark).Order());
        Assert.All(_engine.Engine.Tunnels, static tunnel => Assert.Single(tunnel.Sessions));
        Assert.Empty(_engine.EventsOf<TunnelEnded>());
        Assert.Equal([1u, 2u], _engine.CreatedTunnels.Select(static tunnel => tunnel.Path.Remote.Mark).Order());
    }

    [Fact]
    public void A_client_that_comes_back_takes_the_place_of_its_own_tunnel_only()
    {
        var (first, second) = (Client(1), Client(2));
        first.Dial().Call(0x42);
        second.Dial().Call(0x42);
        _engine.Wait(31_001);
        first.Restart();
        first.Dial().Call(0x42);
        Assert.Equal(1u, Assert.Single(_engine.EventsOf<TunnelEnded>()).Tunnel.Path.Remote.Mark);
        Assert.Equal([1u, 2u], _engine.Engine.Tunnels.Select(static tunnel => tunnel.Path.Remote.Mark).Order());
    }

    [Fact]
    public void What_comes_with_the_mark_of_another_changes_nothing_and_the_peer_is_asked_once_a_second()
    {
        var (first, second) = (Client(1), Client(2));
        first.Dial();
        second.Dial();
        first.Forget();
        var tunnel = _engine.Engine.Tunnels.Single(static one => one.Path.Remote.Mark == 1);
        for (var i = 0; i < 1_000; i++)
            second.SendBytes(first.Encode(new StopCcn { AssignedTunnelId = new(first.TunnelId), Result = new(1) }, first.Ns));
        Assert.Equal(1_000, tunnel.Counters.WrongSource);
        Assert.Equal(1, tunnel.Counters.HellosSent);
        first.Expect<Hello>();
        first.Acknowledge();
        second.SendBytes(first.Encode(new StopCcn { AssignedTunnelId = new(first.TunnelId), Result = new(1) }, 0, tunnelId: 0));
        Assert.Equal(2, _engine.Engine.Tunnels.Count);
        Assert.All(_engine.Engine.Tunnels, static one => Assert.Equal(L2tpd.Engine.ControlConnections.TunnelState.Established, one.State));
    }

    /// <summary>The association was replaced by one with another mark, which only a peer that starts again does.</summary>
    [Fact]
    public void A_tunnel_whose_peer_has_another_mark_now_ends_after_one_cycle_of_retransmissions()
    {
        var peer = Client(1);
        peer.Dial();
        _engine.AddAlias(peer.Endpoint with { Mark = 3 }, peer);
        var elsewhere = peer.Endpoint with { Mark = 3 };
        peer.SendBytes(peer.Encode(Hello.Instance, peer.Ns), elsewhere);
        _engine.Wait(31_000);
        Assert.Equal(EndCause.PeerUnreachable, Assert.Single(_engine.EventsOf<TunnelEnded>()).Reason.Cause);
    }

    [Fact]
    public void Each_mark_is_a_source_of_its_own_for_limits()
    {
        var one = Client(1).Endpoint;
        Assert.NotEqual(one.SourceNetwork, (one with { Mark = 2 }).SourceNetwork);
        Assert.Equal(one.SourceNetwork, (one with { Port = 5 }).SourceNetwork);
        Assert.Equal(one.WithoutMark, (one with { Mark = 2 }).WithoutMark);
    }

    private ScriptedPeer Client(uint mark)
    {
        var peer = new ScriptedPeer(_engine, tunnelId: 1, mark: mark);
        peer.Endpoint = peer.Endpoint with { IsProtected = true };
        _engine.Add(peer);
        return peer;
    }
}
