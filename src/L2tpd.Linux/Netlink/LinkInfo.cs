namespace L2tpd.Linux.Netlink;

/// <summary>Counters of a network interface (IFLA_STATS64).</summary>
public readonly record struct LinkStatistics(
    ulong ReceivePackets, ulong TransmitPackets, ulong ReceiveBytes, ulong TransmitBytes,
    ulong ReceiveErrors, ulong TransmitErrors, ulong ReceiveDropped, ulong TransmitDropped);

/// <summary>A network interface.</summary>
/// <param name="Index">Interface index.</param>
/// <param name="Name">Interface name.</param>
/// <param name="IsUp">IFF_UP.</param>
/// <param name="Mtu">MTU in octets.</param>
/// <param name="Statistics">Counters.</param>
public sealed record LinkInfo(uint Index, string Name, bool IsUp, uint Mtu, LinkStatistics Statistics)
{
    /// <summary>Whether it has a carrier (IFF_LOWER_UP).</summary>
    public bool HasCarrier { get; init; }

    /// <summary>Interface index of the bridge or bond it is a port of; 0: none.</summary>
    public uint Master { get; init; }

    /// <summary>Its driver if it was made by rtnetlink: <c>bridge</c>, <c>vlan</c>, ...</summary>
    public string? Kind { get; init; }

    /// <summary>The driver it is a port of: <c>bridge</c>, <c>bond</c>, ...; <c>null</c>: none.</summary>
    public string? PortOf { get; init; }
}
