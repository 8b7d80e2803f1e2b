using L2tpd.Engine;
using L2tpd.Engine.Data;

namespace L2tpd.Fuzz.Tests.DataPlane;

/// <summary>
/// Sequence numbers of a hostile or broken peer: the number of held packets is bounded, they are delivered once and in order, and every
/// buffer is returned.
/// </summary>
public sealed class SequenceFuzzTests(ITestOutputHelper output)
{
    private const int Buffers = 40;

    [Fact]
    public void Any_numbers_hold_a_bounded_number_of_packets_and_give_all_back() =>
        Seeds.ForEach(150, TimeSpan.FromSeconds(10), output.WriteLine, seed =>
    {
        var random = new SeededRandom(seed);
        var space = random.Chance(0.5) ? SequenceSpace.V2 : SequenceSpace.V3;
        var pool = new PacketPool(Buffers, 8);
        var timeout = random.Below(3) * 50;
        var sequence = new ReceiveSequence(space, TimeSpan.FromMilliseconds(timeout), pool);
        var (now, next) = (1_000L, (uint)random.Next() & (space.Modulus - 1));
        HashSet<int> delivered = [];
        List<uint> numbers = [];
        for (var i = 0; i < 400; i++)
        {
            next = random.Below(10) switch
            {
                0 => (uint)random.Next() & (space.Modulus - 1),
                1 => space.Add(next, (uint)random.Below(80)),
                2 => space.Add(next, space.Modulus - (uint)random.Below(80)),
                3 => next,
                _ => space.Next(next),
            };
            numbers.Add(next);
            // A packet says which it is; too long a one has no buffer.
            var packet = new byte[random.Chance(0.05) ? 9 : 4];
            BitConverter.TryWriteBytes(packet, i);
            var verdict = sequence.Accept(next, packet, new(now));
            if (verdict == SequenceVerdict.Deliver)
                Assert.True(delivered.Add(i));
            TakeAll(ref sequence, space, numbers, delivered);
            if (verdict == SequenceVerdict.DeliverLast)
                Assert.True(delivered.Add(i));
            Assert.True(timeout > 0 || sequence.Held == 0);
            Assert.Equal(pool.InUse, sequence.Held);
            Assert.InRange(sequence.Held, 0, Buffers);
            Assert.Equal(sequence.Held > 0, sequence.Deadline < Instant.Never);
            Assert.True(sequence.Deadline.Milliseconds > now);
            now += random.Below(random.Chance(0.1) ? 100 : 5);
            sequence.Expire(new(now));
            TakeAll(ref sequence, space, numbers, delivered);
        }

        sequence.Clear();
        Assert.Equal((0, 0), (pool.InUse, sequence.Held));
    });

    private static void TakeAll(ref ReceiveSequence sequence, SequenceSpace space, List<uint> numbers, HashSet<int> taken)
    {
        uint? last = null;
        while (sequence.TryTake(out var packet))
        {
            var which = BitConverter.ToInt32(packet);
            Assert.True(taken.Add(which), "a packet came out twice");
            Assert.True(last is null || space.Distance(last.Value, numbers[which]) > 0,
                "held packets came out in another order than their numbers'");
            last = numbers[which];
        }
    }
}
