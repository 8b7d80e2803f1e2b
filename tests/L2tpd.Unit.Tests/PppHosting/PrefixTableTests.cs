using L2tpd.PppHosting.Userspace;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>The longest prefix counts, whatever the order in which prefixes come and go.</summary>
public sealed class PrefixTableTests
{
    private static readonly UInt128 _pool = new(0x2001_0db8_7700_0000, 0);

    [Fact]
    public void The_longest_prefix_counts()
    {
        var table = new PrefixTable<UInt128, string>(128);
        Assert.True(table.TryAdd(_pool, 56, "customer"));
        Assert.True(table.TryAdd(_pool | ((UInt128)7 << 64), 64, "wan"));
        Assert.Equal("customer", table.Find(_pool | 5));
        Assert.Equal("wan", table.Find(_pool | ((UInt128)7 << 64) | 5));
        Assert.Null(table.Find(_pool | ((UInt128)0x100 << 64)));
        Assert.True(table.TryAdd(_pool | ((UInt128)7 << 64) | 5, 128, "host"));
        Assert.Equal("host", table.Find(_pool | ((UInt128)7 << 64) | 5));
        Assert.True(table.TryAdd(0, 0, "rest"));
        Assert.Equal("rest", table.Find(UInt128.MaxValue));
    }

    [Fact]
    public void Bits_behind_the_prefix_do_not_count()
    {
        var table = new PrefixTable<uint, string>(32);
        Assert.True(table.TryAdd(0x0a01_02ff, 24, "office"));
        Assert.False(table.TryAdd(0x0a01_0200, 24, "other"));
        Assert.Equal("office", table.Find(0x0a01_0207));
    }

    [Fact]
    public void Only_the_owner_removes_a_prefix_and_an_empty_length_costs_nothing()
    {
        var table = new PrefixTable<uint, string>(32);
        Assert.True(table.TryAdd(0x0a01_0200, 24, "office"));
        Assert.False(table.Remove(0x0a01_0200, 24, "other"));
        Assert.False(table.Remove(0x0a01_0200, 25, "office"));
        Assert.Equal("office", table.Find(0x0a01_0207));
        Assert.True(table.Remove(0x0a01_0200, 24, "office"));
        Assert.Null(table.Find(0x0a01_0207));
        Assert.True(table.IsEmpty);
    }

    [Fact]
    public void It_agrees_with_a_search_of_all_prefixes() => Seeds.ForEach(3, static seed =>
    {
        var random = new SeededRandom(seed);
        var table = new PrefixTable<uint, string>(32);
        var all = new Dictionary<(uint Network, int Length), string>();
        for (var step = 0; step < 1_000; step++)
        {
            var length = random.Below(33);
            // Few bits, so that prefixes meet.
            var key = (Network: AddressOf(random) & (length == 0 ? 0 : uint.MaxValue << (32 - length)), length);
            var value = $"{key}";
            if (random.Below(3) > 0)
                Assert.Equal(all.TryAdd(key, value), table.TryAdd(key.Network, length, value));
            else
                Assert.Equal(all.Remove(key, out var known), table.Remove(key.Network, length, known ?? value));
            var address = AddressOf(random);
            var expected = all.Where(entry => Contains(entry.Key, address)).OrderByDescending(static entry => entry.Key.Length)
                .Select(static entry => entry.Value).FirstOrDefault();
            Assert.Equal(expected, table.Find(address));
            Assert.Equal(all.Count, table.Count);
        }
    });

    private static uint AddressOf(SeededRandom random) => ((uint)random.Below(16) << 28) | (uint)random.Below(16);

    private static bool Contains((uint Network, int Length) prefix, uint address) =>
        prefix.Length == 0 || (address ^ prefix.Network) >> (32 - prefix.Length) == 0;
}
