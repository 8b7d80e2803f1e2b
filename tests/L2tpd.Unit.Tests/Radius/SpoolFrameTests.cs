using L2tpd.Access;
using L2tpd.TestKit;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>Records in the files of the accounting spool.</summary>
public sealed class SpoolFrameTests
{
    private static readonly SpoolRecord Stop = new(AccountingStatus.Stop, 0x68a0_0000, "run-1", "main", new byte[] { 1, 3, 0x61 });

    /// <summary>The checksum was computed by another implementation (reflected, polynomial 1EDC6F41).</summary>
    [Fact]
    public void A_frame_is_what_the_format_says() =>
        Assert.Equal("5700000014cfd66284010268a000000572756e2d31046d61696e010361", Convert.ToHexStringLower(SpoolFrame.Write(Stop)));

    [Fact]
    public void Random_records_come_back_and_no_damage_to_them_goes_unseen() => Seeds.ForEach(50, static seed =>
    {
        var random = new Random((int)seed);
        var attributes = new byte[random.Next(600)];
        random.NextBytes(attributes);
        var record = new SpoolRecord(
            (AccountingStatus)random.Next(1, 9), (uint)random.Next(), new string('é', random.Next(120)), "", attributes);
        var frame = SpoolFrame.Write(record);
        Assert.True(SpoolFrame.TryRead([.. frame, 1, 2, 3], out var read, out var isDone, out var size));
        Assert.Equal((record with { Attributes = default }, false, frame.Length), (read! with { Attributes = default }, isDone, size));
        Assert.Equal(attributes, read.Attributes.ToArray());
        for (var length = 0; length < frame.Length; length++)
            Assert.False(SpoolFrame.TryRead(frame.AsSpan(0, length), out _, out _, out _));
        // The state is not covered: it changes in place, and a damaged one means that the record is sent.
        for (var bit = 8; bit < frame.Length * 8; bit++)
        {
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(SpoolFrame.TryRead(frame, out _, out _, out _), $"bit {bit} was changed");
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        frame[0] = SpoolFrame.Done;
        Assert.True(SpoolFrame.TryRead(frame, out _, out isDone, out _) && isDone);
        frame[0] = 0;
        Assert.True(SpoolFrame.TryRead(frame, out _, out isDone, out _) && !isDone);
    });

    [Fact]
    public void Random_octets_are_no_record()
    {
        Seeds.ForEach(200, static seed =>
        {
            var octets = new byte[64];
            new Random((int)seed).NextBytes(octets);
            octets[1] = octets[2] = octets[3] = 0;
            Assert.False(SpoolFrame.TryRead(octets, out _, out _, out _));
        });
    }
}
