using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Sessions;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Tunnels;

/// <summary>One control connection.</summary>
public sealed class Tunnel
{
    public TunnelKey Key { get; internal set; }

    /// <summary>Configured name of a dialled tunnel; for others "profile/peer host name/our id".</summary>
    public string Name => throw new NotImplementedException();

    public PeerProfile Peer { get; internal set; } = null!;

    public ProtocolVersion Version { get; internal set; } = ProtocolVersion.V2;

    /// <summary>We sent the SCCRQ.</summary>
    public bool IsInitiator { get; internal set; }

    public TunnelState State { get; internal set; }

    public uint LocalId => Key.LocalId;

    /// <summary>The peer's id, 0 until learned.</summary>
    public uint PeerId { get; internal set; }

    public Path Path { get; internal set; }

    /// <summary>The peer's SCCRQ or SCCRP: host name, vendor, capabilities. Null until received.</summary>
    public StartControlConnection? PeerIntroduction { get; internal set; }

    /// <summary>The peer proved that it knows the secret.</summary>
    public bool IsAuthenticated { get; internal set; }

    /// <summary>Engine time of establishment, ms; 0 before.</summary>
    public long EstablishedAt { get; internal set; }

    public string? LastSocketError { get; internal set; }

    public TunnelCounters Counters { get; } = new();

    /// <summary>Sessions alive, by our session id.</summary>
    public IReadOnlyDictionary<uint, Session> Sessions => throw new NotImplementedException();
}

/// <summary>Counters of one control connection.</summary>
public sealed class TunnelCounters
{
    public long MessagesSent { get; internal set; }

    public long MessagesReceived { get; internal set; }

    public long Retransmissions { get; internal set; }

    public long Duplicates { get; internal set; }

    public long OutOfOrder { get; internal set; }

    public long ZlbsSent { get; internal set; }

    public long HellosSent { get; internal set; }

    /// <summary>Datagrams from another address or port than the peer's.</summary>
    public long WrongSource { get; internal set; }

    public long Malformed { get; internal set; }
}
