using L2tpd.Access;
using L2tpd.Ppp;

namespace L2tpd.Unit.Tests.Ppp;

/// <summary>Address pools by name, which users of every profile may be given.</summary>
public sealed class NamedPoolTests
{
    [Fact]
    public void Two_profiles_take_from_one_pool_and_never_the_same_address()
    {
        var (space, pools) = Pools("10.2.0.1", "10.2.0.3");
        var one = new AddressAllocator(Ipv4Address.Parse("10.0.0.1"), [], "one", null, space) { Shared = pools };
        var two = new AddressAllocator(Ipv4Address.Parse("10.0.0.1"), [], "two", null, space) { Shared = pools };
        var taken = new[] { one, two, one, two }.Select(static allocator => allocator.Take(Gold)).ToArray();
        Assert.Equal(["10.2.0.1", "10.2.0.2", "10.2.0.3", null], taken.Select(static grant => grant?.Peer.ToString()));
        Assert.True(taken[1]!.Release());
        Assert.Equal("10.2.0.2", one.Take(Gold)!.Peer.ToString());
    }

    [Fact]
    public void A_profile_s_own_pool_comes_before_one_of_the_same_name()
    {
        var (space, pools) = Pools("10.2.0.1", "10.2.0.3");
        var own = new AddressPool("gold", Ipv4Address.Parse("10.9.0.1"), Ipv4Address.Parse("10.9.0.1"));
        var allocator = new AddressAllocator(default, [own], "gold", null, space) { Shared = pools };
        Assert.Equal(["10.9.0.1", null], new[] { allocator.Take(Gold)?.Peer.ToString(), allocator.Take(Gold)?.Peer.ToString() });
    }

    [Fact]
    public void An_unknown_pool_has_no_address_and_is_known_as_such()
    {
        var (space, pools) = Pools("10.2.0.1", "10.2.0.3");
        var allocator = new AddressAllocator(default, [], "one", null, space) { Shared = pools };
        Assert.Null(allocator.Take(Gold with { Pool = "silver" }));
        Assert.Equal((true, false, true), (allocator.HasPool("gold"), allocator.HasPool("silver"), allocator.HasPool("one")));
    }

    [Fact]
    public void Our_own_addresses_and_those_of_certain_users_are_left_out()
    {
        var space = new AddressSpace();
        var pools = new NamedPools(space);
        pools.Change([Range("10.2.0.1", "10.2.0.4")], [Ipv4Address.Parse("10.2.0.1")], [Ipv4Address.Parse("10.2.0.2")]);
        var allocator = new AddressAllocator(default, [], "one", null, space) { Shared = pools };
        Assert.Equal(["10.2.0.3", "10.2.0.4", null],
            new[] { 1, 2, 3 }.Select(_ => allocator.Take(Gold)?.Peer.ToString()).ToArray());
    }

    [Fact]
    public void A_changed_pool_gives_out_nothing_that_is_in_use()
    {
        var (space, pools) = Pools("10.2.0.1", "10.2.0.2");
        var allocator = new AddressAllocator(default, [], "one", null, space) { Shared = pools };
        var held = allocator.Take(Gold)!;
        pools.Change([Range("10.2.0.1", "10.2.0.1")], [], []);
        Assert.Null(allocator.Take(Gold));
        held.Release();
        Assert.Equal("10.2.0.1", allocator.Take(Gold)!.Peer.ToString());
        pools.Change([], [], []);
        Assert.False(allocator.HasPool("gold"));
    }

    private static Authorisation Gold { get; } = new() { Pool = "gold" };

    private static AddressPool Range(string first, string last) => new("gold", Ipv4Address.Parse(first), Ipv4Address.Parse(last));

    private static (AddressSpace Space, NamedPools Pools) Pools(string first, string last)
    {
        var space = new AddressSpace();
        var pools = new NamedPools(space);
        pools.Change([Range(first, last)], [], []);
        return (space, pools);
    }
}
