using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Linux.Netlink;
using EnginePath = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Daemon.Hosting;

/// <summary>
/// Whether a tunnel is in IPsec although nothing requires it: whether the kernel has a policy that wants ESP from its peer.
/// </summary>
internal static class TunnelProtection
{
    private const byte Udp = 17, L2tp = 115;

    /// <summary>Reads the kernel's policies. Not on the loop's thread.</summary>
    /// <returns><c>policy</c>, or <c>none</c>; <c>null</c> if it cannot be known.</returns>
    public static async Task<string?> ReadAsync(EnginePath path, CancellationToken cancellation) =>
        await Task.Run(() => Read(path), cancellation).ConfigureAwait(false);

    private static string? Read(EnginePath path)
    {
        if (!XfrmTable.TryOpen(out var table).IsNone)
            return null;
        using (table)
        {
            if (!table!.ReadInboundPolicies(out var policies).IsNone)
                return null;
            var (protocol, from, to) = (path.Remote.IsOverIp ? L2tp : Udp, End(path.Remote), End(path.Local));
            return policies.Any(policy => policy.Covers(protocol, from, to))
                || (BeforeTranslation(path, from, to) is { } sender && policies.Any(policy => policy.Covers(protocol, sender, to)))
                ? "policy" : "none";
        }
    }

    /// <summary>With <c>nat-zones</c> the port that we see is ours; policies have the one that the peer sends from.</summary>
    private static IPEndPoint? BeforeTranslation(EnginePath path, IPEndPoint from, IPEndPoint to) =>
        !path.Remote.IsOverIp && Conntrack.TryFind(to, from, out var entry).IsNone && entry.SourcePort != 0
            ? new IPEndPoint(from.Address, entry.SourcePort) : null;

    private static IPEndPoint End(Endpoint endpoint) => new(endpoint.ToIPAddress(), endpoint.Port);
}
