using System.Globalization;

namespace L2tpd.Runtime.Processes;

/// <summary>What <c>/proc</c> tells of processes.</summary>
public static class ProcessTable
{
    /// <summary>This process.</summary>
    public static ProcessIdentity Self => new(Environment.ProcessId, StartTimeOf(Environment.ProcessId) ?? 0);

    /// <summary>Field 22 of <c>/proc/PID/stat</c>; null: no such process.</summary>
    public static ulong? StartTimeOf(int pid)
    {
        try
        {
            return ParseStartTime(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat")));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>True: the process is alive and the same one, not one that got its pid later.</summary>
    public static bool IsAlive(ProcessIdentity process) => process.Pid > 0 && StartTimeOf(process.Pid) == process.StartTime;

    /// <summary>Reads field 22; the command's name before it may itself contain spaces and brackets.</summary>
    public static ulong? ParseStartTime(string stat)
    {
        const int FieldsAfterName = 19;
        var end = stat.LastIndexOf(')');
        if (end < 0)
            return null;
        var fields = stat[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // A zombie has the fields still, but nothing to end any more.
        return fields.Length > FieldsAfterName && fields[0] is not ("Z" or "X")
            && ulong.TryParse(fields[FieldsAfterName], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? ticks
            : null;
    }
}
