using System.Globalization;

namespace L2tpd.Runtime.Processes;

/// <summary>Reads <c>/proc</c>.</summary>
public static class ProcessTable
{
    /// <summary>This process.</summary>
    public static ProcessIdentity Self => new(Environment.ProcessId, StartTimeOf(Environment.ProcessId) ?? 0);

    /// <summary>Field 22 of <c>/proc/PID/stat</c>; <c>null</c> if there is no such process.</summary>
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

    /// <summary>Whether the process is alive and is the same one, not a later one with its pid.</summary>
    public static bool IsAlive(ProcessIdentity process) => process.Pid > 0 && StartTimeOf(process.Pid) == process.StartTime;

    /// <summary>Reads field 22. The command's name in field 2 may itself contain blanks and brackets.</summary>
    public static ulong? ParseStartTime(string stat)
    {
        const int FieldsAfterName = 19;
        var end = stat.LastIndexOf(')');
        if (end < 0)
            return null;
        var fields = stat[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // A zombie still has these fields, but it has ended.
        return fields.Length > FieldsAfterName && fields[0] is not ("Z" or "X")
            && ulong.TryParse(fields[FieldsAfterName], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? ticks
            : null;
    }
}
