namespace L2tpd.Runtime.Processes;

/// <summary>A process, identified for all time: the kernel reuses pids, but not a pid with the same start time.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="StartTime">Field 22 of <c>/proc/PID/stat</c>: clock ticks since boot.</param>
public readonly record struct ProcessIdentity(int Pid, ulong StartTime);
