namespace L2tpd.Engine.Calls;

/// <summary>What PPP knows of the user of a session; nothing but what is shown and looked for depends on it.</summary>
public sealed record SessionUser
{
    /// <summary>The name that the peer proved, or, on a session that we dialled, the one we gave; <c>null</c>: there was none.</summary>
    public string? Name { get; init; }

    /// <summary>Acct-Session-Id of its accounting; <c>null</c>: there is no accounting.</summary>
    public string? AccountingId { get; init; }

    /// <summary>The peer's IPv6 address on the link; <c>null</c>: there is none.</summary>
    public string? Ipv6Address { get; init; }

    /// <summary>IPv6 prefixes and addresses that the user has, separated by blanks; <c>null</c>: none.</summary>
    public string? Prefixes { get; init; }

    /// <summary>Octets of the largest packet to the peer; <c>null</c>: no network layer is up.</summary>
    public int? Mtu { get; init; }

    /// <summary>The algorithms of ESP that <see cref="Mtu"/> leaves room for; <c>null</c>: ESP is not what limits it.</summary>
    public string? MtuOfEsp { get; init; }
}
