using L2tpd.Ipv6.Packets;

namespace L2tpd.Ipv6.Discovery;

/// <summary>A valid router or neighbour solicitation (RFC 4861 sections 6.1.1 and 7.1.1).</summary>
/// <param name="Type"><see cref="DiscoveryType"/>.</param>
/// <param name="Source">The sender, or :: before it has an address.</param>
/// <param name="Target">Neighbour solicitation: the address that is looked for.</param>
public readonly record struct Solicitation(byte Type, Ipv6Address Source, Ipv6Address Target)
{
    private const int RouterHeader = 8;
    private const int NeighbourHeader = 24;
    private const int TargetAt = 8;
    private const int OptionUnit = 8;
    private const byte SourceLinkLayerAddress = 1;

    /// <summary>Reads a solicitation and verifies all that the RFC asks for: hop limit, checksum, code, lengths, options.</summary>
    /// <param name="octets">Any octets.</param>
    /// <param name="solicitation">The solicitation.</param>
    /// <returns>False if it is something else, or not valid: it must be dropped silently.</returns>
    public static bool TryParse(ReadOnlySpan<byte> octets, out Solicitation solicitation)
    {
        solicitation = default;
        if (!Ipv6Packet.TryParse(octets, out var packet) || packet.NextHeader != Ipv6Protocols.Icmpv6)
            return false;
        var message = packet.Payload;
        // The hop limit says that the packet passed no router.
        if (packet.HopLimit != byte.MaxValue || message.Length < RouterHeader || message[1] != 0 || !packet.HasValidChecksum)
            return false;
        var isRouter = message[0] == DiscoveryType.RouterSolicitation;
        var header = isRouter ? RouterHeader : NeighbourHeader;
        if ((!isRouter && message[0] != DiscoveryType.NeighbourSolicitation) || message.Length < header)
            return false;
        if (!AreValid(message[header..], packet.Source.IsUnspecified))
            return false;
        var target = isRouter ? default : Ipv6Address.Read(message[TargetAt..]);
        if (!isRouter && !IsValidTarget(packet, target))
            return false;
        solicitation = new Solicitation(message[0], packet.Source, target);
        return true;
    }

    // A sender without an address checks whether it may have the target (RFC 4862 section 5.4), and asks the target's group.
    private static bool IsValidTarget(in Ipv6Packet packet, Ipv6Address target) =>
        !target.IsMulticast && (!packet.Source.IsUnspecified || packet.Destination == target.SolicitedNode);

    private static bool AreValid(ReadOnlySpan<byte> options, bool isWithoutSource)
    {
        while (!options.IsEmpty)
        {
            if (options.Length < OptionUnit)
                return false;
            var length = options[1] * OptionUnit;
            if (length == 0 || length > options.Length || (isWithoutSource && options[0] == SourceLinkLayerAddress))
                return false;
            options = options[length..];
        }

        return true;
    }
}
