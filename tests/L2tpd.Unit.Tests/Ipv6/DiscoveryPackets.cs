using System.Net;
using L2tpd.Ipv6.Packets;

namespace L2tpd.Unit.Tests.Ipv6;

/// <summary>Packets of discovery from a peer with the identifier a:b:c:d, as hexadecimal octets.</summary>
internal static class DiscoveryPackets
{
    public const string Peer = "fe80::a:b:c:d";
    public const string Router = "fe80::1";
    public const string RouterSolicitation = "8500000000000000";

    /// <summary>The target of a neighbour solicitation, without options.</summary>
    public static string NeighbourSolicitation(string target) => "8700000000000000" + Hex(target);

    /// <summary>A packet with a valid checksum.</summary>
    public static byte[] Of(string message, string source = Peer, string destination = "ff02::2", byte hopLimit = 255)
    {
        var octets = Convert.FromHexString(message);
        var packet = new byte[Ipv6Packet.HeaderSize + octets.Length];
        octets.CopyTo(packet, Ipv6Packet.HeaderSize);
        Ipv6Packet.CompleteIcmpv6(packet, AddressOf(source), AddressOf(destination), hopLimit);
        return packet;
    }

    public static Ipv6Address AddressOf(string text) => Ipv6Address.From(IPAddress.Parse(text));

    public static string Hex(string address) => Convert.ToHexStringLower(IPAddress.Parse(address).GetAddressBytes());
}
