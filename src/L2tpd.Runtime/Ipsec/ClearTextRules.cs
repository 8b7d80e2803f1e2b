using System.Net;
using System.Net.Sockets;
using L2tpd.Configuration;
using L2tpd.Engine.Configuration;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol.Data;

namespace L2tpd.Runtime.Ipsec;

/// <summary>
/// The nftables table that drops IP protocol 115 in clear text where <c>ipsec: required</c> asks for it. The kernel's data path takes data
/// messages of that protocol without asking for the policy of the socket, unlike over UDP. The table exists while there is something to
/// drop. Not thread-safe: one call at a time.
/// </summary>
public sealed class ClearTextRules : IDisposable
{
    /// <summary>The table's family and name.</summary>
    public const string Table = "inet l2tpd_clear_text";

    private const string Name = "l2tpd_clear_text", Counter = "dropped", Key = "ipsec: required over IP protocol 115";

    private string[] _matches = [];

    /// <summary>Packets dropped since the table was made; 0 if there is none. Any thread.</summary>
    public static long ReadDropped() =>
        NftCounter.TryRead(Name, Counter, out var packets).IsNone ? packets : 0;

    /// <summary>Installs what a configuration asks for, or changes it, or removes it. Blocks for the time of the program nft.</summary>
    /// <returns>The error: what was installed before stays as it was.</returns>
    public LinuxError Apply(DaemonConfiguration configuration)
    {
        var matches = Matches(configuration).Distinct().Order(StringComparer.Ordinal).ToArray();
        if (matches.SequenceEqual(_matches))
            return LinuxError.None;
        var error = NftProgram.Run(Script(matches, isNew: _matches.Length == 0), Key);
        if (error.IsNone)
            _matches = matches;
        return error;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_matches.Length > 0)
            NftProgram.Run(Removal, Key);
    }

    /// <summary>What of a configuration must come out of ESP, as nftables matches it.</summary>
    public static IEnumerable<string> Matches(DaemonConfiguration configuration)
    {
        foreach (var listener in configuration.Listeners)
        {
            if (listener.Carrier == DataCarrier.Ip && listener.Ipsec.Policy == IpsecPolicy.Required)
                yield return To(listener.Address);
        }

        foreach (var tunnel in configuration.Engine.Tunnels)
        {
            if (tunnel.Carrier != DataCarrier.Ip || tunnel.Peer.Ipsec.Policy != IpsecPolicy.Required)
                continue;
            foreach (var match in Matches([.. tunnel.Remotes.Select(static to => to.Query is null ? to.Host : null)], tunnel.LocalAddress))
                yield return match;
        }

        foreach (var tunnel in configuration.Engine.StaticTunnels)
        {
            if (!tunnel.Remote.IsOverIp || tunnel.Ipsec.Policy != IpsecPolicy.Required)
                continue;
            foreach (var match in Matches([tunnel.Remote.ToIPAddress().ToString()], tunnel.LocalAddress))
                yield return match;
        }
    }

    /// <summary>The script that makes the table, or gives an existing one these rules and leaves its counter; empty: removes it.</summary>
    public static string Script(IReadOnlyCollection<string> matches, bool isNew)
    {
        if (matches.Count == 0)
            return Removal;
        var rules = matches.Select(static match =>
            $"add rule {Table} input {match} meta l4proto 115 meta secpath missing counter name {Counter} drop\n");
        return $$"""
            {{(isNew ? Removal : "")}}add table {{Table}}
            add counter {{Table}} {{Counter}}
            add chain {{Table}} input { type filter hook input priority -150; policy accept; }
            flush chain {{Table}} input
            {{string.Concat(rules)}}
            """;
    }

    // Also where a killed daemon left none: a deletion alone would fail.
    private static string Removal => $"add table {Table}\ndelete table {Table}\n";

    private static IEnumerable<string> Matches(string?[] remotes, string? local)
    {
        var ours = IPAddress.TryParse(local, out var address) ? address : null;
        foreach (var remote in remotes)
        {
            // `--check` has refused a name without a local address.
            if (IPAddress.TryParse(remote, out var peer))
                yield return Family(peer) + $" saddr {peer}" + (ours is null ? "" : " " + To(ours));
            else if (ours is not null)
                yield return To(ours);
        }
    }

    private static string To(IPAddress address) =>
        address.Equals(IPAddress.Any) ? "meta nfproto ipv4"
        : address.Equals(IPAddress.IPv6Any) ? "meta nfproto ipv6" : $"{Family(address)} daddr {address}";

    private static string Family(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? "ip6" : "ip";
}
