using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Admission;

namespace L2tpd.Unit.Tests.Engine;

public class SourceRateLimiterTests
{
    private static readonly Endpoint A = Of("192.0.2.1");
    private static readonly Endpoint B = Of("192.0.2.2");

    [Fact]
    public void Admits_the_burst_and_then_one_each_20_ms_at_50_a_second()
    {
        var limiter = new SourceRateLimiter(50, 200, 10);
        for (var i = 0; i < 200; i++)
            Assert.True(limiter.Admit(A, new(1000)));
        Assert.False(limiter.Admit(A, new(1000)));
        Assert.False(limiter.Admit(A, new(1019)));
        Assert.True(limiter.Admit(A, new(1020)));
        Assert.False(limiter.Admit(A, new(1020)));
        Assert.False(limiter.Admit(A, new(1039)));
        Assert.True(limiter.Admit(A, new(1040)));
        Assert.False(limiter.Admit(A, new(1040)));
    }

    [Theory]
    [InlineData(3, 334)]
    [InlineData(7, 143)]
    [InlineData(999, 2)]
    [InlineData(1000, 1)]
    public void A_rate_that_does_not_divide_a_second_is_kept_to_in_the_long_run(int rate, int firstAt)
    {
        var limiter = new SourceRateLimiter(rate, 2, 10);
        Assert.True(limiter.Admit(A, new(0)));
        Assert.True(limiter.Admit(A, new(0)));
        Assert.False(limiter.Admit(A, new(0)));
        var admitted = 0;
        for (var now = 1; now <= 10_000; now++)
        {
            if (!limiter.Admit(A, new(now)))
                continue;
            if (admitted++ == 0)
                Assert.Equal(firstAt, now);
        }

        Assert.Equal(rate * 10, admitted);
    }

    [Fact]
    public void A_long_silence_fills_the_bucket_and_no_more()
    {
        var limiter = new SourceRateLimiter(int.MaxValue, 3, 10);
        for (var round = 0; round < 3; round++)
        {
            var now = round * (long.MaxValue / 4);
            for (var i = 0; i < 3; i++)
                Assert.True(limiter.Admit(A, new(now)));
            Assert.False(limiter.Admit(A, new(now)));
        }
    }

    [Fact]
    public void The_largest_limits_are_out_of_the_way()
    {
        var limiter = new SourceRateLimiter(int.MaxValue, int.MaxValue, int.MaxValue);
        for (var i = 0; i < 100_000; i++)
            Assert.True(limiter.Admit(A, new(i / 1000)));
    }

    [Fact]
    public void A_clock_that_stands_or_steps_back_gives_nothing()
    {
        var limiter = new SourceRateLimiter(1000, 1, 10);
        Assert.True(limiter.Admit(A, new(100)));
        Assert.False(limiter.Admit(A, new(100)));
        Assert.False(limiter.Admit(A, new(50)));
    }

    [Fact]
    public void Sources_do_not_share()
    {
        var limiter = new SourceRateLimiter(1, 1, 10);
        Assert.True(limiter.Admit(A, new(0)));
        Assert.True(limiter.Admit(B, new(0)));
        Assert.False(limiter.Admit(A, new(0)));
        Assert.False(limiter.Admit(B, new(0)));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.3.1", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("fe80::1%2", "fe80::2%2", true)]
    [InlineData("fe80::1%2", "fe80::1%3", false)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", true)]
    [InlineData("::c000:201:0:0:0:0", "192.0.2.1", false)]
    public void One_host_has_one_bucket_whatever_port_or_interface_id_it_uses(string first, string second, bool same)
    {
        var limiter = new SourceRateLimiter(1, 1, 10);
        Assert.True(limiter.Admit(Of(first, 1701), new(0)));
        Assert.Equal(!same, limiter.Admit(Of(second, 40000), new(0)));
    }

    [Fact]
    public void Forgets_the_longest_unheard_when_full()
    {
        var limiter = new SourceRateLimiter(1, 1, 3);
        var sources = Enumerable.Range(0, 4).Select(i => Of($"198.51.100.{i}")).ToArray();
        for (var i = 0; i < 3; i++)
            Assert.True(limiter.Admit(sources[i], new(0)));
        // A refused request counts as well: now source 1 has been silent for the longest.
        Assert.False(limiter.Admit(sources[0], new(1)));
        Assert.True(limiter.Admit(sources[3], new(2)));
        Assert.Equal(3, limiter.Count);
        Assert.False(limiter.Admit(sources[0], new(3)));
        Assert.False(limiter.Admit(sources[2], new(3)));
        Assert.True(limiter.Admit(sources[1], new(3)));
    }

    [Fact]
    public void Agrees_with_a_simple_model_whatever_comes() =>
        Seeds.ForEach(100, seed =>
        {
            var random = new Random((int)seed);
            var (rate, burst, tracked) = (random.Next(1, 100), random.Next(1, 10), random.Next(1, 12));
            var limiter = new SourceRateLimiter(rate, burst, tracked);
            var model = new List<(int Source, long Credit, long At)>();
            var now = 0L;
            for (var step = 0; step < 2000; step++)
            {
                now += random.Next(0, 30);
                var source = random.Next(16);
                var index = model.FindIndex(each => each.Source == source);
                var (_, credit, at) = index < 0 ? (source, burst * 1000L, now) : model[index];
                if (index >= 0)
                    model.RemoveAt(index);
                else if (model.Count == tracked)
                    model.RemoveAt(0);
                credit = Math.Min(burst * 1000L, credit + ((now - at) * rate));
                var admit = credit >= 1000;
                model.Add((source, admit ? credit - 1000 : credit, now));
                Assert.Equal(admit, limiter.Admit(Of($"203.0.113.{source}"), new(now)));
                Assert.Equal(model.Count, limiter.Count);
            }
        });

    [Fact]
    public void A_flood_from_ever_new_sources_costs_no_memory()
    {
        var limiter = new SourceRateLimiter(1, 1, 1000);
        var number = 0u;
        Flood(2_000);
        Assert.Equal(0, Allocations.Of(() => Flood(10_000)));
        Assert.Equal(1000, limiter.Count);

        void Flood(int count)
        {
            for (var i = 0; i < count; i++)
                limiter.Admit(new Endpoint(++number, 1701, false), new(number));
        }
    }

    private static Endpoint Of(string address, int port = 1701) => Endpoint.From(IPAddress.Parse(address), port);
}
