using L2tpd.Ipv6.Packets;

namespace L2tpd.Ipv6.Discovery;

/// <summary>Our answer to a neighbour solicitation (RFC 4861 section 4.4). PPP has no link-layer addresses, so it has no options.</summary>
public static class NeighbourAdvertisement
{
    /// <summary>Octets of the packet.</summary>
    public const int PacketSize = Ipv6Packet.HeaderSize + 24;

    private const byte FromRouter = 0x80;
    private const byte Solicited = 0x40;
    private const int FlagsAt = 4;
    private const int TargetAt = 8;

    /// <summary>Writes the packet that answers a solicitation for our address.</summary>
    /// <param name="packet"><see cref="PacketSize"/> octets.</param>
    /// <param name="solicitation">A solicitation whose target is our address.</param>
    /// <param name="isRouter">Whether we advertise ourselves as a router.</param>
    public static void Write(Span<byte> packet, in Solicitation solicitation, bool isRouter)
    {
        packet.Clear();
        var message = packet[Ipv6Packet.HeaderSize..];
        var isToAll = solicitation.Source.IsUnspecified;
        message[0] = DiscoveryType.NeighbourAdvertisement;
        message[FlagsAt] = (byte)((isRouter ? FromRouter : 0) | (isToAll ? 0 : Solicited));
        solicitation.Target.Write(message[TargetAt..]);
        Ipv6Packet.CompleteIcmpv6(
            packet, solicitation.Target, isToAll ? Ipv6Address.AllNodes : solicitation.Source, byte.MaxValue);
    }
}
