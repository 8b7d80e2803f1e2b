using L2tpd.Engine.Addressing;
using L2tpd.Protocol;

namespace L2tpd.Unit.Tests.Engine;

public class IdSequenceTests
{
    [Fact]
    public void All_65535_v2_ids_come_before_any_comes_again() =>
        Seeds.ForEach(20, seed =>
        {
            var sequence = new IdSequence(ProtocolVersion.V2, new SeededRandom(seed));
            for (var walk = 0; walk < 2; walk++)
            {
                var seen = new HashSet<uint>();
                for (var i = 0; i < 65535; i++)
                {
                    var id = Next(ref sequence);
                    Assert.InRange(id, 1u, 65535u);
                    Assert.True(seen.Add(id), $"{id} came twice, the second time as number {i}");
                }
            }
        });

    [Fact]
    public void A_million_v3_ids_are_distinct_and_use_all_32_bits() =>
        Seeds.ForEach(3, seed =>
        {
            var sequence = new IdSequence(ProtocolVersion.V3, new SeededRandom(seed));
            var seen = new HashSet<uint>();
            var bits = 0u;
            for (var i = 0; i < 1_000_000; i++)
            {
                var id = Next(ref sequence);
                Assert.NotEqual(0u, id);
                Assert.True(seen.Add(id), $"{id} came twice");
                bits |= id;
            }

            Assert.Equal(uint.MaxValue, bits);
        });

    [Theory]
    [InlineData(ProtocolVersion.V2)]
    [InlineData(ProtocolVersion.V3)]
    public void The_seed_decides_the_order(ProtocolVersion version)
    {
        var first = Draw(version, 1);
        Assert.Equal(first, Draw(version, 1));
        Assert.NotEqual(first, Draw(version, 2));

        static uint[] Draw(ProtocolVersion version, ulong seed)
        {
            var sequence = new IdSequence(version, new SeededRandom(seed));
            return [.. Enumerable.Range(0, 100).Select(_ => Next(ref sequence))];
        }
    }

    [Theory]
    [InlineData(ProtocolVersion.V2, 65536.0)]
    [InlineData(ProtocolVersion.V3, 4294967296.0)]
    public void Neighbours_say_little_about_each_other(ProtocolVersion version, double space) =>
        Seeds.ForEach(20, seed =>
        {
            // If the steps between ids were equal, their remainders would cluster; 1,000 ids in 8 classes are 125 each on average.
            var sequence = new IdSequence(version, new SeededRandom(seed));
            var classes = new int[8];
            var steps = new HashSet<uint>();
            var last = Next(ref sequence);
            for (var i = 0; i < 1000; i++)
            {
                var id = Next(ref sequence);
                var step = version == ProtocolVersion.V2 ? (ushort)(id - last) : id - last;
                steps.Add(step);
                classes[(int)(step / space * 8)]++;
                last = id;
            }

            Assert.All(classes, count => Assert.InRange(count, 65, 185));
            Assert.True(steps.Count > 950, $"only {steps.Count} different steps of 1000");
        });

    [Fact]
    public void A_v2_sequence_says_when_its_order_has_been_seen_and_a_v3_one_never()
    {
        var narrow = new IdSequence(ProtocolVersion.V2, new SeededRandom(1));
        var wide = new IdSequence(ProtocolVersion.V3, new SeededRandom(1));
        // 65,535 ids, and a 0 at some position among them.
        for (var i = 0; i < 65_534; i++)
            Draw();
        Assert.False(narrow.HasWrapped, "after 65,534 ids");
        for (var i = 0; i < 2; i++)
            Draw();
        Assert.True(narrow.HasWrapped, "after 65,536 ids");
        Assert.False(wide.HasWrapped);

        void Draw()
        {
            Next(ref narrow);
            Next(ref wide);
        }
    }

    [Fact]
    public void Ids_in_use_are_passed_over_and_a_full_space_is_said_after_one_walk()
    {
        var sequence = new IdSequence(ProtocolVersion.V2, new SeededRandom(1));
        var used = new HashSet<uint>();
        while (used.Count < 65535)
        {
            Assert.True(sequence.TryNext(used, static (ids, id) => ids.Contains(id), out var id));
            used.Add(id);
        }

        var asked = new int[1];
        Assert.False(sequence.TryNext(asked, static (count, _) => ++count[0] > 0, out var none));
        Assert.Equal(0u, none);
        Assert.Equal(65535, asked[0]);

        Assert.True(used.Remove(4711));
        Assert.True(sequence.TryNext(used, static (ids, id) => ids.Contains(id), out var freed));
        Assert.Equal(4711u, freed);
    }

    [Fact]
    public void A_v3_search_is_bounded_too()
    {
        var sequence = new IdSequence(ProtocolVersion.V3, new SeededRandom(1));
        var asked = new int[1];
        Assert.False(sequence.TryNext(asked, static (count, _) => ++count[0] > 0, out _));
        Assert.InRange(asked[0], 65_535, 65_536);
    }

    [Fact]
    public void Drawing_allocates_nothing()
    {
        var sequence = new IdSequence(ProtocolVersion.V2, new SeededRandom(1));
        Next(ref sequence);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 1000; i++)
                Next(ref sequence);
        }));
    }

    private static uint Next(ref IdSequence sequence) =>
        sequence.TryNext(0, static (_, _) => false, out var id) ? id : throw new InvalidOperationException("full");
}
