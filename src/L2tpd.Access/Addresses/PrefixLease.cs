using System.Net;

namespace L2tpd.Access;

/// <summary>An IPv6 prefix or address (a prefix of 128 bits) that belongs to one session until it is released.</summary>
public sealed class PrefixLease
{
    internal PrefixLease(PrefixRange range, PrefixPool? pool) => (Range, Pool) = (range, pool);

    /// <summary>The prefix.</summary>
    public IPNetwork Network => Range.ToNetwork();

    internal PrefixRange Range { get; }

    /// <summary>The pool that assigned it; <c>null</c>: it was given by value.</summary>
    internal PrefixPool? Pool { get; }

    /// <summary>What the pool knows of it.</summary>
    internal PrefixEntry? Entry { get; init; }
}

/// <summary>A prefix that a pool assigned once: in use, or remembered for its user.</summary>
internal sealed class PrefixEntry(UInt128 index)
{
    public UInt128 Index => index;

    /// <summary>The user it is remembered for; <c>null</c>: nobody.</summary>
    public string? User { get; set; }

    /// <summary>Who has it; <c>null</c>: it is free.</summary>
    public PrefixLease? Lease { get; set; }

    /// <summary>When it was released, seconds since 1970.</summary>
    public long ReleasedAt { get; set; }

    /// <summary>Its place among the free ones; <c>null</c> while it is in use.</summary>
    public LinkedListNode<PrefixEntry>? Place { get; set; }
}
