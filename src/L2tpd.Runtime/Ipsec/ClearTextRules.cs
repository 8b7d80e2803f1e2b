using System.Net;
using L2tpd.Configuration;
using L2tpd.Engine.Configuration;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol.Data;

namespace L2tpd.Runtime.Ipsec;

/// <summary>
/// The nftables table that drops IP protocol 115 in clear text, received and sent, where <c>ipsec: required</c> asks for it. The kernel's
/// data path takes data messages of that protocol without asking for the policy of the socket, unlike over UDP, and sends them in clear
/// text once an association has ended. The table exists while there is something to drop. Not thread-safe: one call at a time.
/// </summary>
public sealed class ClearTextRules : IDisposable
{
    /// <summary>The table's family and name.</summary>
    public const string Table = "inet l2tpd_clear_text";

    private const string Name = "l2tpd_clear_text", Received = "dropped", Unsent = "unsent", Key = "ipsec: required over IP protocol 115";

    private ProtectedPath[] _paths = [];

    /// <summary>Packets since the table was made: received and dropped, and not sent. 0 if there is no table. Any thread.</summary>
    public static (long Dropped, long Unsent) ReadCounters()
    {
        Span<long> packets = stackalloc long[2];
        return NftCounter.TryRead(Name, [Received, Unsent], packets).IsNone ? (packets[0], packets[1]) : default;
    }

    /// <summary>Installs what a configuration asks for, or changes it, or removes it. Blocks for the time of the program nft.</summary>
    /// <returns>The error: what was installed before stays as it was.</returns>
    public LinuxError Apply(DaemonConfiguration configuration)
    {
        var paths = Paths(configuration).Distinct().OrderBy(static path => path.Received, StringComparer.Ordinal).ToArray();
        if (paths.SequenceEqual(_paths))
            return LinuxError.None;
        var error = NftProgram.Run(Script(paths, isNew: _paths.Length == 0), Key);
        if (error.IsNone)
            _paths = paths;
        return error;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_paths.Length > 0)
            NftProgram.Run(Removal, Key);
    }

    /// <summary>The paths of a configuration that must be inside ESP.</summary>
    public static IEnumerable<ProtectedPath> Paths(DaemonConfiguration configuration)
    {
        foreach (var listener in configuration.Listeners)
        {
            if (listener.Carrier == DataCarrier.Ip && listener.Ipsec.Policy == IpsecPolicy.Required)
                yield return new ProtectedPath(listener.Address, Peer: null);
        }

        foreach (var tunnel in configuration.Engine.Tunnels)
        {
            if (tunnel.Carrier != DataCarrier.Ip || tunnel.Peer.Ipsec.Policy != IpsecPolicy.Required)
                continue;
            foreach (var path in Paths([.. tunnel.Remotes.Select(static to => to.Query is null ? to.Host : null)], tunnel.LocalAddress))
                yield return path;
        }

        foreach (var tunnel in configuration.Engine.StaticTunnels)
        {
            if (!tunnel.Remote.IsOverIp || tunnel.Ipsec.Policy != IpsecPolicy.Required)
                continue;
            foreach (var path in Paths([tunnel.Remote.ToIPAddress().ToString()], tunnel.LocalAddress))
                yield return path;
        }
    }

    /// <summary>The script that makes the table, or gives an existing one these rules and leaves its counters; empty: removes it.</summary>
    public static string Script(IReadOnlyCollection<ProtectedPath> paths, bool isNew)
    {
        if (paths.Count == 0)
            return Removal;
        var rules = paths.Select(static path => $"""
            add rule {Table} input {path.Received} meta l4proto 115 meta secpath missing counter name {Received} drop
            add rule {Table} postrouting {path.Sent} meta l4proto 115 rt ipsec missing counter name {Unsent} drop

            """);
        // Not output: what a policy without an association holds back comes by there as well, and the kernel counts it already.
        return $$"""
            {{(isNew ? Removal : "")}}add table {{Table}}
            add counter {{Table}} {{Received}}
            add counter {{Table}} {{Unsent}}
            add chain {{Table}} input { type filter hook input priority -150; policy accept; }
            add chain {{Table}} postrouting { type filter hook postrouting priority -150; policy accept; }
            flush chain {{Table}} input
            flush chain {{Table}} postrouting
            {{string.Concat(rules)}}
            """;
    }

    // Also where a killed daemon left none: a deletion alone would fail.
    private static string Removal => $"add table {Table}\ndelete table {Table}\n";

    private static IEnumerable<ProtectedPath> Paths(string?[] remotes, string? local)
    {
        var ours = IPAddress.TryParse(local, out var address) ? address : null;
        foreach (var remote in remotes)
        {
            // `--check` has refused a name without a local address.
            if (IPAddress.TryParse(remote, out var peer))
                yield return new ProtectedPath(ours, peer);
            else if (ours is not null)
                yield return new ProtectedPath(ours, Peer: null);
        }
    }
}
