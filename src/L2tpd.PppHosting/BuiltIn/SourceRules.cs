using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// The source check of the kernel data plane (ADR 11): packets from a subscriber's interface whose source address is not routed to that
/// interface are dropped, IPv4 and IPv6; also those whose destination is routed back to it, which would go to and fro, and router
/// advertisements. The rules of a table of our own serve all interfaces of a group: one netlink call per session.
/// Without nftables, rp_filter of the interface checks IPv4, and a line in the log says so. The table is made with the first subscriber and
/// removed when the daemon stops. Any thread.
/// </summary>
public sealed partial class SourceRules(ILogger log) : IDisposable
{
    private const string Key = "source-check";
    private const string Table = "inet l2tpd_sources";

    /// <summary>Groups of checked interfaces: this and the MTU of the MSS clamp, or 0.</summary>
    private const uint FirstGroup = 0x4c33_0000;

    private readonly Lock _lock = new();
    private LinuxError? _prepared;
    private bool _isDisposed;

    /// <summary>Group of a checked interface.</summary>
    /// <param name="clampedMtu">MTU that its connections are clamped to; 0: they are not.</param>
    public static uint GroupOf(int clampedMtu) => FirstGroup + (uint)clampedMtu;

    /// <summary>The whole table, replacing one that a killed daemon left.</summary>
    public static string Script => $$"""
        table {{Table}}
        delete table {{Table}}
        table {{Table}} {
         chain check {
          type filter hook prerouting priority raw; policy accept;
          meta iifgroup & 0xffff0000 != 0x{{FirstGroup:x8}} accept
          fib saddr . iif oif missing counter drop
          icmpv6 type { nd-router-advert, nd-redirect } counter drop
          ip6 daddr != { fe80::/10, ff00::/8 } fib daddr . iif oif exists counter drop
          ip daddr != 224.0.0.0/3 fib daddr . iif oif exists counter drop
         }
        }

        """;

    /// <summary>Checks the source addresses of packets from an interface from now on. The first call runs nft.</summary>
    /// <returns>ENODEV: no such interface; others: neither nftables nor rp_filter is available.</returns>
    public LinuxError Check(RtNetlink netlink, string name, int clampedMtu) =>
        Prepare().IsNone ? netlink.SetGroup(name, GroupOf(clampedMtu)) : netlink.SetReversePathFilter(name, strict: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_isDisposed && _prepared is { IsNone: true })
                NftProgram.Run($"delete table {Table}\n", Key);
            _isDisposed = true;
        }
    }

    private LinuxError Prepare()
    {
        lock (_lock)
        {
            if (_prepared is { } known)
                return known;
            var error = NftProgram.Run(Script, Key);
            _prepared = error;
            if (error.IsNone)
                LogByTable();
            else
                LogByFilter(error);
            return error;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message =
        "The nftables table inet l2tpd_sources drops packets of subscribers with a source address that is not routed to them")]
    private partial void LogByTable();

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Source addresses of subscribers are checked by rp_filter, and over IPv4 only, because the nftables table cannot be created: " +
        "{Error}. Install nftables, or set `source-check: false` if your firewall checks sources")]
    private partial void LogByFilter(LinuxError error);
}
