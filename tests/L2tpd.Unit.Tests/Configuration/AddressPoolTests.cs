using System.Globalization;
using System.Net;
using L2tpd.Configuration;
using L2tpd.PppHosting.Pppd;

namespace L2tpd.Unit.Tests.Configuration;

public sealed class AddressPoolTests(ITestOutputHelper output)
{
    private static AddressRange Range(string first, string last) => new(IPAddress.Parse(first), IPAddress.Parse(last));

    [Fact]
    public void Takes_each_address_once_in_order_across_ranges()
    {
        var pool = new AddressPool([Range("10.0.0.254", "10.0.1.0"), Range("192.0.2.7", "192.0.2.7")]);
        Assert.Equal(4, pool.Capacity);
        Assert.Equal(
            ["10.0.0.254", "10.0.0.255", "10.0.1.0", "192.0.2.7", null],
            Enumerable.Range(0, 5).Select(_ => pool.Take()?.ToString()));
        Assert.Equal(4, pool.InUse);
    }

    [Fact]
    public void Gives_the_address_that_is_free_for_longest()
    {
        var pool = new AddressPool([Range("10.0.0.1", "10.0.0.3")]);
        var first = pool.Take()!;
        var second = pool.Take()!;
        Assert.True(pool.GiveBack(second));
        Assert.True(pool.GiveBack(first));
        Assert.Equal(["10.0.0.3", "10.0.0.2", "10.0.0.1", null], Enumerable.Range(0, 4).Select(_ => pool.Take()?.ToString()));
    }

    [Fact]
    public void Takes_back_only_what_is_out()
    {
        var pool = new AddressPool([Range("10.0.0.1", "10.0.0.2")]);
        var address = pool.Take()!;
        Assert.True(pool.GiveBack(address));
        Assert.False(pool.GiveBack(address));
        Assert.False(pool.GiveBack(IPAddress.Parse("10.0.0.2")));
        Assert.False(pool.GiveBack(IPAddress.Parse("10.0.0.9")));
        Assert.False(pool.GiveBack(IPAddress.IPv6Loopback));
        Assert.Equal(0, pool.InUse);
        Assert.NotNull(pool.Take());
        Assert.NotNull(pool.Take());
        Assert.Null(pool.Take());
    }

    [Fact]
    public void A_change_leaves_what_is_in_use()
    {
        var pool = new AddressPool([Range("10.0.0.1", "10.0.0.2")]);
        var first = pool.Take()!;
        pool.Change([Range("10.0.0.1", "10.0.0.3")]);
        Assert.Equal("10.0.0.2", pool.Take()!.ToString());
        pool.Change([Range("10.9.0.1", "10.9.0.1")]);
        Assert.Equal((2, 1L), (pool.InUse, pool.Capacity));
        Assert.Equal(["10.9.0.1", null], Enumerable.Range(0, 2).Select(_ => pool.Take()?.ToString()));
        Assert.True(pool.GiveBack(first));
        Assert.False(pool.GiveBack(first));
        Assert.Null(pool.Take());
        pool.Change([Range("10.0.0.1", "10.0.0.3")]);
        Assert.Equal(["10.0.0.1", "10.0.0.3", null], Enumerable.Range(0, 3).Select(_ => pool.Take()?.ToString()));
    }

    [Fact]
    public void Empty_pool_has_nothing() => Assert.Null(new AddressPool([]).Take());

    [Fact]
    public void Reaches_the_last_address_there_is()
    {
        var pool = new AddressPool([Range("255.255.255.255", "255.255.255.255")]);
        Assert.Equal("255.255.255.255", pool.Take()?.ToString());
        Assert.Null(pool.Take());
    }

    [Fact]
    public void Never_has_an_address_out_twice()
    {
        var seed = Seeds.One(output.WriteLine);
        var random = new Random(seed);
        var pool = new AddressPool([Range("10.0.0.0", "10.0.0.63"), Range("10.1.0.0", "10.1.0.63")]);
        var held = new List<IPAddress>();
        for (var step = 0; step < 20_000; step++)
        {
            if (random.Next(2) == 0 && pool.Take() is { } taken)
            {
                Assert.DoesNotContain(taken, held);
                held.Add(taken);
            }
            else if (held.Count > 0)
            {
                var index = random.Next(held.Count);
                Assert.True(pool.GiveBack(held[index]));
                held.RemoveAt(index);
            }

            Assert.Equal(held.Count, pool.InUse);
        }

        while (pool.Take() is { } rest)
            held.Add(rest);
        Assert.Equal(128, held.Distinct().Count());
    }
}
