using L2tpd.Linux.Processes;

namespace L2tpd.Runtime.Processes;

/// <summary>
/// A process that is not, or no longer, our child. It is signalled through a pidfd that is opened before the identity is checked, so that a
/// later process with the same pid is never signalled.
/// </summary>
public static class StrayProcess
{
    /// <summary>Signals exactly this process.</summary>
    /// <returns><c>false</c> if the process has ended, or we may not signal it.</returns>
    public static bool TrySignal(ProcessIdentity process, int signal)
    {
        if (!PidFd.TryOpen(process.Pid, out var opened).IsNone)
            return false;
        using var descriptor = opened!;
        return ProcessTable.IsAlive(process) && PidFd.Signal(descriptor, signal).IsNone;
    }
}
