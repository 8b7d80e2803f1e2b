using System.Diagnostics;
using System.Globalization;
using L2tpd.Access;
using L2tpd.PppHosting.Radius;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>The files of the accounting spool when the process that writes them is killed, and when the disk is full.</summary>
public sealed class SpoolKillTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 8;

    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-spool-").FullName;

    [Fact]
    public void No_record_is_lost_and_none_comes_back_when_the_writer_is_killed_at_any_point()
    {
        var random = new Random(Seeds.One(output.WriteLine));
        var expected = new SortedSet<int>();
        var next = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            var lines = Write(random.Next(), next, lines: random.Next(1, 4_000));
            var (appending, marking) = Follow(lines, expected, ref next);
            using var files = new SpoolFiles($"{_directory}/spool", 1 << 20);
            var entries = files.Recover();
            var found = entries.Select(static entry => int.Parse(entry.SessionId, CultureInfo.InvariantCulture)).ToArray();
            // What was under way at the kill may have happened or not; nothing else may differ.
            if (appending is { } half && found.Contains(half))
                expected.Add(half);
            if (marking is { } end && !found.Contains(end))
                expected.Remove(end);
            Assert.Equal(expected, found);
            Assert.All(entries, entry => Assert.Equal(entry.SessionId, files.Read(entry.Place)!.SessionId));
            next = (appending ?? next - 1) + 1;
        }

        output.WriteLine($"{next} records, {expected.Count} of them wait");
        Assert.True(next > Kills);
    }

    [Fact]
    public void A_full_disk_loses_nothing_and_takes_records_again_when_there_is_room()
    {
        var mount = Directory.CreateDirectory($"{_directory}/full").FullName;
        NamespacePair.Run($"mount -t tmpfs -o size=256k tmpfs {mount}");
        try
        {
            var places = new List<SpoolPlace>();
            using (var files = new SpoolFiles($"{mount}/spool", 1 << 20))
            {
                Fill(files, places);
                Assert.InRange(places.Count, 100, 1_000);
                // Marking needs no room. A file goes with its last record, and then there is room again.
                var gone = places.Where(place => place.Segment == places[0].Segment).ToArray();
                foreach (var place in gone)
                    files.MarkDone(place);
                places.RemoveRange(0, gone.Length);
                var before = places.Count;
                Fill(files, places);
                Assert.True(places.Count > before);
            }

            using var again = new SpoolFiles($"{mount}/spool", 1 << 20);
            Assert.Equal(places, again.Recover().Select(static entry => entry.Place));
            Assert.Equal(0, again.Damaged);
        }
        finally
        {
            NamespacePair.Run($"umount {mount}");
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static void Fill(SpoolFiles files, List<SpoolPlace> places)
    {
        var isFull = false;
        for (var i = 0; i < 5_000 && !isFull; i++)
        {
            try
            {
                places.Add(files.Append(
                    SpoolFrame.Write(new SpoolRecord(AccountingStatus.Stop, 1, $"s{i}", "", new byte[700])), out var dropped));
                Assert.Equal(0, dropped);
            }
            catch (IOException)
            {
                isFull = true;
            }
        }

        Assert.True(isFull);
        // And each further one is refused as the first was.
        Assert.ThrowsAny<IOException>(() => files.Append(
            SpoolFrame.Write(new SpoolRecord(AccountingStatus.Stop, 1, "x", "", new byte[3_000])), out _));
    }

    /// <summary>Lets the writer run until it has said so many lines, then kills it. Returns all that it said.</summary>
    private List<string> Write(int seed, int first, int lines)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "L2tpd.Linux.SpoolWriter.dll");
        var start = new ProcessStartInfo("dotnet", [program, $"{_directory}/spool", $"{seed}", $"{first}"])
        {
            RedirectStandardOutput = true,
        };
        using var writer = Process.Start(start)!;
        var said = new List<string>();
        while (writer.StandardOutput.ReadLine() is { } line)
        {
            said.Add(line);
            if (said.Count == lines)
                writer.Kill();
        }

        writer.WaitForExit();
        Assert.True(said.Count >= lines, $"the writer ended by itself, after {said.Count} lines");
        return said;
    }

    /// <summary>What the lines say is on disk; returns what was under way at the end.</summary>
    private static (int? Appending, int? Marking) Follow(List<string> lines, SortedSet<int> expected, ref int next)
    {
        (int? Appending, int? Marking) open = default;
        foreach (var line in lines)
        {
            // The kill may have cut off the last line: then it is one that was not said.
            var words = line.Split(' ');
            if (words.Length != 2 || !int.TryParse(words[1], CultureInfo.InvariantCulture, out var number))
                continue;

            switch (words[0])
            {
                case "append":
                    (open.Appending, next) = (number, number + 1);
                    break;
                case "appended":
                    open.Appending = null;
                    expected.Add(number);
                    break;
                case "mark":
                    open.Marking = number;
                    break;
                case "marked":
                    open.Marking = null;
                    expected.Remove(number);
                    break;
            }
        }

        return open;
    }
}
