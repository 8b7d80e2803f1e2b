using L2tpd.Access;
using L2tpd.PppHosting.Radius;
using L2tpd.TestKit;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>The files of the accounting spool: what another process finds in them.</summary>
public sealed class SpoolFilesTests : IDisposable
{
    private const long Megabyte = 1 << 20;

    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-spool-").FullName;

    [Fact]
    public void What_is_not_done_is_found_again_in_its_order()
    {
        using (var files = Open())
        {
            Assert.Empty(files.Recover());
            var places = Enumerable.Range(0, 10).Select(i => files.Append(Frame(i), out _)).ToArray();
            foreach (var done in (int[])[0, 3, 9])
                files.MarkDone(places[done]);
            Assert.Equal("s4", files.Read(places[4])!.SessionId);
            files.Sync();
        }

        using (var files = Open())
        {
            var entries = files.Recover();
            Assert.Equal(["s1", "s2", "s4", "s5", "s6", "s7", "s8"], entries.Select(static entry => entry.SessionId));
            Assert.Equal("s7", files.Read(entries[5].Place)!.SessionId);
            Assert.Equal(0, files.Damaged);
            // The order goes on in a new file, and the former one goes with its last record.
            files.Append(Frame(10), out _);
            foreach (var entry in entries)
                files.MarkDone(entry.Place);
            Assert.Single(Segments);
        }

        using var last = Open();
        Assert.Equal("s10", Assert.Single(last.Recover()).SessionId);
    }

    [Fact]
    public void When_all_is_done_no_file_is_left()
    {
        using var files = Open();
        foreach (var place in Enumerable.Range(0, 5).Select(i => files.Append(Frame(i), out _)).ToArray())
            files.MarkDone(place);
        Assert.Empty(Segments);
        files.Append(Frame(6), out _);
        Assert.Single(Segments);
    }

    [Fact]
    public void A_file_may_be_cut_off_anywhere_and_keeps_every_whole_record()
    {
        using (var files = Open())
        {
            for (var i = 0; i < 3; i++)
                files.Append(Frame(i), out _);
        }

        var whole = File.ReadAllBytes(Assert.Single(Segments));
        var size = Frame(0).Length;
        for (var length = 0; length <= whole.Length; length += 7)
        {
            File.WriteAllBytes(Assert.Single(Segments), whole[..length]);
            using (var files = Open())
            {
                Assert.Equal(length / size, files.Recover().Count);
                Assert.Equal(length % size, files.Damaged);
            }

            File.WriteAllBytes($"{_directory}/0000000000000001.spool", whole);
        }
    }

    [Fact]
    public void Damage_hides_the_rest_of_its_file_and_of_no_other()
    {
        using (var files = Open())
        {
            for (var i = 0; i < 1_000; i++)
                files.Append(Frame(i, octets: 200), out _);
        }

        Assert.True(Segments.Length > 2);
        var octets = File.ReadAllBytes(Segments[0]);
        octets[20] ^= 1;
        File.WriteAllBytes(Segments[0], octets);
        using var after = Open();
        var found = after.Recover().Count;
        Assert.InRange(found, 500, 999);
        Assert.InRange(after.Damaged, 1, octets.Length);
    }

    [Fact]
    public void The_bound_of_all_files_is_kept_by_removing_the_oldest()
    {
        using var files = Open();
        var dropped = 0L;
        for (var i = 0; i < 20_000; i++)
        {
            files.Append(Frame(i, octets: 200), out var through);
            dropped = Math.Max(dropped, through);
            if (i % 500 == 0)
                Assert.InRange(Segments.Sum(static path => new FileInfo(path).Length), 0, Megabyte);
        }

        Assert.True(dropped > 10);
        Assert.Null(files.Read(new SpoolPlace(1, 0, Frame(0, octets: 200).Length)));
        files.MarkDone(new SpoolPlace(1, 0, 1));
    }

    [Fact]
    public void A_second_process_is_refused()
    {
        using var files = Open();
        Assert.Throws<IOException>(Open);
    }

    [Fact]
    public void Random_files_are_read_without_harm()
    {
        Seeds.ForEach(20, seed =>
        {
            var random = new Random((int)seed);
            var octets = new byte[random.Next(5_000)];
            random.NextBytes(octets);
            File.WriteAllBytes($"{_directory}/0000000000000007.spool", octets);
            File.WriteAllBytes($"{_directory}/notes.spool", octets);
            using var files = Open();
            Assert.Empty(files.Recover());
        });
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string[] Segments => [.. Directory.GetFiles(_directory, "0*.spool").Order(StringComparer.Ordinal)];

    private SpoolFiles Open() => new(_directory, Megabyte);

    private static byte[] Frame(int number, int octets = 0) => SpoolFrame.Write(
        new SpoolRecord(AccountingStatus.Stop, 1, $"s{number}", "", new byte[octets]));
}
