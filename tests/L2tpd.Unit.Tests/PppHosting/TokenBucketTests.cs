using L2tpd.Ppp;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.PppHosting.Userspace;
using L2tpd.TestKit;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>What the token buckets of the userspace data plane let pass.</summary>
public sealed class TokenBucketTests
{
    [Fact]
    public void A_full_bucket_passes_its_burst_and_then_the_rate()
    {
        var bucket = new TokenBucket(8_000_000, 16_384, 1_000);
        Assert.True(bucket.TryTake(16_384, 1_000));
        Assert.False(bucket.TryTake(1, 1_000));
        Assert.False(bucket.TryTake(1_001, 1_001));
        Assert.True(bucket.TryTake(1_000, 1_001));
        Assert.False(bucket.TryTake(1, 1_001));
        Assert.True(bucket.TryTake(16_384, 60_000));
        Assert.False(bucket.TryTake(1, 60_000));
    }

    [Fact]
    public void No_time_is_lost_at_a_rate_below_an_octet_a_millisecond()
    {
        var bucket = new TokenBucket(1_000, 16_384, 0);
        Assert.True(bucket.TryTake(16_384, 0));
        for (var now = 1; now < 8_000; now++)
            Assert.False(bucket.TryTake(1_000, now));
        Assert.True(bucket.TryTake(1_000, 8_000));
    }

    [Fact]
    public void A_clock_that_steps_back_and_a_pause_of_years_do_no_harm()
    {
        var bucket = new TokenBucket(ulong.MaxValue, 1 << 30, 1_000);
        Assert.True(bucket.TryTake(1 << 30, 1_000));
        Assert.False(bucket.TryTake(1, 5));
        Assert.True(bucket.TryTake(1 << 30, long.MaxValue));
        Assert.False(bucket.TryTake(1, long.MaxValue));
    }

    [Fact]
    public void A_change_keeps_what_is_in_the_bucket()
    {
        var bucket = new TokenBucket(8_000, 100_000, 0);
        Assert.True(bucket.TryTake(99_000, 0));
        var faster = new TokenBucket(16_000, 200_000, 1_000, bucket);
        Assert.True(faster.TryTake(2_000, 1_000));
        Assert.False(faster.TryTake(1, 1_000));
        var smaller = new TokenBucket(8_000, 16_384, 0, new TokenBucket(8_000, 100_000, 0));
        Assert.False(smaller.TryTake(16_385, 0));
        Assert.True(smaller.TryTake(16_384, 0));
    }

    [Fact]
    public void No_window_passes_more_than_rate_and_burst_nor_much_less() => Seeds.ForEach(50, static seed =>
    {
        var random = new Random((int)seed);
        var rate = (ulong)random.NextInt64(64_000, 100_000_000);
        var burst = SessionRates.BurstOf(new RateLimit(rate, 0));
        var bucket = new TokenBucket(rate, burst, 0);
        var (now, passed, offered) = (0L, 0L, 0L);
        for (var i = 0; i < 5_000; i++)
        {
            now += random.Next(3);
            var octets = random.Next(40, 1_500);
            offered += octets;
            passed += bucket.TryTake(octets, now) ? octets : 0;
            Assert.InRange(passed, 0, burst + (long)rate * now / 8_000);
        }

        // What is left in the bucket is at most one burst, and one packet that did not fit.
        Assert.InRange(passed, Math.Min(offered, (long)rate * now / 8_000) - burst - 1_500, long.MaxValue);
    });

    [Theory]
    [InlineData(20_000_000, 0, 1_250_000)]
    [InlineData(20_000_000, 100_000, 100_000)]
    [InlineData(20_000_000, 8_000, 16_384)]
    [InlineData(64_000, 0, 16_384)]
    [InlineData(1_000_000_000_000, 0, 1_073_741_824)]
    public void The_burst_is_half_a_second_or_as_written_and_at_least_ten_packets(ulong rate, uint written, uint expected) =>
        Assert.Equal(expected, SessionRates.BurstOf(new RateLimit(rate, written)));
}
