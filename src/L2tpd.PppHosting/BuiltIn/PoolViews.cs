using L2tpd.Access;
using L2tpd.Control;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>Pools as the control API shows them.</summary>
internal static class PoolViews
{
    /// <param name="pool">A range of IPv4 addresses.</param>
    /// <param name="profile">The profile whose own it is; <c>null</c>: that of all.</param>
    public static PoolView From(AddressPool pool, string? profile = null)
    {
        // What is excluded counts as used there.
        var (size, used) = (pool.Size - pool.Excluded, pool.Used - pool.Excluded);
        return new PoolView
        {
            Name = pool.Name,
            Profile = profile,
            Family = "ipv4",
            Range = $"{pool.First}-{pool.Last}",
            Size = size,
            Used = used,
            Free = size - used,
            Kept = pool.Kept,
        };
    }

    /// <param name="pool">IPv6 prefixes of one length.</param>
    public static PoolView From(PrefixPool pool) => new()
    {
        Name = pool.Name,
        Family = "ipv6",
        Range = pool.Aggregate.ToString(),
        Length = pool.Length,
        Size = Clamp(pool.Size),
        Used = pool.Used,
        Free = Clamp(pool.Size - (UInt128)pool.Used),
        Kept = pool.Remembered,
    };

    private static long Clamp(UInt128 number) => (long)UInt128.Min(number, long.MaxValue);
}
