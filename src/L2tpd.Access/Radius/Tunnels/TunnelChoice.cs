using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace L2tpd.Access;

/// <summary>An LNS that a server named, with the rules for the tunnel to it.</summary>
public sealed record TunnelChoice
{
    /// <summary>An address or a host name.</summary>
    public required string Host { get; init; }

    /// <summary>The family that the host's address must have; <c>null</c>: any.</summary>
    public AddressFamily? Family { get; init; }

    /// <summary>Our address; <c>null</c>: by the routes.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>The secret of the tunnel; <c>null</c>: the configured one.</summary>
    public byte[]? Secret { get; init; }

    /// <summary>Our Host Name; <c>null</c>: the configured one.</summary>
    public string? LocalName { get; init; }

    /// <summary>The Host Name that the LNS must have; <c>null</c>: any.</summary>
    public string? PeerName { get; init; }

    /// <summary>Sessions with the same id and ends may share a tunnel; <c>null</c>: none was given.</summary>
    public string? AssignmentId { get; init; }

    /// <summary>Private Group ID for the sessions; <c>null</c>: the configured one.</summary>
    public string? PrivateGroupId { get; init; }

    /// <summary>Which tunnel a session may share.</summary>
    /// <remarks>
    /// RFC 2868 section 3.6: a session without an assignment id never uses a tunnel that has one, but the one without a name between the
    /// same ends. The key has no secret: a tunnel that is up stays when the server changes its password.
    /// </remarks>
    public TunnelKey Key(IPAddress remote) => new(LocalAddress, remote, AssignmentId, LocalName);

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"TunnelChoice {{ Host = {Host} }}";

    /// <summary>What sessions of one tunnel have in common.</summary>
    /// <param name="Local">Our address; <c>null</c>: by the routes.</param>
    /// <param name="Remote">The address of the LNS.</param>
    /// <param name="AssignmentId">Tunnel-Assignment-ID.</param>
    /// <param name="LocalName">Our Host Name.</param>
    public readonly record struct TunnelKey(IPAddress? Local, IPAddress Remote, string? AssignmentId, string? LocalName);
}

/// <summary>What a server says to the question where to dial.</summary>
/// <param name="Choices">In the order in which they should be tried; empty with an error.</param>
/// <param name="Error">Why there is nothing to dial; <c>null</c> if there is.</param>
public sealed record TunnelAnswer(ImmutableArray<TunnelChoice> Choices, string? Error)
{
    /// <summary>An answer without an LNS.</summary>
    public static TunnelAnswer Nothing(string error) => new([], error);
}
