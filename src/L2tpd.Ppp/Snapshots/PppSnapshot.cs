using System.Collections.Immutable;

namespace L2tpd.Ppp;

/// <summary>
/// A PPP endpoint in its network phase, for another process to continue: <see cref="PppEndpoint.Snapshot"/> takes it, <see
/// cref="PppEndpoint.Restore"/> makes an endpoint of it without a packet to the peer. The profile and our credentials are not in it: the
/// configuration has them.
/// </summary>
/// <remarks>
/// Times are milliseconds that are left or have passed, since clocks differ between processes. What a layer that was still negotiating had
/// reached is not kept: it starts again (RFC 1661 section 4.3 has every peer accept that). Neither is the echo timer, or a repeated
/// challenge in progress.
/// </remarks>
public sealed record PppSnapshot
{
    /// <summary>What LCP negotiated.</summary>
    public required LcpSnapshot Lcp { get; init; }

    /// <summary>The peer's proof; <c>null</c> if none is required.</summary>
    public AuthenticatorSnapshot? Authenticator { get; init; }

    /// <summary>Our own proof; <c>null</c> if the peer requires none.</summary>
    public ClaimantSnapshot? Claimant { get; init; }

    /// <summary>What the peer may have.</summary>
    public Authorisation? Authorisation { get; init; }

    /// <summary>The addresses in use; the host claims them again before it restores the endpoint.</summary>
    public AddressGrantSnapshot? Grant { get; init; }

    /// <summary>The open network layers.</summary>
    public ImmutableArray<NetworkLayerSnapshot> Networks { get; init; } = [];

    /// <summary>Whether a network layer was ever open: session and idle timeout run.</summary>
    public bool SessionStarted { get; init; }

    /// <summary>Time left for the set-up; <c>null</c> if it is done.</summary>
    public long? SetupLeft { get; init; }

    /// <summary>Time left of the session; <c>null</c>: no limit.</summary>
    public long? SessionLeft { get; init; }

    /// <summary>The idle timeout; 0: none.</summary>
    public long IdleTimeout { get; init; }

    /// <summary>Time since the last data packet.</summary>
    public long IdleFor { get; init; }

    /// <summary>Number of the last request to the host: answers to earlier ones must not match later ones.</summary>
    public uint Attempts { get; init; }

    /// <summary>Renegotiations so far.</summary>
    public long RenegotiationsTaken { get; init; }

    /// <summary>Requests for a renegotiation that were ignored.</summary>
    public long RenegotiationsIgnored { get; init; }
}

/// <summary>What a control protocol's automaton needs to go on from Opened.</summary>
/// <param name="LastId">The identifier used last.</param>
/// <param name="RequestId">The identifier of the Configure-Request that was acknowledged.</param>
public sealed record ControlProtocolSnapshot(byte LastId, byte RequestId);

/// <summary>What LCP negotiated, both ways.</summary>
public sealed record LcpSnapshot(ControlProtocolSnapshot Control)
{
    /// <summary>Our MRU.</summary>
    public ushort Mru { get; init; }

    /// <summary>Our magic number.</summary>
    public uint Magic { get; init; }

    /// <summary>The protocol by which the peer authenticates itself.</summary>
    public AuthenticationProtocol FromPeer { get; init; }

    /// <summary>Whether our requests have the option; the same for the other three.</summary>
    public bool AskMru { get; init; }

    /// <inheritdoc cref="AskMru"/>
    public bool AskMagic { get; init; }

    /// <inheritdoc cref="AskMru"/>
    public bool AskProtocolCompression { get; init; }

    /// <inheritdoc cref="AskMru"/>
    public bool AskAddressCompression { get; init; }

    /// <summary>False if the peer rejected Echo-Request.</summary>
    public bool EchoUnderstood { get; init; }

    /// <summary>The peer's MRU.</summary>
    public ushort PeerMru { get; init; }

    /// <summary>The peer's magic number.</summary>
    public uint PeerMagic { get; init; }

    /// <summary>The protocol by which we authenticate ourselves.</summary>
    public AuthenticationProtocol ToPeer { get; init; }

    /// <summary>The peer takes protocol numbers of one octet.</summary>
    public bool PeerProtocolCompression { get; init; }

    /// <summary>The peer takes frames without FF 03.</summary>
    public bool PeerAddressCompression { get; init; }
}

/// <summary>The peer's proof, as far as repeated requests and challenges need it.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="Name">The peer's name.</param>
/// <param name="Id">The identifier of the challenge sent last.</param>
/// <param name="AnsweredId">The identifier answered last; -1: none.</param>
/// <param name="AnswerCode">Code of that answer.</param>
/// <param name="Answer">Data of that answer.</param>
/// <param name="RechallengeLeft">Time to the next challenge; <c>null</c>: none follows.</param>
public sealed record AuthenticatorSnapshot(
    AuthenticationProtocol Protocol, string? Name, byte Id, int AnsweredId, byte AnswerCode, byte[] Answer, long? RechallengeLeft);

/// <summary>Our proof, as far as a repeated challenge needs it.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="Id">The identifier of the challenge answered last.</param>
/// <param name="Challenge">That challenge.</param>
/// <param name="Response">Our response; <c>null</c> with PAP, where it would hold the password.</param>
public sealed record ClaimantSnapshot(AuthenticationProtocol Protocol, byte Id, byte[] Challenge, byte[]? Response);

/// <summary>Addresses of an endpoint.</summary>
/// <param name="Local">Our address.</param>
/// <param name="Peer">The peer's address; none if the peer chose it.</param>
public sealed record AddressGrantSnapshot(Ipv4Address Local, Ipv4Address Peer)
{
    /// <summary>The server given to the peer; the same for the other three.</summary>
    public Ipv4Address PrimaryDns { get; init; }

    /// <inheritdoc cref="PrimaryDns"/>
    public Ipv4Address SecondaryDns { get; init; }

    /// <inheritdoc cref="PrimaryDns"/>
    public Ipv4Address PrimaryNbns { get; init; }

    /// <inheritdoc cref="PrimaryDns"/>
    public Ipv4Address SecondaryNbns { get; init; }

    /// <summary>The address that is claimed; none if nothing is.</summary>
    public Ipv4Address Claimed { get; init; }

    /// <summary>What the peer may choose; <c>null</c> if its address is assigned.</summary>
    public PermittedAddresses? Choice { get; init; }

    /// <summary>The grant's values, and the address it claims.</summary>
    public static AddressGrantSnapshot Of(AddressGrant grant) => new(grant.Local, grant.Peer)
    {
        PrimaryDns = grant.PrimaryDns,
        SecondaryDns = grant.SecondaryDns,
        PrimaryNbns = grant.PrimaryNbns,
        SecondaryNbns = grant.SecondaryNbns,
        Claimed = (grant.Lease ?? grant.Choice)?.Address ?? default,
        Choice = grant.Choice?.Permitted,
    };
}
