using L2tpd.Engine;

namespace L2tpd.Unit.Tests.Engine;

public class InstantTests
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly Instant First = new(long.MinValue);
    private static readonly Instant LastBeforeNever = new(long.MaxValue - 1);

    [Fact]
    public void Adding_and_subtracting_a_span_moves_the_instant()
    {
        var instant = Instant.FromMilliseconds(1_000);
        Assert.Equal(new Instant(3_500), instant + TimeSpan.FromSeconds(2.5));
        Assert.Equal(new Instant(-1_500), instant - TimeSpan.FromSeconds(2.5));
        Assert.Equal(new Instant(-1_500), instant + TimeSpan.FromSeconds(-2.5));
        Assert.Equal(new Instant(3_500), instant - TimeSpan.FromSeconds(-2.5));
    }

    [Fact]
    public void A_fraction_of_a_millisecond_is_cut_off_as_in_a_conversion_of_the_span()
    {
        var instant = new Instant(10);
        Assert.Equal(new Instant(11), instant + TimeSpan.FromTicks(19_999));
        Assert.Equal(new Instant(9), instant - TimeSpan.FromTicks(19_999));
        Assert.Equal(instant, instant + TimeSpan.FromTicks(9_999));
        Assert.Equal(instant, instant + TimeSpan.FromTicks(-9_999));
    }

    [Fact]
    public void A_sum_that_is_too_large_is_never_and_one_that_is_too_small_is_the_first_instant()
    {
        Assert.Equal(Instant.Never, LastBeforeNever + Millisecond);
        Assert.Equal(Instant.Never, LastBeforeNever + TimeSpan.MaxValue);
        Assert.Equal(Instant.Never, LastBeforeNever - TimeSpan.MinValue);
        Assert.Equal(First, First - Millisecond);
        Assert.Equal(First, First + TimeSpan.MinValue);
        Assert.Equal(First, First - TimeSpan.MaxValue);
    }

    [Fact]
    public void Never_stays_never()
    {
        Assert.Equal(Instant.Never, Instant.Never + Millisecond);
        Assert.Equal(Instant.Never, Instant.Never - Millisecond);
        Assert.Equal(Instant.Never, Instant.Never + TimeSpan.MinValue);
        Assert.Equal(Instant.Never, Instant.Never - TimeSpan.MaxValue);
    }

    [Fact]
    public void The_difference_of_two_instants_is_the_span_between_them()
    {
        Assert.Equal(TimeSpan.FromSeconds(2), new Instant(5_000) - new Instant(3_000));
        Assert.Equal(TimeSpan.FromSeconds(-2), new Instant(3_000) - new Instant(5_000));
        Assert.Equal(TimeSpan.FromSeconds(8), new Instant(3_000) - new Instant(-5_000));
        Assert.Equal(TimeSpan.Zero, Instant.Never - Instant.Never);
        Assert.Equal(TimeSpan.Zero, First - First);
    }

    [Theory]
    [InlineData(long.MaxValue, 0)]
    [InlineData(long.MaxValue, long.MinValue)]
    [InlineData(long.MaxValue, -1)]
    [InlineData(0, long.MinValue)]
    [InlineData((long.MaxValue / TimeSpan.TicksPerMillisecond) + 1, 0)]
    public void A_difference_that_no_span_can_hold_is_the_longest_one(long later, long earlier)
    {
        Assert.Equal(TimeSpan.MaxValue, new Instant(later) - new Instant(earlier));
        Assert.Equal(TimeSpan.MinValue, new Instant(earlier) - new Instant(later));
    }

    [Fact]
    public void The_longest_difference_that_a_span_holds_is_exact()
    {
        const long most = long.MaxValue / TimeSpan.TicksPerMillisecond;
        Assert.Equal(TimeSpan.FromTicks(most * TimeSpan.TicksPerMillisecond), new Instant(most) - new Instant(0));
        Assert.Equal(TimeSpan.FromTicks(-most * TimeSpan.TicksPerMillisecond), new Instant(0) - new Instant(most));
    }

    [Fact]
    public void Instants_are_in_the_order_of_their_milliseconds()
    {
        Instant[] inOrder = [First, new(-1), new(0), new(1), LastBeforeNever, Instant.Never];
        for (var i = 0; i < inOrder.Length; i++)
        {
            for (var j = 0; j < inOrder.Length; j++)
            {
                var (left, right) = (inOrder[i], inOrder[j]);
                Assert.Equal((i < j, i <= j, i > j, i >= j), (left < right, left <= right, left > right, left >= right));
                Assert.Equal((i == j, i != j), (left == right, left != right));
                Assert.Equal(Math.Sign(i.CompareTo(j)), Math.Sign(left.CompareTo(right)));
                Assert.Equal((inOrder[Math.Min(i, j)], inOrder[Math.Max(i, j)]), (Instant.Min(left, right), Instant.Max(left, right)));
            }
        }
    }

    [Fact]
    public void Agrees_with_arithmetic_of_any_length() => Seeds.ForEach(100, seed =>
    {
        var random = new Random((int)seed);
        for (var i = 0; i < 100; i++)
        {
            var (one, other) = (Any(), Any());
            var span = TimeSpan.FromTicks(other);
            var sum = (Int128)one + (other / TimeSpan.TicksPerMillisecond);
            var difference = ((Int128)one - other) * TimeSpan.TicksPerMillisecond;
            Assert.Equal(Saturated(sum), (new Instant(one) + span).Milliseconds);
            Assert.Equal(Saturated(difference), (new Instant(one) - new Instant(other)).Ticks);
        }

        // Any number of bits: values near zero as well as near the ends.
        long Any() => random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);

        static long Saturated(Int128 value) => (long)Int128.Clamp(value, long.MinValue, long.MaxValue);
    });

    [Fact]
    public void The_text_has_the_unit()
    {
        Assert.Equal("1500 ms", new Instant(1_500).ToString());
        Assert.Equal("never", Instant.Never.ToString());
    }
}
