using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Admission;

/// <summary>An SCCRQ that names no tunnel of ours: as it came, and as it was read in the version in which it is answered.</summary>
internal readonly ref struct Approach
{
    public required ControlHeader Header { get; init; }

    public required Datagram Datagram { get; init; }

    public DecodedMessage Decoded { get; init; }

    /// <summary>The message; <c>null</c> with an error.</summary>
    public Sccrq? Request { get; init; }

    /// <summary>The peer's id in the version of the answer; 0 if it cannot be read.</summary>
    public TunnelId PeerId { get; init; }

    /// <summary>The profile that matches; <c>null</c> if none does.</summary>
    public PeerProfile? Peer { get; init; }

    /// <summary>In v3 what the SCCRQ began; <c>null</c> in v2.</summary>
    public MessageSecurity? Security { get; init; }

    /// <summary>In v2 the secrets of the profile; <c>null</c> in v3, and without a profile.</summary>
    public TunnelSecrets? Secrets { get; init; }

    /// <summary>The host name as read ahead of the message, to find the profile by.</summary>
    public string? PeekedHostName { get; init; }

    /// <summary>The peer's name as far as it could be read.</summary>
    public string? HostName => Request?.HostName ?? PeekedHostName;

    /// <summary>Tells a repeated SCCRQ from another one of the same peer and id.</summary>
    public ulong Fingerprint { get; init; }

    /// <summary>The latest tunnel of the same address and peer id; <c>null</c> if there is none.</summary>
    public Tunnel? Former { get; init; }

    public Addressing.Path Path => Datagram.Path;

    public Endpoint Remote => Datagram.Path.Remote;

    public ReadOnlySpan<byte> Message => Datagram.Bytes[..Header.Length];

    public ProtocolVersion Version => Security is null ? ProtocolVersion.V2 : ProtocolVersion.V3;

    /// <summary>What the version of the answer lays down.</summary>
    public VersionRules Rules => VersionRules.Of(Version);
}
