using System.Runtime.InteropServices;
using L2tpd.Linux;

namespace L2tpd.Runtime.Processes;

/// <summary>A process that is not our child (any more): signalled through a pidfd opened before its identity is checked, so that never a later process of its pid is hit.</summary>
public static partial class StrayProcess
{
    // The same numbers on every architecture.
    private const int PidfdSendSignal = 424;
    private const int PidfdOpen = 434;

    /// <summary>Signals exactly this process.</summary>
    /// <returns>False: it is gone, or may not be signalled.</returns>
    public static bool TrySignal(ProcessIdentity process, int signal)
    {
        var number = (int)Call(PidfdOpen, process.Pid, 0, 0, 0);
        if (number < 0)
            return false;
        using var descriptor = new FileDescriptor(number);
        return ProcessTable.IsAlive(process) && Call(PidfdSendSignal, number, signal, 0, 0) == 0;
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second, nint third, nint fourth);
}
