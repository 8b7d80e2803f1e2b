using System.Net;
using System.Net.Sockets;
using L2tpd.Ipv6.Packets;
using L2tpd.PppHosting.BuiltIn;

namespace L2tpd.PppHosting.Userspace;

/// <summary>
/// The networks that are routed to one session, for the checks of what its peer sends. They are few; a packet costs a comparison for each.
/// </summary>
internal sealed class RoutedNetworks
{
    private readonly List<(IPNetwork Network, uint Metric)> _all = [];
    private (uint Network, uint Mask)[] _ipv4 = [];
    private (UInt128 Network, UInt128 Mask)[] _ipv6 = [];

    /// <summary>The network's address as a number, for IPv4.</summary>
    public static uint NumberOf4(IPNetwork network) => BuiltInProfile.AddressOf(network.BaseAddress).Value;

    /// <summary>The network's address as a number, for IPv6.</summary>
    public static UInt128 NumberOf6(IPNetwork network) => Ipv6Address.From(network.BaseAddress).Value;

    /// <summary>Whether the network is one of IPv6.</summary>
    public static bool IsIPv6(IPNetwork network) => network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>The networks with the metrics of their routes.</summary>
    public IReadOnlyCollection<(IPNetwork Network, uint Metric)> All => _all;

    public void Add(IPNetwork network, uint metric)
    {
        if (_all.Exists(entry => entry.Network == network))
            return;
        _all.Add((network, metric));
        Index();
    }

    public void Remove(IPNetwork network)
    {
        if (_all.RemoveAll(entry => entry.Network == network) > 0)
            Index();
    }

    /// <summary>Whether one of the networks contains the IPv4 address.</summary>
    public bool Contains(uint address)
    {
        foreach (var (network, mask) in _ipv4)
        {
            if ((address & mask) == network)
                return true;
        }

        return false;
    }

    /// <summary>Whether one of the networks contains the IPv6 address.</summary>
    public bool Contains(UInt128 address)
    {
        foreach (var (network, mask) in _ipv6)
        {
            if ((address & mask) == network)
                return true;
        }

        return false;
    }

    private void Index()
    {
        _ipv4 = [.. _all.Where(static entry => !IsIPv6(entry.Network)).Select(static entry => Entry4(entry.Network))];
        _ipv6 = [.. _all.Where(static entry => IsIPv6(entry.Network)).Select(static entry => Entry6(entry.Network))];
    }

    private static (uint Network, uint Mask) Entry4(IPNetwork network) =>
        (NumberOf4(network), network.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - network.PrefixLength));

    private static (UInt128 Network, UInt128 Mask) Entry6(IPNetwork network) =>
        (NumberOf6(network), network.PrefixLength == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - network.PrefixLength));
}
