namespace L2tpd.Control;

/// <summary>Address and prefix pools.</summary>
/// <param name="Items">IPv4 first: the shared pools, then those of profiles, each by name; then the prefix pools by name.</param>
public sealed record PoolsView(IReadOnlyList<PoolView> Items);

/// <summary>A pool, or one range of a pool that has several.</summary>
public sealed record PoolView
{
    public required string Name { get; init; }

    /// <summary>The PPP profile whose own pool it is; <c>null</c>: a pool of `pools` or `prefix-pools`.</summary>
    public string? Profile { get; init; }

    /// <summary>"ipv4" or "ipv6".</summary>
    public required string Family { get; init; }

    /// <summary>First and last address, or the IPv6 prefix that is divided.</summary>
    public required string Range { get; init; }

    /// <summary>Length of the IPv6 prefixes, bits; <c>null</c> of IPv4.</summary>
    public int? Length { get; init; }

    /// <summary>Addresses without our own, or prefixes; 2^63-1 if there are more.</summary>
    public required long Size { get; init; }

    /// <summary>Those of them that sessions have.</summary>
    public required long Used { get; init; }

    /// <summary>Those that no session has, the kept ones included.</summary>
    public required long Free { get; init; }

    /// <summary>Free ones kept for certain users: IPv4, for users with a fixed address; IPv6, for those who had them last.</summary>
    public required long Kept { get; init; }
}
