using System.Collections.Immutable;
using L2tpd.Engine.Addressing;

namespace L2tpd.Engine.Snapshots;

/// <summary>A configured static tunnel.</summary>
public sealed record StaticLineSnapshot
{
    public required string Name { get; init; }

    /// <summary>Its tunnel, while its socket is being opened or it is up; <c>null</c> otherwise.</summary>
    public TunnelKey? Tunnel { get; init; }

    /// <summary><c>null</c> without a tunnel.</summary>
    public KeepaliveSnapshot? Keepalive { get; init; }

    /// <summary>When it is set up again; <c>null</c> if that is not planned.</summary>
    public long? BeginAt { get; init; }

    public int Failures { get; init; }

    /// <summary>The operator keeps it down.</summary>
    public bool IsHeld { get; init; }

    public ImmutableArray<StaticCallSnapshot> Sessions { get; init; } = [];
}

/// <summary>HELLO over a static tunnel.</summary>
public sealed record KeepaliveSnapshot(ChannelSnapshot Channel, long LastAnswer, bool IsSilent);

/// <summary>A configured session of a static tunnel.</summary>
/// <param name="Name">Of the session.</param>
/// <param name="Current">The session that is up, or none.</param>
/// <param name="OpenAt">When it is set up again; <c>null</c> if that is not planned.</param>
/// <param name="Failures">Since it was last up.</param>
/// <param name="IsHeld">The operator keeps it down.</param>
public sealed record StaticCallSnapshot(string Name, SessionKey Current, long? OpenAt, int Failures, bool IsHeld = false);
