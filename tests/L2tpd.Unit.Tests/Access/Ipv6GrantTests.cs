using System.Net;
using L2tpd.Access;
using L2tpd.Ppp;

namespace L2tpd.Unit.Tests.Access;

/// <summary>What a user gets by its authorisation and by the pools of its profile.</summary>
public sealed class Ipv6GrantTests
{
    private const long Now = 1_800_000_000;

    private static readonly Ipv6PoolNames _defaults = new("ra", "pd", null);

    private readonly PrefixSpace _space = new();

    public Ipv6GrantTests() => _space.Replace(
    [
        new PrefixPool("ra", IPNetwork.Parse("2001:db8:f::/48"), 64), new PrefixPool("pd", IPNetwork.Parse("2001:db8:7700::/40"), 56),
        new PrefixPool("na", IPNetwork.Parse("2001:db8:a::/64"), 128), new PrefixPool("gold", IPNetwork.Parse("2001:db8:8800::/40"), 48),
        new PrefixPool("one", IPNetwork.Parse("2001:db8:9900::/56"), 56),
    ]);

    [Fact]
    public void A_user_without_anything_gets_the_pools_of_its_profile()
    {
        var grant = Take(new Authorisation(), _defaults);
        Assert.Equal("ra 2001:db8:f::/64, pd 2001:db8:7700::/56, na ", Text(grant));
        Assert.Empty(grant.Problems);
        Assert.Equal(2, _space.Count);
        grant.Release(Now);
        grant.Release(Now);
        Assert.Equal(0, _space.Count);
    }

    [Fact]
    public void Pools_of_the_user_come_before_those_of_the_profile()
    {
        var grant = Take(new Authorisation { DelegatedPrefixPool = "gold", Ipv6AddressPool = "na", Ipv6PrefixPool = "ra" }, _defaults);
        Assert.Equal("ra 2001:db8:f::/64, pd 2001:db8:8800::/48, na 2001:db8:a::1", Text(grant));
    }

    [Fact]
    public void Prefixes_of_the_user_come_before_any_pool()
    {
        var grant = Take(
            new Authorisation
            {
                Ipv6Prefixes = [Network("2001:db8:1::/64")], DelegatedPrefixes = [Network("2001:db8:2::/48"), Network("2001:db8:3::/56")],
                DelegatedPrefixPool = "gold",
            }, _defaults);
        Assert.Equal("ra 2001:db8:1::/64, pd 2001:db8:2::/48 2001:db8:3::/56, na ", Text(grant));
        Assert.Equal(3, _space.Count);
    }

    [Theory]
    [InlineData("2001:db8:1::5/128")]
    [InlineData("")]
    public void An_address_comes_by_DHCPv6_and_then_there_is_no_prefix_of_the_pool(string prefix)
    {
        var grant = Take(
            prefix.Length > 0 ? new Authorisation { Ipv6Prefixes = [Network(prefix)] }
                : new Authorisation { Ipv6Addresses = [IPAddress.Parse("2001:db8:1::5")] }, _defaults);
        Assert.Equal("ra , pd 2001:db8:7700::/56, na 2001:db8:1::5", Text(grant));
    }

    [Fact]
    public void A_prefix_of_the_link_may_lie_in_the_delegated_one_of_the_same_session()
    {
        var authorisation = new Authorisation
        {
            Ipv6Prefixes = [Network("2001:db8:2::/64")], DelegatedPrefixes = [Network("2001:db8:2::/48")],
            Ipv6Addresses = [IPAddress.Parse("2001:db8:2::5")],
        };
        var grant = Take(authorisation, Ipv6PoolNames.None);
        Assert.Equal("ra 2001:db8:2::/64, pd 2001:db8:2::/48, na 2001:db8:2::5", Text(grant));
        Assert.Equal(1, _space.Count);

        var other = Take(authorisation, Ipv6PoolNames.None);
        Assert.Equal("ra , pd , na ", Text(other));
        Assert.Equal(
            [
                "2001:db8:2::/48 is in use: another session has 2001:db8:2::/48",
                "2001:db8:2::/64 is in use: another session has 2001:db8:2::/48",
                "2001:db8:2::5/128 is in use: another session has 2001:db8:2::/48",
            ], other.Problems);
        grant.Release(Now);
        Assert.Empty(Take(authorisation, Ipv6PoolNames.None).Problems);
    }

    [Theory]
    [InlineData("nowhere", "there is no prefix pool nowhere: check `prefix-pools` and what RADIUS names")]
    [InlineData("one", "prefix pool one is used up: all 1 are in use")]
    public void Without_a_prefix_the_session_gets_none_and_the_log_says_why(string pool, string why)
    {
        Assert.NotNull(_space.Take(_space.Find("one")!, "other", Now));
        var grant = Take(new Authorisation { DelegatedPrefixPool = pool }, Ipv6PoolNames.None);
        Assert.Equal("ra , pd , na ", Text(grant));
        Assert.Equal([why], grant.Problems);
    }

    [Fact]
    public void A_pool_of_prefixes_is_none_of_addresses() => Assert.Equal(
        ["prefix pool pd has prefixes of 56 bits, and addresses are 128"],
        Take(new Authorisation { Ipv6AddressPool = "pd" }, Ipv6PoolNames.None).Problems);

    [Theory]
    [InlineData("fe80::/64")]
    [InlineData("ff02::/64")]
    [InlineData("::/0")]
    [InlineData("::1/128")]
    [InlineData("10.0.0.0/8")]
    public void What_no_subscriber_can_have_is_refused(string prefix)
    {
        var grant = Take(new Authorisation { DelegatedPrefixes = [Network(prefix)] }, Ipv6PoolNames.None);
        Assert.Equal([$"{prefix} is no prefix for a subscriber"], grant.Problems);
        Assert.Equal("ra , pd , na ", Text(grant));
        Assert.Equal(0, _space.Count);
    }

    [Fact]
    public void Another_process_claims_the_same_again()
    {
        var grant = Take(new Authorisation { Ipv6Addresses = [IPAddress.Parse("2001:db8:1::5")] }, _defaults);
        var records = _space.Describe(Now);
        var other = new PrefixSpace();
        other.Replace([.. _space.Pools.Select(static pool => new PrefixPool(pool.Name, pool.Aggregate, pool.Length))]);
        Assert.Equal(1, other.Restore(records, Now));
        var restored = Ipv6Grant.Restore(other, grant.Authorisation, "alice", Now)!;
        Assert.Equal(Text(grant), Text(restored));
        Assert.Equal((2, 1), (other.Count, other.Find("pd")!.Used));
        Assert.Null(Ipv6Grant.Restore(other, grant.Authorisation, "bob", Now));
        Assert.Equal(2, other.Count);
        restored.Release(Now);
        Assert.Equal("2001:db8:7700::/56", other.Take(other.Find("pd")!, "alice", Now)!.Network.ToString());
    }

    private Ipv6Grant Take(Authorisation authorisation, Ipv6PoolNames pools) => Ipv6Grant.Take(_space, authorisation, pools, "alice", Now);

    private static IPNetwork Network(string text) => IPNetwork.Parse(text);

    private static string Text(Ipv6Grant grant) => $"ra {string.Join(' ', grant.Authorisation.Ipv6Prefixes)}, "
        + $"pd {string.Join(' ', grant.Authorisation.DelegatedPrefixes)}, na {string.Join(' ', grant.Authorisation.Ipv6Addresses)}";
}
