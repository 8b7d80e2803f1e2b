using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Calls;

/// <summary>
/// One call in a tunnel: its ids, messages and data path. What happens to it is decided in the call state machines and carried out by
/// <see cref="CallMachine"/>.
/// </summary>
public sealed partial class Session
{
    private readonly uint _generation;

    internal Session(Tunnel tunnel, SessionId localId, uint generation, CallRole role, SessionProfile profile, CallRequest request)
    {
        Tunnel = tunnel;
        LocalId = localId;
        _generation = generation;
        Role = role;
        Profile = profile;
        Request = request;
    }

    public SessionKey Key => new(Tunnel.Key, LocalId, _generation);

    public Tunnel Tunnel { get; }

    /// <summary>Configured name of a dialled or static session; for others "tunnel name/our session id".</summary>
    public string Name => Dialled?.FullName ?? $"{Tunnel.Name}/{Tunnel.Static?.NameOf(this) ?? LocalId.ToString()}";

    public CallRole Role { get; }

    public SessionState State { get; internal set; }

    public DataState Data { get; internal set; }

    public SessionId LocalId { get; }

    /// <summary>The peer's id, 0 until learned.</summary>
    public SessionId PeerId { get; internal set; }

    public SessionProfile Profile { get; }

    /// <summary>The ICRQ or OCRQ of the call, ours or the peer's.</summary>
    public CallRequest Request { get; internal set; }

    /// <summary>The ICCN or OCCN of the call; <c>null</c> until it is connected.</summary>
    public CallConnected? Connected { get; internal set; }

    /// <summary>When it was established; <c>null</c> before.</summary>
    public Instant? EstablishedAt { get; internal set; }

    /// <summary>When its set-up began, with the ICRQ or OCRQ; <see cref="Instant.Never"/> if it was restored.</summary>
    internal Instant StartedAt { get; init; } = Instant.Never;

    /// <summary>The network interface and its addresses; <c>null</c> until the network is up.</summary>
    public SessionNetwork? Network { get; internal set; }

    /// <summary>The largest rates of its data, bit/s, as PPP reported them; <c>null</c>: no limit.</summary>
    public (ulong? ToPeer, ulong? FromPeer) Rates { get; internal set; }

    /// <summary>The user as PPP reported it; <c>null</c> until it did.</summary>
    public SessionUser? User { get; internal set; }

    /// <summary>The network interface; <c>null</c> until the network is up.</summary>
    public string? Interface => Network?.Interface;

    public string? LocalAddress => Network?.LocalAddress;

    public string? PeerAddress => Network?.PeerAddress;

    /// <summary>Addresses of the name servers that the peer named in PPP, separated by blanks; <c>null</c> if it named none.</summary>
    public string? NameServers => Network?.NameServers;

    /// <summary>The last WEN, received or sent.</summary>
    public CallErrors? CallErrors { get; internal set; }

    /// <summary>The last ACCM, received or sent with SLI.</summary>
    public Accm? Accm { get; internal set; }

    /// <summary>The last Connect Speed Update received (RFC 5515).</summary>
    public ConnectSpeedUpdate? SpeedUpdate { get; internal set; }

    /// <summary>The configured name of a dialled or static session, without that of its tunnel; <c>null</c> for others.</summary>
    public string? ConfiguredName => Dialled?.Configuration.Name ?? Tunnel.Static?.NameOf(this);

    /// <summary>True on the LNS side of the call: the end that runs the PPP server.</summary>
    public bool IsLns => Role is CallRole.IncomingLns or CallRole.OutgoingLns;

    /// <summary>What L2TPv3 adds; <c>null</c> in L2TPv2.</summary>
    public Pseudowire? Pseudowire { get; internal set; }

    internal DialledSession? Dialled { get; set; }

    /// <summary>PPP has reported its end: there is nothing to wait for.</summary>
    internal bool IsPppOver { get; set; }

    /// <summary>PPP ends it because no data came for its idle timeout.</summary>
    internal bool IsIdle { get; set; }

    /// <summary>PPP's report that the peer refused our credentials; <c>null</c> without one.</summary>
    internal string? PppRefused { get; set; }

    /// <summary>The peer's CDN, kept while PPP may still report a refusal; <c>null</c> if there is none.</summary>
    internal EndReason? HeldEnd { get; set; }

    internal Instant SetupDeadline { get; set; } = Instant.Never;

    internal Session? PreviousInSetup { get; set; }

    internal Session? NextInSetup { get; set; }

    /// <summary>Engine time before which no further WEN may be sent.</summary>
    internal Instant NextWen { get; set; }
}
