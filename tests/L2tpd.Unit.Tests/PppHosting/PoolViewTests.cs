using System.Collections.Immutable;
using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.PppHosting.BuiltIn;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>What <c>show pools</c> says of the pools that sessions use.</summary>
public sealed class PoolViewTests
{
    private static readonly PppProfile _server = new()
    {
        Name = "p",
        Backend = PppBackend.BuiltIn,
        Local = IPAddress.Parse("10.0.0.1"),
        Pool = [Range("10.0.0.1", "10.0.0.8"), Range("10.0.1.0", "10.0.1.3")],
        Authentication = [PppAuthentication.Chap],
        Users =
        [
            new SecretEntry("user", "*", "pass", []), new SecretEntry("fixed", "*", "pass", ["10.0.0.5"]),
        ],
        EchoInterval = TimeSpan.Zero,
    };

    [Fact]
    public void Our_own_address_is_not_in_the_size_and_one_of_a_fixed_user_is_kept()
    {
        using var rig = new BuiltInRig(BuiltInRig.Client, _server);
        var gold = ImmutableSortedDictionary<string, ImmutableArray<AddressRange>>.Empty.Add("gold", [Range("10.9.0.0", "10.9.0.255")]);
        rig.Lns.Profiles.ReplaceShared(gold, null);
        rig.Lns.Backend.Prepare();
        Assert.Equal(
            [
                View("gold", "10.9.0.0-10.9.0.255", 256, 0) with { Profile = null },
                View("p", "10.0.0.1-10.0.0.8", 7, 0) with { Kept = 1 },
                View("p", "10.0.1.0-10.0.1.3", 4, 0),
            ],
            rig.Lns.Backend.ListPools());
        rig.Start(0);
        Assert.Equal([0L, 1L, 0L], rig.Lns.Backend.ListPools().Select(static pool => pool.Used));
        Assert.Equal([256L, 6L, 4L], rig.Lns.Backend.ListPools().Select(static pool => pool.Free));
        rig.Lns.Stop(0);
        rig.Pass(10_000);
        Assert.Equal([0L, 0L, 0L], rig.Lns.Backend.ListPools().Select(static pool => pool.Used));
    }

    [Fact]
    public void A_prefix_that_was_given_back_is_kept_for_its_user_and_is_free()
    {
        var (space, pool) = (new PrefixSpace(), new PrefixPool("homes", IPNetwork.Parse("2001:db8:7700::/40"), 56));
        space.Replace([pool]);
        var lease = space.Take(pool, "user", 0)!;
        Assert.Equal(
            new PoolView
            {
                Name = "homes", Family = "ipv6", Range = "2001:db8:7700::/40", Length = 56, Size = 65_536, Used = 1, Free = 65_535,
                Kept = 0,
            },
            PoolViews.From(pool));
        space.Release(lease, 0);
        Assert.Equal((0L, 65_536L, 1L), (PoolViews.From(pool).Used, PoolViews.From(pool).Free, PoolViews.From(pool).Kept));
    }

    [Fact]
    public void More_prefixes_than_a_number_of_the_API_holds_are_the_largest_one()
    {
        var view = PoolViews.From(new PrefixPool("all", IPNetwork.Parse("2001:db8::/64"), 128));
        Assert.Equal((long.MaxValue, long.MaxValue), (view.Size, view.Free));
    }

    private static AddressRange Range(string first, string last) => new(IPAddress.Parse(first), IPAddress.Parse(last));

    private static PoolView View(string name, string range, long size, long used) => new()
    {
        Name = name, Profile = name, Family = "ipv4", Range = range, Size = size, Used = used, Free = size - used, Kept = 0,
    };
}
