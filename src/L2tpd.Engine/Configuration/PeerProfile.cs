using System.Collections.Immutable;
using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Data;
using L2tpd.Protocol.Digests;

namespace L2tpd.Engine.Configuration;

/// <summary>A named set of rules for the peers it matches; for a dialled tunnel, the rules of that tunnel.</summary>
public sealed record PeerProfile
{
    public required string Name { get; init; }

    /// <summary>Source addresses it is for; empty: any.</summary>
    public ImmutableArray<IPNetwork> Prefixes { get; init; } = [];

    /// <summary>Only peers that come over this carrier; <c>null</c> for both.</summary>
    public DataCarrier? Carrier { get; init; }

    /// <summary>Pattern for the peer's Host Name AVP with * and ?, case-insensitive; <c>null</c> for any.</summary>
    public string? HostNamePattern { get; init; }

    /// <summary>Our Host Name AVP towards these peers; <c>null</c> for the daemon's.</summary>
    public string? LocalHostName { get; init; }

    /// <summary>L2TPv3: our Router ID AVP towards these peers; <c>null</c> for the daemon's.</summary>
    public uint? LocalRouterId { get; init; }

    /// <summary>A dialled tunnel: how an SCCRQ of its peer is recognised when both ends dial at once.</summary>
    public PeerIdentity Identity { get; init; } = PeerIdentity.RouterId;

    /// <summary>Shared secret; <c>null</c> for no tunnel authentication and no hidden AVPs.</summary>
    public byte[]? Secret { get; init; }

    /// <summary>Challenge the peer (needs a secret). A peer's own challenge is always answered when there is a secret.</summary>
    public bool Challenge { get; init; } = true;

    /// <summary>Hide every AVP that may be hidden (needs a secret).</summary>
    public bool HideAvps { get; init; }

    /// <summary>
    /// While a secret is being changed: also accepted. In L2TPv3 its digest is sent in addition to that of <see cref="Secret"/>; in L2TPv2
    /// we use the one that the peer has shown to have.
    /// </summary>
    public byte[]? SecondSecret { get; init; }

    /// <summary>
    /// Control message authentication of L2TPv3; <c>null</c> for <see cref="MessageAuthentication.Required"/> with a secret and off
    /// without.
    /// </summary>
    public MessageAuthentication? Authentication { get; init; }

    /// <summary>Digest of L2TPv3 messages where we speak first; an answer takes the peer's.</summary>
    public DigestType Digest { get; init; } = DigestType.HmacSha1;

    /// <summary>Pseudowire Capabilities List of L2TPv3: what may be asked of us.</summary>
    public ImmutableArray<PseudowireType> Pseudowires { get; init; } = [PseudowireType.Ethernet, PseudowireType.Ppp];

    /// <summary>L2TPv3: the Remote End IDs these peers may ask for; empty: any, each set up as <see cref="Session"/> says.</summary>
    public ImmutableArray<PseudowireEndpoint> Endpoints { get; init; } = [];

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

    /// <summary>Whether these peers' tunnels must come out of IPsec.</summary>
    public IpsecSettings Ipsec { get; init; } = IpsecSettings.None;

    /// <summary>
    /// What becomes of a tunnel of these peers when one has another from the same address, port, mark and Host Name; <c>null</c>: replaced
    /// out of IPsec, kept in clear text.
    /// </summary>
    public SamePeerPolicy? SamePeer { get; init; }

    /// <summary>Control connection DS AVP 47 to send, a PHB code; <c>null</c> for none.</summary>
    public ushort? ControlConnectionDs { get; init; }

    /// <summary>Whether a new tunnel of a peer replaces its former one.</summary>
    internal bool ReplacesSamePeer(in Endpoint remote) =>
        SamePeer is { } policy ? policy == SamePeerPolicy.Replace : remote.IsProtected;

    /// <summary>A Result Code as this peer can read it (<see cref="PeerQuirks.ShortResultCode"/>).</summary>
    internal ResultCode Readable(ResultCode result) =>
        Quirks.HasFlag(PeerQuirks.ShortResultCode) && result.Error is null or 0 ? new ResultCode(result.Result) : result;
}

/// <summary>What becomes of the tunnel of a peer that has a new one under another tunnel id.</summary>
public enum SamePeerPolicy
{
    /// <summary>It stays until HELLO finds it dead.</summary>
    Keep,

    /// <summary>It ends, unless the peer still answers in it.</summary>
    Replace,
}

/// <summary>Which protocol versions are spoken with a peer.</summary>
public enum ProtocolPreference
{
    V2,
    V3,
    Auto,
}

/// <summary>
/// How an SCCRQ is recognised as that of the peer that we are dialling, so that the two are in a tie (RFC 3931 section 5.4.3). Host name
/// and Router ID are those of the peer's last answer at the address being dialled; while there was none, the address decides.
/// </summary>
public enum PeerIdentity
{
    /// <summary>It comes from the address that we are dialling.</summary>
    Address,

    /// <summary>It has the peer's Host Name; from another address it has to be signed by the tunnel's secret as well.</summary>
    HostName,

    /// <summary>
    /// It has the peer's Router ID; from another address it has to have its Host Name and be signed by the tunnel's secret as well.
    /// L2TPv2 has no Router ID: there the address decides.
    /// </summary>
    RouterId,
}

/// <summary>Control message authentication of L2TPv3 (RFC 3931 section 4.3).</summary>
public enum MessageAuthentication
{
    /// <summary>No digests.</summary>
    Off,

    /// <summary>Digests without a secret: they find corruption, not forgery.</summary>
    Integrity,

    /// <summary>Authenticated where the peer begins it, open where it does not.</summary>
    WhenSigned,

    /// <summary>What is not signed with a secret of ours is dropped.</summary>
    Required,
}

/// <summary>The configuration behind a Remote End ID of L2TPv3.</summary>
/// <param name="Name">For the operator.</param>
/// <param name="RemoteEndId">The AVP's text; 0x and an even number of digits: octets.</param>
/// <param name="Session">How its sessions are set up.</param>
public sealed record PseudowireEndpoint(string Name, string RemoteEndId, SessionProfile Session);

/// <summary>How a session is set up once the call is agreed.</summary>
public sealed record SessionProfile
{
    /// <summary>Name of the PPP profile; <c>null</c> if no PPP is run (null data plane, or another user of the data plane).</summary>
    public string? Ppp { get; init; }

    /// <summary>Send data sequence numbers, and ask for them (Sequencing Required AVP when we send ICCN or OCCN).</summary>
    public bool Sequencing { get; init; }

    /// <summary>Hold out-of-order data this long for reordering; with zero it is dropped.</summary>
    public TimeSpan ReorderTimeout { get; init; }

    /// <summary>ACCM to announce with SLI once established, LNS side; <c>null</c> for no SLI.</summary>
    public Accm? Accm { get; init; }

    /// <summary>LAC side: report the data plane's receive errors to the LNS with WEN, at most one per 60 s.</summary>
    public bool ReportErrors { get; init; }

    /// <summary>The L2TPv3 half.</summary>
    public PseudowireProfile Pseudowire { get; init; } = new();

    /// <summary>The pseudowire type that such a session is of.</summary>
    public PseudowireType PseudowireType => Ppp is null ? Pseudowire.Type : PseudowireType.Ppp;
}
