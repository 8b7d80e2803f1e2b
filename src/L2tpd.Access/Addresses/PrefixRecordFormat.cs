using System.Globalization;
using System.Net;

namespace L2tpd.Access;

/// <summary>
/// The file of <see cref="PrefixRecord"/>s: a line for the version, a line per record (time, prefix, pool and user, of which the two names
/// are percent-encoded), and a last line with their number, without which the file was cut off.
/// </summary>
public static class PrefixRecordFormat
{
    private const string FirstLine = "l2tpd-prefixes 1";
    private const string LastWord = "end";

    /// <summary>Writes the lines.</summary>
    public static IEnumerable<string> Write(IReadOnlyCollection<PrefixRecord> records)
    {
        yield return FirstLine;
        foreach (var record in records)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{record.ReleasedAt} {record.Range.ToNetwork()} {Uri.EscapeDataString(record.Pool)} {Uri.EscapeDataString(record.User)}");
        }

        yield return string.Create(CultureInfo.InvariantCulture, $"{LastWord} {records.Count}");
    }

    /// <summary>Reads the lines. What cannot be read is left out.</summary>
    /// <param name="lines">Any lines.</param>
    /// <param name="damage">What is wrong; <c>null</c>: nothing.</param>
    public static List<PrefixRecord> Read(IEnumerable<string> lines, out string? damage)
    {
        var records = new List<PrefixRecord>();
        var (number, unread, isComplete) = (0, 0, false);
        damage = null;
        foreach (var line in lines)
        {
            if (++number == 1 && line != FirstLine)
            {
                damage = "its first line is not that of a list of prefixes";
                return records;
            }

            if (number == 1)
                continue;
            if (line.StartsWith(LastWord, StringComparison.Ordinal))
                isComplete = line == string.Create(CultureInfo.InvariantCulture, $"{LastWord} {records.Count + unread}");
            else if (TryRead(line, out var record))
                records.Add(record);
            else
                unread++;
        }

        damage = unread > 0 ? string.Create(CultureInfo.InvariantCulture, $"{unread} of its lines cannot be read")
            : !isComplete ? "its end is missing" : null;
        return records;
    }

    private static bool TryRead(string line, out PrefixRecord record)
    {
        record = default;
        if (line.Split(' ') is not [var time, var prefix, var pool, var user]
            || !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var releasedAt)
            || !IPNetwork.TryParse(prefix, out var network)
            || network.BaseAddress.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6)
        {
            return false;
        }

        record = new PrefixRecord(Uri.UnescapeDataString(pool), PrefixRange.From(network), Uri.UnescapeDataString(user), releasedAt);
        return true;
    }
}
