using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>
/// The clients that Windows, macOS and iOS, and Android have built in, as they reconnect. Their messages are written from descriptions and
/// not captured: source ports and absent AVPs as RFC 3193 and the vendors' documents say.
/// </summary>
public sealed class RoadWarriorTests
{
    private const string Home = "198.51.100.7";
    private const string Mobile = "203.0.113.9";

    private readonly Dictionary<(string Address, ushort Port), ScriptedPeer> _peers = [];

    /// <summary>Source port, and the SCCRQ with the client's own tunnel id.</summary>
    public static TheoryData<string, ushort, ushort> Clients => new()
    {
        // Windows numbers its tunnels from 1 and always sends from 1701.
        { "windows", 1701, 1 },
        { "macos", 52_311, 21 },
        { "android", 41_722, 5_211 },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public void Each_comes_up_with_its_call(string client, ushort port, ushort id)
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = Dial(engine, client, Home, port, id);
        peer.Call(1);
        Assert.Equal(port, engine.Tunnel.Path.Remote.Port);
        Assert.Equal(SessionState.Established, Assert.Single(engine.Tunnel.Sessions.Values).State);
        Assert.Single(engine.LiveSessions);
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public void A_client_that_was_cut_off_comes_back_at_once_with_another_tunnel_id(string client, ushort port, ushort id)
    {
        var engine = new EngineUnderTest(Given.Lns());
        Dial(engine, client, Home, port, id).Call(1);
        engine.Wait(5_000);
        // The same client, without a word about its former tunnel, which HELLO has not found dead yet.
        Dial(engine, client, Home, port, (ushort)(id + 1)).Call(1);
        Assert.Equal(2, engine.EventsOf<TunnelEstablished>().Count());
        Assert.Equal(2, engine.EventsOf<SessionEstablished>().Count());
        Assert.Equal(5_000, engine.Elapsed);
        // What is left of the former one ends by its HELLOs, as that of every silent peer.
        engine.Wait(300_000);
        Assert.Empty(engine.Engine.Tunnels);
        Assert.Empty(engine.LiveSessions);
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public void A_client_that_has_the_same_tunnel_id_again_takes_the_place_of_its_former_tunnel(string client, ushort port, ushort id)
    {
        var engine = new EngineUnderTest(Given.Lns());
        Dial(engine, client, Home, port, id).Call(1);
        engine.Wait(31_001);
        Dial(engine, client, Home, port, id).Call(1);
        Assert.Single(engine.Tunnel.Sessions);
        Assert.Single(engine.EventsOf<TunnelEnded>());
        Assert.Single(engine.LiveSessions);
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public void A_phone_that_roams_comes_up_from_its_new_address_while_the_former_tunnel_stands(string client, ushort port, ushort id)
    {
        var engine = new EngineUnderTest(Given.Lns());
        Dial(engine, client, Home, port, id).Call(1);
        engine.Wait(2_000);
        Dial(engine, client, Mobile, port, id).Call(1);
        Assert.Equal([Home, Mobile], engine.Engine.Tunnels.Select(static tunnel => tunnel.Path.Remote.ToIPAddress().ToString()).Order());
        Assert.Empty(engine.EventsOf<TunnelEnded>());
        Assert.Equal(2, engine.LiveSessions.Count);
        engine.Wait(300_000);
        Assert.Empty(engine.Engine.Tunnels);
    }

    /// <summary>
    /// The user's session at the former address is replaced when the new one has authenticated (same-user: replace). Its CDN is repeated as
    /// every message is, and the tunnel ends with it: no StopCCN follows.
    /// </summary>
    [Theory]
    [MemberData(nameof(Clients))]
    public void Of_a_phone_that_roams_the_former_tunnel_ends_with_the_repetitions_of_one_CDN(string client, ushort port, ushort id)
    {
        var engine = new EngineUnderTest(Given.Lns());
        var former = Dial(engine, client, Home, port, id);
        former.Call(1);
        var session = Assert.Single(engine.LiveSessions);
        engine.Wait(2_000);
        Dial(engine, client, Mobile, port, id).Call(1);
        Assert.Equal(2_000, engine.Elapsed);
        engine.Tell(new PppEnded(session, CdnResult.Administrative, null, "the user started another session"));
        former.Forget();
        engine.Wait(60_000);
        Assert.Equal(
            ["Cdn at 2000", "Cdn at 3000", "Cdn at 5000", "Cdn at 9000", "Cdn at 17000", "Cdn at 25000"],
            former.All.Where(one => !one.IsZlb && one.At >= 1_002_000).Select(static one => $"{one.Type} at {one.At - 1_000_000}"));
        var ended = Assert.Single(engine.EventsOf<TunnelEnded>());
        Assert.Equal((Home, EndCause.PeerUnreachable), (ended.Tunnel.Path.Remote.ToIPAddress().ToString(), ended.Reason.Cause));
        Assert.Equal(Mobile, engine.Tunnel.Path.Remote.ToIPAddress().ToString());
        Assert.Single(engine.LiveSessions);
    }

    /// <summary>strongSwan deleted the association of the former address (DPD, or the phone's new IKE_SA with the same identity).</summary>
    [Theory]
    [MemberData(nameof(Clients))]
    public void Of_a_phone_that_roams_the_former_tunnel_ends_without_a_message_when_its_association_is_deleted(
        string client, ushort port, ushort id)
    {
        var engine = new EngineUnderTest(Given.Lns());
        var former = Dial(engine, client, Home, port, id);
        former.Call(1);
        var tunnel = engine.Tunnel;
        engine.Wait(2_000);
        Dial(engine, client, Mobile, port, id).Call(1);
        former.Forget();
        engine.Tell(new PeerCutOff(tunnel.Key, "the IPsec security association of the tunnel was deleted"));
        var ended = Assert.Single(engine.EventsOf<TunnelEnded>());
        Assert.Equal((2_000, EndCause.Transport, 1), (engine.Elapsed, ended.Reason.Cause, ended.Sessions));
        Assert.Single(engine.LiveSessions);
        engine.Wait(60_000);
        former.ExpectSilence();
        Assert.Contains(tunnel.Key, engine.ClosedTransports);
    }

    /// <summary>One NAT: one address, 50 source ports, and all have the same host name and tunnel id.</summary>
    [Fact]
    public void Ten_storms_of_fifty_clients_behind_one_address_leave_one_tunnel_and_one_session_each()
    {
        const int clients = 50;
        var engine = new EngineUnderTest(Given.Lns(limits: new EngineLimits { MaxTunnels = clients }));
        for (var storm = 0; storm < 10; storm++)
        {
            for (var i = 0; i < clients; i++)
                Dial(engine, "windows", Home, (ushort)(20_000 + i), 1).Call(1);
            Assert.Equal(clients, engine.Engine.Tunnels.Count);
            Assert.Equal(clients, engine.LiveSessions.Count);
            engine.Wait(31_001);
        }

        Assert.Equal(10 * clients, engine.EventsOf<TunnelEstablished>().Count());
        Assert.Empty(engine.EventsOf<TunnelRefused>());
    }

    /// <summary>A new tunnel of the client at that address and port, which has lost all state of a former one.</summary>
    private ScriptedPeer Dial(EngineUnderTest engine, string client, string address, ushort port, ushort id)
    {
        if (!_peers.TryGetValue((address, port), out var peer))
            _peers[(address, port)] = peer = new ScriptedPeer(engine, address, port);
        peer.Restart();
        peer.TunnelId = id;
        return peer.Dial(client switch
        {
            "windows" => peer.Sccrq with { HostName = "DESKTOP-1", VendorName = "Microsoft", FirmwareRevision = 0x0a00 },
            "macos" => peer.Sccrq with { HostName = "macbook.local", ReceiveWindowSize = 4 },
            _ => peer.Sccrq with { HostName = "anonymous", ReceiveWindowSize = 1, BearerCapabilities = null },
        });
    }
}
