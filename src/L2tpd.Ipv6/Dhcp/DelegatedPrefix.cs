using System.Net;
using L2tpd.Ipv6.Packets;

namespace L2tpd.Ipv6.Dhcp;

/// <summary>A prefix as DHCPv6 carries it.</summary>
/// <param name="Address">Its first address.</param>
/// <param name="Length">0 to 128 bits.</param>
public readonly record struct DelegatedPrefix(Ipv6Address Address, byte Length)
{
    /// <summary>The prefix of the framework's type.</summary>
    public static DelegatedPrefix From(IPNetwork network) => new(Ipv6Address.From(network.BaseAddress), (byte)network.PrefixLength);

    /// <summary>Whether the address lies in the prefix.</summary>
    public bool Contains(Ipv6Address address) =>
        Length == 0 || (Length <= 128 && (address.Value ^ Address.Value) >> (128 - Length) == UInt128.Zero);
}
