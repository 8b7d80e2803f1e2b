using System.Net;
using L2tpd.Access;
using L2tpd.TestKit;

namespace L2tpd.Unit.Tests.Access;

/// <summary>IPv6 prefixes of pools and by value: nothing overlaps, users keep theirs, and nothing is as large as an aggregate.</summary>
public sealed class PrefixPoolTests
{
    private const long Now = 1_800_000_000;

    private readonly PrefixSpace _space = new();

    [Fact]
    public void Prefixes_are_assigned_from_the_beginning()
    {
        var pool = Pool("2001:db8:7700::/40", 56);
        Assert.Equal(["2001:db8:7700::/56", "2001:db8:7700:100::/56", "2001:db8:7700:200::/56"], Take(pool, null, null, null));
        Assert.Equal((3, (UInt128)65536), (pool.Used, pool.Size));
    }

    [Fact]
    public void A_user_gets_the_same_prefix_for_a_day()
    {
        var pool = Pool("2001:db8:7700::/40", 56);
        var first = _space.Take(pool, "alice", Now)!;
        _space.Release(first, Now);
        Assert.NotEqual(first.Network, _space.Take(pool, "bob", Now)!.Network);
        var again = _space.Take(pool, "alice", Now + PrefixPool.Memory - 1)!;
        Assert.Equal(first.Network, again.Network);
        _space.Release(again, Now);
        // After a day the next user gets it.
        Assert.Equal(first.Network, _space.Take(pool, "carol", Now + PrefixPool.Memory)!.Network);
        Assert.NotEqual(first.Network, _space.Take(pool, "alice", Now + PrefixPool.Memory)!.Network);
    }

    [Fact]
    public void A_second_session_of_a_user_gets_another_prefix_and_the_first_one_stays_its_own()
    {
        var pool = Pool("2001:db8:7700::/40", 56);
        var first = _space.Take(pool, "alice", Now)!;
        var second = _space.Take(pool, "alice", Now)!;
        Assert.NotEqual(first.Network, second.Network);
        _space.Release(first, Now);
        _space.Release(second, Now);
        Assert.Equal(first.Network, _space.Take(pool, "alice", Now + 1)!.Network);
    }

    [Fact]
    public void An_exhausted_pool_gives_what_was_released_first()
    {
        var pool = Pool("2001:db8:7700::/62", 64);
        var leases = new[] { "a", "b", "c", "d" }.Select(user => _space.Take(pool, user, Now)!).ToArray();
        Assert.Null(_space.Take(pool, "e", Now));
        _space.Release(leases[2], Now);
        _space.Release(leases[0], Now + 1);
        Assert.Equal(leases[2].Network, _space.Take(pool, "e", Now + 2)!.Network);
        Assert.Equal(leases[0].Network, _space.Take(pool, "a", Now + 2)!.Network);
        Assert.Null(_space.Take(pool, "c", Now + 2));
    }

    [Fact]
    public void A_lease_is_released_once()
    {
        var pool = Pool("2001:db8:7700::/64", 64);
        var lease = _space.Take(pool, "a", Now)!;
        _space.Release(lease, Now);
        var next = _space.Take(pool, "b", Now)!;
        Assert.Equal(lease.Network, next.Network);
        _space.Release(lease, Now);
        Assert.Equal(1, _space.Count);
        Assert.Null(_space.Take(pool, "c", Now));
    }

    [Theory]
    [InlineData("2001:db8:7700::/56", "2001:db8:7700:100::/56")]
    [InlineData("2001:db8:7700:ff::/64", "2001:db8:7700:100::/56")]
    [InlineData("2001:db8:7700::/48", "2001:db8:7701::/56")]
    [InlineData("2001:db8:7700::/41", "2001:db8:7780::/56")]
    [InlineData("2001:db8:7700::5/128", "2001:db8:7700:100::/56")]
    public void A_prefix_by_value_is_left_out(string byValue, string first)
    {
        var pool = Pool("2001:db8:7700::/40", 56);
        Assert.NotNull(_space.Take(IPNetwork.Parse(byValue)));
        Assert.Equal([first], Take(pool, "a"));
    }

    [Fact]
    public void A_prefix_by_value_that_is_free_again_is_assigned_when_no_other_is_left()
    {
        var pool = Pool("2001:db8:7700::/62", 64);
        var byValue = _space.Take(IPNetwork.Parse("2001:db8:7700::/63"))!;
        Assert.Equal(["2001:db8:7700:2::/64", "2001:db8:7700:3::/64"], Take(pool, "a", "b"));
        Assert.Null(_space.Take(pool, "c", Now));
        _space.Release(byValue, Now);
        Assert.Equal(["2001:db8:7700::/64", "2001:db8:7700:1::/64"], Take(pool, "c", "d"));
        Assert.Null(_space.Take(pool, "e", Now));
    }

    [Theory]
    [InlineData("2001:db8::/32")]
    [InlineData("2001:db8:7700::/56")]
    [InlineData("2001:db8:7700:1::/64")]
    [InlineData("2001:db8:7700:1::9/128")]
    public void A_prefix_that_overlaps_one_in_use_is_refused(string other)
    {
        Assert.NotNull(_space.Take(IPNetwork.Parse("2001:db8:7700::/56")));
        Assert.Null(_space.Take(IPNetwork.Parse(other)));
        Assert.NotNull(_space.Take(IPNetwork.Parse("2001:db8:7700:100::/56")));
        Assert.NotNull(_space.Take(IPNetwork.Parse("2001:db8:76ff::/48")));
    }

    [Fact]
    public void Addresses_of_a_network_leave_the_first_one_to_its_routers()
    {
        var pool = Pool("2001:db8:a::/64", 128);
        Assert.Equal(["2001:db8:a::1/128", "2001:db8:a::2/128"], Take(pool, "a", "b"));
        Assert.Equal(UInt128.One << 64, pool.Size);
    }

    [Fact]
    public void A_pool_that_changed_does_not_assign_what_is_in_use()
    {
        var pool = Pool("2001:db8:7700::/40", 56);
        var held = _space.Take(pool, "a", Now)!;
        _space.Replace([new PrefixPool("p", IPNetwork.Parse("2001:db8:7700::/48"), 60)]);
        var changed = _space.Find("p")!;
        Assert.NotSame(pool, changed);
        Assert.Equal(["2001:db8:7700:100::/60"], Take(changed, "b"));
        _space.Release(held, Now);
        _space.Replace([new PrefixPool("p", IPNetwork.Parse("2001:db8:7700::/48"), 60)]);
        Assert.Same(changed, _space.Find("p"));
        Assert.NotNull(_space.Take(IPNetwork.Parse("2001:db8:7700::/56")));
    }

    [Fact]
    public void The_next_run_remembers_those_in_use_and_those_of_the_last_day()
    {
        var pool = Pool("2001:db8:7700::/40", 56);
        var (alice, bob, carol) = (_space.Take(pool, "alice", Now)!, _space.Take(pool, "bob 100% \n", Now)!, _space.Take(pool, "c", Now)!);
        _space.Release(bob, Now - 10);
        _space.Release(carol, Now - PrefixPool.Memory);
        _space.Take(pool, null, Now);
        var lines = PrefixRecordFormat.Write(_space.Describe(Now)).ToArray();
        Assert.Equal(
            [
                "l2tpd-prefixes 1", "1799999990 2001:db8:7700:100::/56 p bob%20100%25%20%0A",
                "1800000000 2001:db8:7700::/56 p alice", "end 2",
            ], lines);

        var next = new PrefixSpace();
        next.Replace([new PrefixPool("p", pool.Aggregate, pool.Length)]);
        var records = PrefixRecordFormat.Read(lines, out var damage);
        Assert.Null(damage);
        Assert.Equal(2, next.Restore(records, Now));
        var again = next.Find("p")!;
        Assert.Equal((0, 2), (again.Used, again.Remembered));
        Assert.Equal("2001:db8:7700:200::/56", next.Take(again, "new", Now)!.Network.ToString());
        Assert.Equal(bob.Network, next.Take(again, "bob 100% \n", Now)!.Network);
        Assert.Equal(alice.Network, next.Take(again, "alice", Now)!.Network);
    }

    [Theory]
    [InlineData("", "its end is missing", 0)]
    [InlineData("other\n", "its first line is not that of a list of prefixes", 0)]
    [InlineData("l2tpd-prefixes 1\n1800000000 2001:db8::/56 p a\n", "its end is missing", 1)]
    [InlineData("l2tpd-prefixes 1\n1800000000 2001:db8::/56 p a\nend 2", "its end is missing", 1)]
    [InlineData(
        "l2tpd-prefixes 1\n1800000000 2001:db8::/56 p\nx 2001:db8::/56 p a\n1 10.0.0.0/8 p a\n-1 ::/1 p a\nend 4",
        "4 of its lines cannot be read", 0)]
    public void A_damaged_file_says_so_and_the_rest_is_read(string text, string damage, int count)
    {
        var records = PrefixRecordFormat.Read(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), out var found);
        Assert.Equal(damage, found);
        Assert.Equal(count, records.Count);
    }

    [Fact]
    public void A_record_that_does_not_fit_its_pool_is_left_out()
    {
        Pool("2001:db8:7700::/40", 56);
        PrefixRecord[] records =
        [
            new("p", RangeOf("2001:db8:7700::/60"), "a", Now), new("p", RangeOf("2001:db8:7800::/56"), "b", Now),
            new("q", RangeOf("2001:db8:7700::/56"), "c", Now), new("p", RangeOf("2001:db8:7700::/56"), "d", Now - PrefixPool.Memory),
            new("p", RangeOf("2001:db8:7700::/56"), "e", Now + 999), new("p", RangeOf("2001:db8:7700::/56"), "f", Now),
            new("p", RangeOf("2001:db8:7700:100::/56"), "e", Now),
        ];
        Assert.Equal(1, _space.Restore(records, Now));
    }

    /// <summary>A /32 has 16 million prefixes of 56 bits, and a /64 has 2^64 addresses: the memory is that of the sessions.</summary>
    [Fact]
    public void The_memory_depends_on_the_sessions_and_not_on_the_aggregate()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        PrefixPool[] pools =
            [new PrefixPool("a", IPNetwork.Parse("2001:db8::/32"), 64), new PrefixPool("b", IPNetwork.Parse("fd00::/16"), 80)];
        _space.Replace(pools);
        for (var i = 0; i < 100; i++)
            Assert.NotNull(_space.Take(pools[i & 1], $"user{i}", Now));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500_000);
    }

    /// <summary>Sessions of forged or changing users, one after the other: what is remembered of them is bounded.</summary>
    [Fact]
    public void A_pool_does_not_remember_more_users_than_its_bound()
    {
        var pool = Pool("2001:db8::/32", 64);
        for (var i = 0; i < PrefixPool.MostRemembered + 1000; i++)
            _space.Release(_space.Take(pool, $"{i}", Now)!, Now);
        Assert.Equal((0, PrefixPool.MostRemembered), (pool.Used, pool.Remembered));
        // The last one is known, the first one is not.
        Assert.Equal("2001:db8:0:3e7::/64", _space.Take(pool, $"{PrefixPool.MostRemembered + 999}", Now)!.Network.ToString());
    }

    [Fact]
    public void Random_use_never_makes_two_prefixes_overlap() => Seeds.ForEach(20, seed =>
    {
        var random = new SeededRandom(seed);
        var space = new PrefixSpace();
        space.Replace(
            [new PrefixPool("p", IPNetwork.Parse("2001:db8::/58"), 64), new PrefixPool("q", IPNetwork.Parse("2001:db8:0:40::/60"), 62)]);
        var held = new List<PrefixLease>();
        for (var i = 0; i < 600; i++)
        {
            var user = random.Chance(0.8) ? $"u{random.Below(90)}" : null;
            var lease = random.Below(4) switch
            {
                0 when held.Count > 0 => Drop(space, held, random),
                1 => space.Take(IPNetwork.Parse($"2001:db8:0:{random.Below(20) * 4:x}::/{62 + random.Below(3)}")),
                2 => space.Take(space.Find("q")!, user, Now + i),
                _ => space.Take(space.Find("p")!, user, Now + i),
            };
            if (lease is null)
                continue;
            Assert.DoesNotContain(held, other => Overlap(other.Network, lease.Network));
            held.Add(lease);
        }

        Assert.Equal(held.Count, space.Count);
        while (held.Count > 0)
            Drop(space, held, random);
        Assert.Equal(0, space.Count);
        // Nothing was lost: every prefix of the pool can be assigned.
        for (var i = 0; i < 64; i++)
            Assert.NotNull(space.Take(space.Find("p")!, null, Now));
        Assert.Null(space.Take(space.Find("p")!, null, Now));
    });

    private static PrefixLease? Drop(PrefixSpace space, List<PrefixLease> held, SeededRandom random)
    {
        var index = random.Below(held.Count);
        space.Release(held[index], Now);
        held.RemoveAt(index);
        return null;
    }

    private static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);

    private static PrefixRange RangeOf(string text) => PrefixRange.From(IPNetwork.Parse(text));

    private PrefixPool Pool(string aggregate, int length)
    {
        var pool = new PrefixPool("p", IPNetwork.Parse(aggregate), length);
        _space.Replace([pool]);
        return pool;
    }

    private string[] Take(PrefixPool pool, params string?[] users) =>
        [.. users.Select(user => _space.Take(pool, user, Now)!.Network.ToString())];
}
