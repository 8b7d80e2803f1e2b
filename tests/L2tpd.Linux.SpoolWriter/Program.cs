using System.Globalization;
using L2tpd.Access;
using L2tpd.PppHosting.Radius;

// Writes an accounting spool until it is killed, which is what SpoolKillTests does to it: appends records with rising numbers, and marks
// some of those that wait as done. Says on standard output what it begins and what is complete; each line leaves with its write(2).
// Arguments: the directory, a seed, the number of the first record.
var random = new Random(int.Parse(args[1], CultureInfo.InvariantCulture));
var next = int.Parse(args[2], CultureInfo.InvariantCulture);
using var files = new SpoolFiles(args[0], 1 << 20);
var waiting = files.Recover().Select(static entry => (entry.SessionId, entry.Place)).ToList();
using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 256) { AutoFlush = true };
while (true)
{
    // Few records wait at one time, so that files come and go.
    if (waiting.Count < 50 && random.Next(100) < 60)
    {
        var name = next++.ToString(CultureInfo.InvariantCulture);
        output.Write($"append {name}\n");
        var attributes = new byte[random.Next(1_500)];
        var frame = SpoolFrame.Write(new SpoolRecord(AccountingStatus.Stop, 1, name, "", attributes));
        waiting.Add((name, files.Append(frame, out _)));
        output.Write($"appended {name}\n");
    }
    else if (waiting.Count > 0)
    {
        var index = random.Next(waiting.Count);
        output.Write($"mark {waiting[index].SessionId}\n");
        files.MarkDone(waiting[index].Place);
        output.Write($"marked {waiting[index].SessionId}\n");
        waiting.RemoveAt(index);
    }

    if (random.Next(200) == 0)
        files.Sync();
}
