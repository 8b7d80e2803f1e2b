using System.Collections.Immutable;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Events;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Snapshots;

/// <summary>A configured tunnel that we dial: which attempt is under way, and what is planned.</summary>
public sealed record DialledTunnelSnapshot
{
    public required string Name { get; init; }

    /// <summary>No longer configured, or configured otherwise under another number.</summary>
    public bool IsRetired { get; init; }

    /// <summary>It may be dialled: not by hand, or the operator opened it.</summary>
    public bool MayDial { get; init; } = true;

    /// <summary><c>dial: on-traffic</c>: the operator keeps it down.</summary>
    public bool StaysDown { get; init; }

    /// <summary><c>dial: on-traffic</c>: no packet counts before this time; <c>null</c>: each does.</summary>
    public long? HoldUntil { get; init; }

    /// <summary><c>dial: on-traffic</c>: when it is closed, if no session needs it then.</summary>
    public long? IdleAt { get; init; }

    /// <summary>The tunnel of the attempt under way or up.</summary>
    public TunnelKey Current { get; init; }

    /// <summary>Number of the last resolution.</summary>
    public uint Attempt { get; init; }

    /// <summary>The LNSs of this round in their order.</summary>
    public ImmutableArray<int> Round { get; init; } = [];

    /// <summary>Index in <see cref="Round"/> of the next one.</summary>
    public int Next { get; init; }

    /// <summary>The LNS being tried or serving.</summary>
    public int Remote { get; init; }

    /// <summary>Its addresses that are not tried yet.</summary>
    public ImmutableArray<Endpoint> Addresses { get; init; } = [];

    public int Failures { get; init; }

    public int Redirects { get; init; }

    public long? RetryAt { get; init; }

    public bool WaitsForCredentials { get; init; }

    public Endpoint DialledAt { get; init; }

    /// <summary>Where <see cref="LastAnswer"/> came from.</summary>
    public Endpoint AnsweredAt { get; init; }

    public Sccrp? LastAnswer { get; init; }

    public required LnsOrderSnapshot Order { get; init; }

    public required PreferredAttemptSnapshot Preferred { get; init; }

    public required HeldStopSnapshot HeldStop { get; init; }

    public ImmutableArray<DialledSessionSnapshot> Sessions { get; init; } = [];
}

/// <param name="LostAt">When each LNS was lost; <c>null</c> if it was not.</param>
/// <param name="LostAddresses">Addresses that were lost, the first one first.</param>
public sealed record LnsOrderSnapshot(ImmutableArray<long?> LostAt, ImmutableArray<LostAddressSnapshot> LostAddresses);

public sealed record LostAddressSnapshot(Endpoint Address, long At);

/// <summary>The way back to a preferred LNS.</summary>
public sealed record PreferredAttemptSnapshot(
    TunnelKey Current, uint Attempt, int Remote, int Serving, long? At, Endpoint DialledAt, ImmutableArray<Endpoint> Addresses);

/// <summary>Ends that the peer sent, kept while PPP may still report why.</summary>
/// <param name="Sessions">Sessions whose CDN is kept.</param>
/// <param name="Tunnel">The StopCCN; <c>null</c> if none is kept.</param>
/// <param name="Deadline">When they take effect at the latest; <c>null</c> if nothing is kept.</param>
public sealed record HeldStopSnapshot(ImmutableArray<SessionKey> Sessions, EndReason? Tunnel, long? Deadline);

/// <summary>A configured session of a tunnel that we dial.</summary>
public sealed record DialledSessionSnapshot
{
    public required string Name { get; init; }

    /// <summary>It may be set up: not by hand, or the operator opened it.</summary>
    public bool MayOpen { get; init; } = true;

    /// <summary><c>dial: on-traffic</c>: the operator keeps it down.</summary>
    public bool StaysDown { get; init; }

    /// <summary><c>dial: on-traffic</c>: no packet counts before this time; <c>null</c>: each does.</summary>
    public long? HoldUntil { get; init; }

    /// <summary>The session of the attempt under way or up.</summary>
    public SessionKey Current { get; init; }

    public int Failures { get; init; }

    public int Refusals { get; init; }

    /// <summary>The last call serial number.</summary>
    public uint Serial { get; init; }

    public long? UpSince { get; init; }

    public long? RetryAt { get; init; }

    /// <summary>
    /// Not asked for before this time, because the credentials were refused; <c>null</c> if they were not, or with <see cref="IsGivenUp"/>.
    /// </summary>
    public long? RefusedUntil { get; init; }

    /// <summary>The credentials were refused as often as the configuration permits.</summary>
    public bool IsGivenUp { get; init; }

    public string? Refusal { get; init; }

    /// <summary>The former session whose PPP has not ended yet.</summary>
    public SessionKey FormerPpp { get; init; }

    /// <summary>It is waited for until then; <c>null</c> if there is none.</summary>
    public long? PppEndsBy { get; init; }

    /// <summary>The retry that is reported at <see cref="AnnounceAt"/>; <c>null</c> if there is none.</summary>
    public RetryScheduled? Announcement { get; init; }

    public long? AnnounceAt { get; init; }

    public L2SpecificSublayer? SublayerToAsk { get; init; }
}
