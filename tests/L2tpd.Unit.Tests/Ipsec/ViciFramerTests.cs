using L2tpd.Ipsec.Vici;

namespace L2tpd.Unit.Tests.Ipsec;

public sealed class ViciFramerTests
{
    private readonly List<byte[]> _taken = [];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1_000)]
    public void Sequences_are_found_in_pieces_of_any_size(int piece)
    {
        byte[] stream = [.. ViciWriter.Register("log"), .. ViciWriter.Command("c", new ViciSection().Add("k", new byte[1_000]))];
        var framer = new ViciFramer();
        for (var at = 0; at < stream.Length; at += piece)
            Assert.True(framer.TryAdd(stream.AsSpan(at, Math.Min(piece, stream.Length - at)), Take));
        Assert.Equal(2, _taken.Count);
        Assert.Equal(stream, _taken.SelectMany(s => new byte[] { 0, 0, (byte)(s.Length >> 8), (byte)s.Length }.Concat(s)));
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 8, 0, 1 })]
    [InlineData(new byte[] { 255, 255, 255, 255 })]
    public void A_length_that_is_not_allowed_ends_the_connection(byte[] octets) =>
        Assert.False(new ViciFramer().TryAdd(octets, Take));

    [Fact]
    public void The_largest_sequence_is_taken()
    {
        var framer = new ViciFramer();
        Assert.True(framer.TryAdd([0, 8, 0, 0], Take));
        Assert.True(framer.TryAdd(new byte[ViciWriter.MaxSequence - 1], Take));
        Assert.Empty(_taken);
        Assert.True(framer.TryAdd([1], Take));
        Assert.Equal(ViciWriter.MaxSequence, Assert.Single(_taken).Length);
    }

    [Fact]
    public void An_announced_length_takes_no_memory_until_the_octets_come()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(new ViciFramer().TryAdd([0, 8, 0, 0, 1], Take));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_096);
    }

    [Fact]
    public void Nothing_follows_a_sequence_that_the_receiver_refuses() =>
        Assert.False(new ViciFramer().TryAdd([0, 0, 0, 1, 5, 0, 0, 0, 1, 5], _ => false));

    private bool Take(ReadOnlySpan<byte> sequence)
    {
        _taken.Add(sequence.ToArray());
        return true;
    }
}
