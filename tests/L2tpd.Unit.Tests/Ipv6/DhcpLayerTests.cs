using System.Net;
using L2tpd.Ipv6.Dhcp;
using L2tpd.Ipv6.Packets;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;
using L2tpd.TestKit;
using L2tpd.Unit.Tests.Ppp;

namespace L2tpd.Unit.Tests.Ipv6;

/// <summary>DHCPv6 on a link: which packets it takes, what it routes, and what a peer can make it do.</summary>
public sealed class DhcpLayerTests
{
    private const string Client = "0001000a00030001020000000001";
    private const string Server = "0002000e" + DhcpVectors.ServerId;
    private const string Pd1 = "0019000c000000010000000000000000";
    private const string Na1 = "0003000c000000010000000000000000";

    private static readonly Ipv6Address _peer = Ipv6Address.LinkLocal(5);
    private static readonly Ipv6Address _ours = Ipv6Address.LinkLocal(1);
    private static readonly IPNetwork _prefix = IPNetwork.Parse("2001:db8:7700::/56");

    [Fact]
    public void A_Solicit_to_the_servers_is_answered_from_our_address_to_the_client()
    {
        var rig = Opened();
        Assert.True(Receive(rig, PacketOf("01000001" + Client + Pd1)));
        Assert.True(Ipv6Packet.TryParse(OnlyPacket(rig), out var packet));
        Assert.Equal((_ours, _peer, 64), (packet.Source, packet.Destination, packet.HopLimit));
        Assert.True(UdpDatagram.TryParse(packet, out var datagram));
        Assert.Equal((547, 546), (datagram.SourcePort, datagram.DestinationPort));
        Assert.StartsWith("02000001" + Client + Server, Convert.ToHexStringLower(datagram.Data), StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Log, static line => line.StartsWith("route", StringComparison.Ordinal));
    }

    [Fact]
    public void A_prefix_is_routed_before_the_Reply_and_until_the_Release()
    {
        var rig = Opened();
        Receive(rig, PacketOf("03000001" + Client + Server + Na1 + Pd1));
        Assert.Equal([$"route {_prefix}", "route 2001:db8:a::5/128"], rig.Log[^2..]);
        rig.Log.Clear();
        Receive(rig, PacketOf("05000002" + Client + Server + Pd1));
        Assert.Empty(rig.Log);
        Receive(rig, PacketOf("08000003" + Client + Server + Pd1));
        Assert.Equal([$"no route {_prefix}"], rig.Log);
    }

    [Fact]
    public void With_IPv6CP_the_routes_end_and_a_Renew_brings_them_back()
    {
        var rig = Opened();
        Receive(rig, PacketOf("03000001" + Client + Server + Pd1));
        rig.Log.Clear();
        // The peer renegotiates IPv6CP.
        rig.Receive(PppProtocol.Ipv6cp, 1, 7, "010a 0000000000000005");
        Assert.Equal(["ipv6 down", $"no route {_prefix}"], rig.Log);
        Assert.False(Receive(rig, PacketOf("05000002" + Client + Server + Pd1)));
        rig.AckOwnRequest(PppProtocol.Ipv6cp);
        rig.Log.Clear();
        Assert.True(Receive(rig, PacketOf("05000002" + Client + Server + Pd1)));
        Assert.Equal([$"route {_prefix}"], rig.Log);
    }

    [Fact]
    public void What_is_not_for_the_server_is_left_to_others()
    {
        var rig = Opened();
        var solicit = "01000001" + Client + Pd1;
        Assert.True(Receive(rig, PacketOf(solicit, destination: _ours)));
        Assert.False(Receive(rig, PacketOf(solicit, destination: Ipv6Address.LinkLocal(9))));
        Assert.False(Receive(rig, PacketOf(solicit, destination: Ipv6Address.From(IPAddress.Parse("2001:db8::1")))));
        Assert.False(Receive(rig, PacketOf(solicit, port: 546)));
        Assert.False(Receive(rig, PacketOf(solicit, port: 53)));
    }

    [Fact]
    public void A_packet_with_a_wrong_checksum_or_source_is_taken_and_not_answered()
    {
        var rig = Opened();
        var solicit = PacketOf("01000001" + Client + Pd1);
        solicit[^1] ^= 1;
        Assert.True(Receive(rig, solicit));
        Assert.True(Receive(rig, PacketOf("01000001" + Client + Pd1, source: _ours)));
        Assert.True(Receive(rig, PacketOf("01000001" + Client + Pd1, source: Ipv6Address.From(IPAddress.Parse("2001:db8::5")))));
        Assert.True(Receive(rig, PacketOf("01")));
        Assert.True(Receive(rig, PacketOf("")));
        Assert.Empty(rig.Frames);
    }

    /// <summary>A million Solicits from one subscriber: 20 answers at once, then ten per second.</summary>
    [Fact]
    public void A_flood_gets_few_answers_and_does_not_lock_the_subscriber_out()
    {
        var rig = Opened();
        var solicit = PacketOf("01000001" + Client + Pd1);
        for (var i = 0; i < 100_000; i++)
            Receive(rig, solicit);
        Assert.Equal(20, rig.AllSent().Length);
        rig.Now += 1_000;
        for (var i = 0; i < 100_000; i++)
            Receive(rig, solicit);
        Assert.Equal(10, rig.AllSent().Length);
        rig.Now += 100;
        Receive(rig, solicit);
        Assert.Single(rig.AllSent());
        Assert.Equal(long.MaxValue, rig.Endpoint.NextDeadline);
    }

    [Fact]
    public void A_session_without_prefixes_is_told_so()
    {
        var rig = Opened(new Authorisation());
        Assert.True(Receive(rig, PacketOf("03000001" + Client + Server + Pd1)));
        Assert.Contains("000d0018" + "0006", Convert.ToHexStringLower(OnlyPacket(rig)), StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Log, static line => line.StartsWith("route", StringComparison.Ordinal));
    }

    [Fact]
    public void The_client_end_of_a_link_serves_nobody()
    {
        var factory = new DhcpLayerFactory(new DhcpSettings { ServerId = [1, 2, 3] });
        Assert.Null(factory.Create(new PppEndpoint(1, new PppProfile { Server = false }, new CountingRandom(1))));
        Assert.Null(factory.Create(new PppEndpoint(1, new PppProfile { Server = true, Ipv6 = false }, new CountingRandom(1))));
        Assert.NotNull(factory.Create(new PppEndpoint(1, new PppProfile { Server = true }, new CountingRandom(1))));
    }

    /// <summary>
    /// A client over a line that loses, repeats and reorders messages: it gets its prefix in the end, and the route is there exactly while
    /// the client has it.
    /// </summary>
    [Fact]
    public void A_client_on_a_lossy_line_gets_its_prefix_and_gives_it_back() => Seeds.ForEach(100, seed =>
    {
        var random = new SeededRandom(seed);
        var rig = Opened();
        var line = new List<byte[]>();
        var (step, transaction, isBound) = (1, 1u, false);
        for (var i = 0; i < 10_000 && step < 5; i++)
        {
            // Solicit, Request, Renew, Release; a lost exchange is repeated with its transaction id.
            var message = step switch { 1 => "01", 2 => "03", 3 => "05", _ => "08" };
            line.Add(PacketOf($"{message}{transaction:x6}{Client}{(step == 1 ? "" : Server)}{Pd1}"));
            while (line.Count > 0 && random.Chance(0.8))
            {
                var packet = line[random.Below(line.Count)];
                if (random.Chance(0.9))
                    line.Remove(packet);
                if (random.Chance(0.3))
                    continue;
                rig.Now += 100;
                Receive(rig, packet);
            }

            var expected = step switch { 1 => "02", _ => "07" } + $"{transaction:x6}";
            if (!rig.AllSent().Any(frame => frame.Contains(expected, StringComparison.Ordinal))
                || random.Chance(0.3))
            {
                continue;
            }

            isBound |= step is 2 or 3;
            (step, transaction) = (step + 1, transaction + 1);
        }

        Assert.Equal(5, step);
        Assert.True(isBound);
        // Late copies of Requests may bind again; the last Release that arrives decides.
        Receive(rig, PacketOf("08ffffff" + Client + Server + Pd1));
        Assert.Equal(0, rig.Log.Count(line => line == $"route {_prefix}") - rig.Log.Count(line => line == $"no route {_prefix}"));
    });

    private static PppRig Opened(Authorisation? authorisation = null)
    {
        var settings = new DhcpSettings { ServerId = [.. Convert.FromHexString(DhcpVectors.ServerId)] };
        var rig = new PppRig(new PppProfile
        {
            Server = true,
            Ipv4 = false,
            EchoInterval = 0,
            InterfaceIdentifier = 1,
            RequireFromPeer = [AuthenticationProtocol.Pap],
            NetworkLayers = [.. NetworkLayers.Standard, new DhcpLayerFactory(settings)],
        });
        rig.OpenLcp();
        rig.Receive(PppProtocol.Pap, 1, 5, "04 75736572 02 7077");
        rig.Endpoint.HandleAuthentication(
            rig.Proofs[^1].Attempt,
            new AuthenticationResult
            {
                Accepted = true,
                Authorisation = authorisation ?? new Authorisation
                {
                    DelegatedPrefixes = [_prefix], Ipv6Addresses = [IPAddress.Parse("2001:db8:a::5")],
                },
            }, rig.Now, rig);
        rig.AckOwnRequest(PppProtocol.Ipv6cp);
        rig.Receive(PppProtocol.Ipv6cp, 1, 1, "010a 0000000000000005");
        Assert.Contains("ipv6 up", rig.Log);
        rig.Frames.Clear();
        return rig;
    }

    private static bool Receive(PppRig rig, byte[] packet) => rig.Endpoint.HandlePacket(PppProtocol.Ipv6, packet, rig.Now, rig);

    private static byte[] OnlyPacket(PppRig rig)
    {
        var frame = Convert.FromHexString(rig.Sent());
        Assert.Equal("0057", Convert.ToHexStringLower(frame.AsSpan(0, 2)));
        return frame[2..];
    }

    private static byte[] PacketOf(string message, Ipv6Address? source = null, Ipv6Address? destination = null, ushort port = 547)
    {
        var data = Convert.FromHexString(message);
        var packet = new byte[Ipv6Packet.UdpDataOffset + data.Length];
        data.CopyTo(packet, Ipv6Packet.UdpDataOffset);
        Ipv6Packet.CompleteUdp(packet, source ?? _peer, 546, destination ?? Ipv6Address.AllDhcpServers, port, 1);
        return packet;
    }
}
