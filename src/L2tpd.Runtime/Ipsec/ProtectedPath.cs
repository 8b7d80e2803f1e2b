using System.Net;
using System.Net.Sockets;

namespace L2tpd.Runtime.Ipsec;

/// <summary>The addresses of datagrams that must be inside ESP, as nftables matches them in both directions.</summary>
/// <param name="Ours">Our address, which may be the wildcard; <c>null</c>: any of ours.</param>
/// <param name="Peer">The peer's address; <c>null</c>: any, and then ours is there.</param>
public readonly record struct ProtectedPath(IPAddress? Ours, IPAddress? Peer)
{
    /// <summary>Matches what this machine receives, in the hook input.</summary>
    public string Received => Join(
        Peer is null ? "" : $"{Family} saddr {Peer}",
        IsAnyOfOurs ? Peer is null ? $"meta nfproto {FamilyName}" : "" : $"{Family} daddr {Ours}");

    /// <summary>Matches what this machine sends. The hook postrouting also has what is forwarded, whose source is not ours.</summary>
    public string Sent => Join(
        Peer is null ? "" : $"{Family} daddr {Peer}",
        IsAnyOfOurs ? Join(Peer is null ? $"meta nfproto {FamilyName}" : "", "fib saddr type local") : $"{Family} saddr {Ours}");

    private bool IsAnyOfOurs => Ours is null || Ours.Equals(IPAddress.Any) || Ours.Equals(IPAddress.IPv6Any);

    private string Family => (Peer ?? Ours)!.AddressFamily == AddressFamily.InterNetworkV6 ? "ip6" : "ip";

    private string FamilyName => Family == "ip6" ? "ipv6" : "ipv4";

    private static string Join(string first, string second) => first.Length > 0 && second.Length > 0 ? $"{first} {second}" : first + second;
}
