namespace L2tpd.Runtime.Processes;

/// <summary>A process as the kernel knows it for all time: pids are used again, start times with them are not.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="StartTime">Field 22 of <c>/proc/PID/stat</c>: clock ticks since boot.</param>
public readonly record struct ProcessIdentity(int Pid, ulong StartTime);
