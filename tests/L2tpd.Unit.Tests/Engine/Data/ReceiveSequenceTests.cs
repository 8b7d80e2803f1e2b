using System.Globalization;
using System.Text;
using L2tpd.Engine;
using L2tpd.Engine.Data;

namespace L2tpd.Unit.Tests.Engine.Data;

/// <summary>
/// Data sequencing by hand-written tables: the order of arrival, and what is delivered when (RFC 2661 section 5.4, RFC 3931 section 4.6.1).
/// </summary>
public sealed class ReceiveSequenceTests
{
    private const int Size = 16;

    private readonly PacketPool _pool = new(100, Size);
    private readonly StringBuilder _delivered = new();

    [Theory]
    // arrivals                  delivered          discarded
    [InlineData("5 6 7 8", "5 6 7 8", 0)]
    [InlineData("5 7 8", "5 7 8", 0)]             // a gap is not waited for
    [InlineData("5 7 6 8", "5 7 8", 1)]           // too late
    [InlineData("5 5 6 6", "5 6", 2)]             // duplicates
    [InlineData("65534 65535 0 1", "65534 65535 0 1", 0)]
    [InlineData("65534 0 65535 1", "65534 0 1", 1)]
    [InlineData("0 32767 32768", "0 32767 32768", 0)]
    [InlineData("0 32769", "0", 1)]               // 32,768 ahead of what is expected is half the space: behind
    [InlineData("0 32768", "0 32768", 0)]
    [InlineData("100 10 11 12 13 14 15", "100 14 15", 4)] // after four old ones in a row the count starts again with the fifth
    [InlineData("100 10 12 14 16 18 20", "100", 6)]       // old, but not one after the other
    [InlineData("100 10 11 12 13 101 14", "100 101", 5)]  // the row was broken
    public void Without_a_timeout_nothing_waits(string arrivals, string delivered, int discarded)
    {
        var sequence = new ReceiveSequence(SequenceSpace.V2, TimeSpan.Zero, _pool);
        var count = 0;
        foreach (var number in Numbers(arrivals))
            count += Accept(ref sequence, number, 0) == SequenceVerdict.Discard ? 1 : 0;
        Assert.Equal(delivered, _delivered.ToString().Trim());
        Assert.Equal(discarded, count);
        Assert.Equal(0UL, sequence.OutOfOrder);
        Assert.Equal(0, _pool.InUse);
    }

    [Theory]
    // what comes when; @ is the passing of time to that millisecond                    delivered                          out of order
    [InlineData("5 6 7", "5 6 7", 0)]
    [InlineData("5 7 6 8", "5 6 7 8", 1)]
    [InlineData("5 8 7 6 9", "5 6 7 8 9", 2)]
    [InlineData("5 7 7 6", "5 6 7", 1)]                                  // held already: a duplicate
    [InlineData("5 7 @99", "5", 0)]                                      // 100 ms are not over
    [InlineData("5 7 @100", "5 7", 0)]                                   // they are
    [InlineData("5 7 @100 6 8", "5 7 8", 0)]                             // 6 is given up
    [InlineData("5 7 @50 9 @100 @149", "5 7", 0)]                        // 9 has 50 ms more
    [InlineData("5 7 @50 9 @150", "5 7 9", 0)]
    [InlineData("5 9 @50 7 @100", "5 7 9", 1)]                           // 9's time is up: what is before it goes too
    [InlineData("65534 0 65535 1", "65534 65535 0 1", 1)]
    [InlineData("0 3 2 1 4", "0 1 2 3 4", 2)]
    [InlineData("0 64 @100", "0 64", 0)]
    [InlineData("0 65", "0 65", 0)]                                      // 64 ahead of 1: too far to wait for anything
    [InlineData("0 3 5 70 71", "0 3 5 70 71", 0)]                        // what is held goes first, and then on
    [InlineData("0 3 70 4 71", "0 3 70 71", 0)]
    [InlineData("100 102 10 11 12 13 14 15", "100 14 15", 0)]            // a new count: packets held from the old one are dropped
    public void With_a_timeout_what_is_ahead_waits(string arrivals, string delivered, int outOfOrder)
    {
        var sequence = new ReceiveSequence(SequenceSpace.V2, TimeSpan.FromMilliseconds(100), _pool);
        var now = 0L;
        foreach (var word in arrivals.Split(' '))
        {
            if (word[0] != '@')
            {
                Accept(ref sequence, Number(word), now);
                continue;
            }

            now = Number(word[1..]);
            sequence.Expire(new(now));
            TakeAll(ref sequence);
        }

        Assert.Equal(delivered, _delivered.ToString().Trim());
        Assert.Equal((ulong)outOfOrder, sequence.OutOfOrder);
        Assert.Equal(sequence.Held, _pool.InUse);
    }

    [Fact]
    public void The_deadline_is_that_of_the_packet_that_has_waited_longest()
    {
        var sequence = new ReceiveSequence(SequenceSpace.V2, TimeSpan.FromMilliseconds(100), _pool);
        Accept(ref sequence, 1, 0);
        Assert.Equal(Instant.Never, sequence.Deadline);
        Accept(ref sequence, 5, 10);
        Assert.Equal(new(110), sequence.Deadline);
        Accept(ref sequence, 3, 60);
        Assert.Equal(new(110), sequence.Deadline);
        sequence.Expire(new(110));
        TakeAll(ref sequence);
        Assert.Equal(Instant.Never, sequence.Deadline);
        Assert.Equal("1 3 5", _delivered.ToString().Trim());
    }

    [Fact]
    public void In_v3_numbers_have_24_bits()
    {
        var sequence = new ReceiveSequence(SequenceSpace.V3, TimeSpan.FromMilliseconds(100), _pool);
        foreach (var number in new uint[] { 0xfffffe, 0, 0xffffff, 1 })
            Accept(ref sequence, number, 0);
        Assert.Equal("16777214 16777215 0 1", _delivered.ToString().Trim());
        Assert.Equal(0x7fffff, SequenceSpace.V3.Distance(0, 0x7fffff));
        Assert.Equal(-0x800000, SequenceSpace.V3.Distance(0, 0x800000));
        Assert.Equal(-1, SequenceSpace.V2.Distance(0, 0xffff));
    }

    [Fact]
    public void Without_buffers_what_is_ahead_is_dropped_and_the_rest_goes_on()
    {
        var pool = new PacketPool(1, Size);
        var sequence = new ReceiveSequence(SequenceSpace.V2, TimeSpan.FromMilliseconds(100), pool);
        Accept(ref sequence, 0, 0);
        Assert.Equal(SequenceVerdict.Hold, Accept(ref sequence, 2, 0));
        Assert.Equal(SequenceVerdict.Discard, Accept(ref sequence, 3, 0));
        Assert.Equal(SequenceVerdict.Deliver, Accept(ref sequence, 1, 0));
        Assert.Equal("0 1 2", _delivered.ToString().Trim());
        Assert.Equal(SequenceVerdict.Discard, sequence.Accept(9, new byte[Size + 1], new(0)));
        Assert.Equal(0, pool.InUse);
    }

    [Fact]
    public void Clear_gives_all_buffers_back()
    {
        var sequence = new ReceiveSequence(SequenceSpace.V2, TimeSpan.FromMilliseconds(100), _pool);
        foreach (var number in new uint[] { 0, 2, 4, 60 })
            Accept(ref sequence, number, 0);
        Assert.Equal(3, _pool.InUse);
        sequence.Clear();
        Assert.Equal(0, _pool.InUse);
        Assert.Equal(0, sequence.Held);
    }

    /// <summary>
    /// For any order of arrival, each packet is delivered at most once and in order, and all of them are delivered if none is farther from
    /// its place than the ring is long.
    /// </summary>
    [Fact]
    public void Shuffled_packets_come_out_in_order() => Seeds.ForEach(100, seed =>
    {
        var random = new Random((int)seed);
        var start = (uint)random.Next(65_536);
        var reach = random.Next(1, 60);
        var sequence = new ReceiveSequence(SequenceSpace.V2, TimeSpan.FromMilliseconds(1_000), _pool);
        _delivered.Clear();
        // The first packet sets the sequence number, so it must be the first here.
        Accept(ref sequence, start, 0);
        foreach (var i in Enumerable.Range(1, 499).OrderBy(i => i + random.Next(reach)).ToArray())
            Accept(ref sequence, SequenceSpace.V2.Add(start, (uint)i), 0);
        Assert.Equal(
            string.Join(' ', Enumerable.Range(0, 500).Select(i => SequenceSpace.V2.Add(start, (uint)i))), _delivered.ToString().Trim());
        Assert.Equal(0, _pool.InUse);
    });

    private static IEnumerable<uint> Numbers(string text) => text.Split(' ').Select(Number);

    private static uint Number(string word) => uint.Parse(word, CultureInfo.InvariantCulture);

    private SequenceVerdict Accept(ref ReceiveSequence sequence, uint number, long now)
    {
        var packet = BitConverter.GetBytes(number);
        var verdict = sequence.Accept(number, packet, new(now));
        if (verdict == SequenceVerdict.Deliver)
            Deliver(packet);
        TakeAll(ref sequence);
        if (verdict == SequenceVerdict.DeliverLast)
            Deliver(packet);
        return verdict;
    }

    private void TakeAll(ref ReceiveSequence sequence)
    {
        while (sequence.TryTake(out var packet))
            Deliver(packet);
    }

    private void Deliver(ReadOnlySpan<byte> packet) => _delivered.Append(CultureInfo.InvariantCulture, $"{BitConverter.ToUInt32(packet)} ");
}
