using L2tpd.Control;
using L2tpd.Linux.Host;
using L2tpd.Runtime.Counters;
using L2tpd.Runtime.Ipsec;

namespace L2tpd.Daemon.Hosting;

/// <summary>
/// What the kernel's IPsec dropped since the daemon's start, and our table for IP protocol 115. The kernel counts for the network
/// namespace, not by socket. To be made before the first listener is opened.
/// </summary>
internal sealed class IpsecCounters
{
    private readonly XfrmDrops _before = XfrmDrops.TryRead() ?? default;

    /// <summary>Adds the counters to the registry.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="withoutMark">Datagrams that l2tpd itself dropped because they had no mark.</param>
    public void Register(CounterRegistry registry, Func<long> withoutMark) => registry.Add(
        new CounterFamily(
            "l2tpd_ipsec_packets_dropped_total", "packets",
            "Packets that the kernel's IPsec dropped in this network namespace since the start, by reason; without-mark: by l2tpd.")
        { Labels = ["reason"] },
        samples =>
        {
            if (Read() is not { } drops)
                return;
            samples.Add(drops.ClearText, "clear-text");
            samples.Add(drops.NoAssociation, "no-association");
            samples.Add(drops.Invalid, "invalid");
            samples.Add(drops.NotSent, "not-sent");
            samples.Add(withoutMark(), "without-mark");
        });

    /// <summary>For the status; <c>null</c> if the kernel has no IPsec.</summary>
    public IpsecDropsView? View(long withoutMark) => Read() is { } drops
        ? new IpsecDropsView
        {
            ClearText = drops.ClearText, NoAssociation = drops.NoAssociation, Invalid = drops.Invalid, NotSent = drops.NotSent,
            WithoutMark = withoutMark,
        }
        : null;

    private XfrmDrops? Read()
    {
        if (XfrmDrops.TryRead()?.Since(_before) is not { } drops)
            return null;
        var (dropped, unsent) = ClearTextRules.ReadCounters();
        return drops with { ClearText = drops.ClearText + dropped, NotSent = drops.NotSent + unsent };
    }
}
