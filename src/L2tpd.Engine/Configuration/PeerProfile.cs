using System.Collections.Immutable;
using System.Net;
using L2tpd.Protocol.Avps;

namespace L2tpd.Engine.Configuration;

/// <summary>A named set of rules for the peers it matches; for a dialled tunnel, the rules of that tunnel.</summary>
public sealed record PeerProfile
{
    public required string Name { get; init; }

    /// <summary>Source addresses it is for; empty: any.</summary>
    public ImmutableArray<IPNetwork> Prefixes { get; init; } = [];

    /// <summary>Pattern for the peer's Host Name AVP with * and ?, case-insensitive; null: any.</summary>
    public string? HostNamePattern { get; init; }

    /// <summary>Our Host Name AVP towards these peers; null: the daemon's.</summary>
    public string? LocalHostName { get; init; }

    /// <summary>Shared secret; null: no tunnel authentication, no hidden AVPs.</summary>
    public byte[]? Secret { get; init; }

    /// <summary>Challenge the peer (needs a secret). A peer's own challenge is always answered when there is a secret.</summary>
    public bool Challenge { get; init; } = true;

    /// <summary>Hide every AVP that may be hidden (needs a secret).</summary>
    public bool HideAvps { get; init; }

    public ProtocolPreference Protocol { get; init; } = ProtocolPreference.V2;

    /// <summary>Receive Window Size we advertise, 1..32767, messages.</summary>
    public ushort ReceiveWindow { get; init; } = 64;

    public TunnelTimers Timers { get; init; } = new();

    /// <summary>Tunnels of this profile at one time.</summary>
    public int MaxTunnels { get; init; } = int.MaxValue;

    /// <summary>Sessions in one tunnel.</summary>
    public int MaxSessionsPerTunnel { get; init; } = 65_535;

    public PeerQuirks Quirks { get; init; }

    /// <summary>Answer ICRQ: act as LNS.</summary>
    public bool AcceptIncomingCalls { get; init; } = true;

    /// <summary>Answer OCRQ: act as LAC that places calls.</summary>
    public bool AcceptOutgoingCalls { get; init; }

    /// <summary>How sessions that these peers ask for are set up.</summary>
    public SessionProfile Session { get; init; } = new();

    /// <summary>Socket options of the tunnel's own socket: SO_BINDTODEVICE, SO_MARK; null and 0: none.</summary>
    public string? BindDevice { get; init; }

    public uint FwMark { get; init; }

    /// <summary>Control connection DS AVP 47 to send, a PHB code; null: none.</summary>
    public ushort? ControlConnectionDs { get; init; }
}

/// <summary>Which protocol versions are spoken with a peer.</summary>
public enum ProtocolPreference
{
    V2,
    V3,
    Auto,
}

/// <summary>How a session is set up once the call is agreed.</summary>
public sealed record SessionProfile
{
    /// <summary>Name of the PPP profile; null: no PPP is run (null data plane, or a data plane user of its own).</summary>
    public string? Ppp { get; init; }

    /// <summary>Send data sequence numbers, and ask for them (Sequencing Required AVP when we send ICCN or OCCN).</summary>
    public bool Sequencing { get; init; }

    /// <summary>Hold out-of-order data this long for reordering; zero: drop it.</summary>
    public TimeSpan ReorderTimeout { get; init; }

    /// <summary>ACCM to announce with SLI once established, LNS side; null: no SLI.</summary>
    public Accm? Accm { get; init; }

    /// <summary>LAC side: report the data plane's receive errors to the LNS with WEN, at most one per 60 s.</summary>
    public bool ReportErrors { get; init; }
}
