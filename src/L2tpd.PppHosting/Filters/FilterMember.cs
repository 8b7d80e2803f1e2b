using System.Collections.Immutable;
using System.Net;

namespace L2tpd.PppHosting.Filters;

/// <summary>What of a session can be an element of a set.</summary>
/// <param name="Interface">Its interface; <c>null</c>: it has none of its own.</param>
/// <param name="Address">The peer's IPv4 address; <c>null</c>: none.</param>
/// <param name="Prefixes">The peer's IPv6 prefixes.</param>
internal sealed record FilterSubject(string? Interface, IPAddress? Address, ImmutableArray<IPNetwork> Prefixes)
{
    /// <inheritdoc/>
    public bool Equals(FilterSubject? other) => other is not null && Interface == other.Interface && Equals(Address, other.Address)
        && Prefixes.AsSpan().SequenceEqual(other.Prefixes.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Interface, Address, Prefixes.Length);

    /// <summary>The elements for a set, as nft reads them.</summary>
    /// <param name="kind">What the set's elements are.</param>
    /// <param name="objection">Why the session can have none there; <c>null</c>: it can.</param>
    public string[] ElementsOf(FilterKind kind, out string? objection)
    {
        objection = kind switch
        {
            FilterKind.Interface when Interface is null =>
                "its elements are interfaces, and the session has none of its own: a set of type ipv4_addr or ipv6_addr is needed",
            FilterKind.Interface when !IsPlain(Interface!) => "nft cannot read the interface's name",
            FilterKind.IPv4 when Address is null => "its elements are IPv4 addresses, and the peer has none",
            FilterKind.IPv6 when Prefixes.IsEmpty => "its elements are IPv6 addresses, and the peer has no prefix",
            FilterKind.Other => "its type must be ifname, ipv4_addr or ipv6_addr",
            _ => null,
        };
        return objection is not null ? [] : kind switch
        {
            FilterKind.Interface => [$"\"{Interface}\""],
            FilterKind.IPv4 => [Address!.ToString()],
            _ => [.. Prefixes.Select(static prefix => prefix.ToString())],
        };
    }

    private static bool IsPlain(string name) => name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');
}

/// <summary>A session's membership in one set. <see cref="Elements"/> belongs to the worker, all else does not change.</summary>
/// <param name="set">Name of the set.</param>
/// <param name="subject">The session.</param>
internal sealed class FilterMember(string set, FilterSubject subject)
{
    public string Set { get; } = set;

    public FilterSubject Subject { get; } = subject;

    /// <summary>What was added to the set.</summary>
    public string[] Elements { get; set; } = [];
}
