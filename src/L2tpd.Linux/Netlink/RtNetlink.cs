using System.Net;

namespace L2tpd.Linux.Netlink;

/// <summary>Counters of a network device (IFLA_STATS64).</summary>
public readonly record struct LinkStatistics(
    ulong ReceivePackets, ulong TransmitPackets, ulong ReceiveBytes, ulong TransmitBytes,
    ulong ReceiveErrors, ulong TransmitErrors, ulong ReceiveDropped, ulong TransmitDropped);

/// <summary>A network device.</summary>
/// <param name="Index">Interface index.</param>
/// <param name="Name">Interface name.</param>
/// <param name="IsUp">IFF_UP.</param>
/// <param name="Mtu">MTU in octets.</param>
/// <param name="Statistics">Counters.</param>
public sealed record LinkInfo(uint Index, string Name, bool IsUp, uint Mtu, LinkStatistics Statistics);

/// <summary>The little of rtnetlink(7) the data planes need. Synchronous, one call at a time.</summary>
public sealed class RtNetlink : IDisposable
{
    /// <summary>Opens the socket.</summary>
    public static LinuxError TryOpen(out RtNetlink? netlink, TimeSpan? timeout = null) => throw new NotImplementedException();

    /// <summary>The same over any transport; takes ownership of it.</summary>
    public RtNetlink(INetlinkTransport transport) => throw new NotImplementedException();

    /// <summary>RTM_GETLINK by name. ENODEV: no such device.</summary>
    public LinuxError GetLink(string name, out LinkInfo? link) => throw new NotImplementedException();

    /// <summary>Sets a device up or down and its MTU (RTM_NEWLINK); null leaves as is.</summary>
    public LinuxError SetLink(string name, bool? up, uint? mtu) => throw new NotImplementedException();

    /// <summary>Adds an address (RTM_NEWADDR). EEXIST: it is there.</summary>
    /// <param name="name">The device.</param>
    /// <param name="prefix">Address and prefix length: the address itself, host bits and all.</param>
    /// <param name="prefixLength">Prefix length.</param>
    /// <param name="peer">The other end of a point-to-point link, or null.</param>
    public LinuxError AddAddress(string name, IPAddress prefix, int prefixLength, IPAddress? peer = null) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
