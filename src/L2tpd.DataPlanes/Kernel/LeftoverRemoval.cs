using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Processes;
using L2tpd.Runtime.Processes;
using Microsoft.Extensions.Logging;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>Removes at start what a crashed run left in the kernel, by its ledger only.</summary>
public sealed partial class LeftoverRemoval(L2tpNetlink netlink, ILogger log)
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Ends pppd processes and deletes tunnels of the earlier run. Blocks for a few seconds at most.</summary>
    /// <returns>Why the daemon must not start: another one is running. <c>null</c> if it may start.</returns>
    public string? Run(LedgerContents contents, LedgerPlace here, string path)
    {
        if (contents.Place != here)
            return null;
        if (contents.Writer != ProcessTable.Self && ProcessTable.IsAlive(contents.Writer))
            return $"another l2tpd (process {contents.Writer.Pid}) uses the state file {path}: set a different 'state-file' for each";
        var children = EndChildren(contents.Children);
        var tunnels = contents.Tunnels.Count(Delete);
        if (children + tunnels > 0)
            LogCleared(tunnels, children);
        return null;
    }

    private static int EndChildren(IReadOnlyCollection<ProcessIdentity> children)
    {
        var alive = children.Where(child => StrayProcess.TrySignal(child, Signals.SIGTERM)).ToList();
        var ended = alive.Count;
        var deadline = MonotonicClock.NowMilliseconds + (long)EndTimeout.TotalMilliseconds;
        while (alive.Count > 0 && MonotonicClock.NowMilliseconds < deadline)
        {
            Thread.Sleep(Pause);
            alive.RemoveAll(child => !ProcessTable.IsAlive(child));
        }

        foreach (var child in alive)
            StrayProcess.TrySignal(child, Signals.SIGKILL);
        return ended;
    }

    private bool Delete(LedgerTunnel tunnel)
    {
        // Another program may use the id by now: the peer's id must be the recorded one.
        if (!netlink.GetTunnel(tunnel.LocalId.Value, out var found).IsNone || found!.PeerTunnelId != tunnel.PeerId.Value)
            return false;
        var error = netlink.DeleteTunnel(tunnel.LocalId.Value);
        if (!error.IsNone)
            LogNotRemoved(tunnel.LocalId.Value, error);
        return error.IsNone;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "An earlier run did not end in order: removed {Tunnels} tunnels from the kernel, ended {Children} pppd processes")]
    private partial void LogCleared(int tunnels, int children);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot remove tunnel {TunnelId} of an earlier run from the kernel: {Error}")]
    private partial void LogNotRemoved(uint tunnelId, LinuxError error);
}
