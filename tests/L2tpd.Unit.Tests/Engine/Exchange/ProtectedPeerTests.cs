using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Protocol;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>Peers whose datagrams come out of IPsec, and the same addresses in clear text (RFC 3193 section 3.3).</summary>
public sealed class ProtectedPeerTests
{
    private static readonly IpsecSettings Required = new() { Policy = IpsecPolicy.Required };

    private static PeerProfile Profile => Given.AnyPeer with { Ipsec = Required };

    [Fact]
    public void A_profile_that_requires_IPsec_is_not_for_clear_text()
    {
        var engine = new EngineUnderTest(Given.Lns(Profile));
        var clear = new ScriptedPeer(engine);
        clear.Send(clear.Sccrq);
        clear.Expect<StopCcn>();
        var covered = new ScriptedPeer(engine, "192.0.2.3");
        covered.Endpoint = covered.Endpoint with { IsProtected = true };
        engine.Add(covered);
        covered.Dial();
        Assert.Equal(covered.Endpoint, Assert.Single(engine.Engine.Tunnels).Path.Remote);
    }

    [Fact]
    public void Clear_text_goes_on_to_the_next_profile_that_takes_it()
    {
        var next = Given.AnyPeer with { Name = "next" };
        var engine = new EngineUnderTest(Given.Lns(Profile) with { Peers = [Profile, next] });
        new ScriptedPeer(engine).Dial();
        Assert.Equal("next", Assert.Single(engine.Engine.Tunnels).Profile.Name);
    }

    [Fact]
    public void Clear_text_with_the_address_and_ids_of_a_protected_tunnel_changes_nothing_there()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.Endpoint = peer.Endpoint with { IsProtected = true };
        engine.Add(peer);
        peer.Dial();
        var tunnel = Assert.Single(engine.Engine.Tunnels);
        engine.Deliver(
            peer.Endpoint with { IsProtected = false },
            Encode(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new(1) }, tunnel.LocalId.Value, ns: 2, nr: 1));
        Assert.Same(tunnel, Assert.Single(engine.Engine.Tunnels));
        Assert.Equal(1, tunnel.Counters.WrongSource);
        // Without our id it is a stray StopCCN of another peer.
        engine.Deliver(
            peer.Endpoint with { IsProtected = false },
            Encode(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new(1) }, 0, 0, 0));
        Assert.Same(tunnel, Assert.Single(engine.Engine.Tunnels));
        peer.Call(0x42);
        Assert.Single(engine.CreatedSessions);
    }

    [Fact]
    public void A_dialled_tunnel_asks_for_a_protected_socket_and_takes_no_answer_in_clear_text()
    {
        var engine = Given.Dialling(Profile);
        engine.Start();
        var request = Assert.Single(engine.Transports).Request;
        Assert.True(request.Remote.IsProtected);
        var clear = new ScriptedPeer(engine);
        engine.Deliver(clear.Endpoint, Encode(clear.Sccrp, engine.Transports[0].Key.LocalId.Value, ns: 0, nr: 1));
        Assert.Equal(1, Assert.Single(engine.Engine.Tunnels).Counters.WrongSource);
        engine.Deliver(
            clear.Endpoint with { IsProtected = true },
            Encode(clear.Sccrp, engine.Transports[0].Key.LocalId.Value, ns: 0, nr: 1));
        Assert.Equal(clear.Endpoint with { IsProtected = true }, Assert.Single(engine.CreatedTunnels).Path.Remote);
    }

    [Fact]
    public void Limits_by_source_count_clear_text_and_IPsec_of_one_address_together()
    {
        var remote = Endpoint.From(System.Net.IPAddress.Parse("192.0.2.9"), 4500);
        Assert.Equal(remote.SourceNetwork, (remote with { IsProtected = true }).SourceNetwork);
        Assert.NotEqual(remote.WithoutPort, (remote with { IsProtected = true }).WithoutPort);
    }

    // Ns and Nr are octets 8 to 11 of the header (RFC 2661 section 3.1).
    private static byte[] Encode(ControlMessage message, uint tunnelId, ushort ns, ushort nr)
    {
        var octets = Wire.Encode(message, tunnelId);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(8), ns);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(10), nr);
        return octets;
    }
}
