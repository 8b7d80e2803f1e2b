using L2tpd.Linux.Processes;

namespace L2tpd.Runtime.Processes;

/// <summary>
/// A process that is not our child (any more): signalled through a pidfd opened before its identity is checked, so that never a later
/// process of its pid is hit.
/// </summary>
public static class StrayProcess
{
    /// <summary>Signals exactly this process.</summary>
    /// <returns>False: it is gone, or may not be signalled.</returns>
    public static bool TrySignal(ProcessIdentity process, int signal)
    {
        if (!PidFd.TryOpen(process.Pid, out var opened).IsNone)
            return false;
        using var descriptor = opened!;
        return ProcessTable.IsAlive(process) && PidFd.Signal(descriptor, signal).IsNone;
    }
}
