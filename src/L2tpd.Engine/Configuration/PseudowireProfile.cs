using System.Collections.Immutable;
using L2tpd.Protocol.Avps;

namespace L2tpd.Engine.Configuration;

/// <summary>
/// How a session is set up in L2TPv3 (RFC 3931 section 5.4.4, RFC 4719). Equal by content, so that a reload finds what changed.
/// </summary>
public sealed record PseudowireProfile
{
    /// <summary>Pseudowire Type AVP 68 of a session that we ask for.</summary>
    public PseudowireType Type { get; init; } = PseudowireType.Ethernet;

    /// <summary>Octets of the cookie that data sent to us must carry: 0, 4 or 8.</summary>
    public int CookieSize { get; init; } = 8;

    /// <summary>
    /// The sublayer, None or Default, in both directions. With <c>null</c> each direction has what its receiver asks for; we ask for what
    /// the peer does, and where we ask first for Default, or for what the peer took when we last asked.
    /// </summary>
    public L2SpecificSublayer? Sublayer { get; init; }

    /// <summary>
    /// Which data the peer shall send with sequence numbers; <c>null</c> for all with <see cref="SessionProfile.Sequencing"/>, none
    /// without.
    /// </summary>
    public DataSequencing? DataSequencing { get; init; }

    /// <summary>MTU of the interface, sent to the peer; the smaller of both ends' is used. <c>null</c> is not sent.</summary>
    public ushort? Mtu { get; init; }

    /// <summary>Interface name or template; <c>null</c> for the data plane's own.</summary>
    public string? Interface { get; init; }

    /// <summary>Bridge the interface joins, or null.</summary>
    public string? Bridge { get; init; }

    /// <summary>VLAN pseudowire: the VLAN ID that its frames carry, 1 to 4094; with <c>null</c> frames are sent as they are.</summary>
    public ushort? Vlan { get; init; }

    /// <summary>Addresses with prefix length for the interface.</summary>
    public ImmutableArray<string> Addresses { get; init; } = [];

    public bool Equals(PseudowireProfile? other) =>
        other is not null && Type == other.Type && CookieSize == other.CookieSize && Sublayer == other.Sublayer
        && DataSequencing == other.DataSequencing && Mtu == other.Mtu && Interface == other.Interface && Bridge == other.Bridge
        && Vlan == other.Vlan
        && Addresses.SequenceEqual(other.Addresses);

    public override int GetHashCode() =>
        HashCode.Combine(Type, CookieSize, Sublayer, DataSequencing, Mtu, Interface, Bridge, Addresses.Length);
}
