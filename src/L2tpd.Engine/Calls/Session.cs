using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Events;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Calls;

/// <summary>
/// One call in a tunnel: its facts. What it does is decided in the four call state machines and carried out by
/// <see cref="CallMachine"/>.
/// </summary>
public sealed partial class Session
{
    private readonly uint _generation;

    internal Session(Tunnel tunnel, uint localId, uint generation, CallRole role, SessionProfile profile, CallRequest request)
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
    public string Name => $"{Tunnel.Name}/{Dialled?.Configuration.Name ?? Tunnel.Static?.NameOf(this) ?? LocalId.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    public CallRole Role { get; }

    public SessionState State { get; internal set; }

    public DataState Data { get; internal set; }

    public uint LocalId { get; }

    /// <summary>The peer's id, 0 until learned.</summary>
    public uint PeerId { get; internal set; }

    public SessionProfile Profile { get; }

    /// <summary>The ICRQ or OCRQ of the call, ours or the peer's.</summary>
    public CallRequest Request { get; internal set; }

    /// <summary>The ICCN or OCCN of the call; null until connected.</summary>
    public CallConnected? Connected { get; internal set; }

    /// <summary>Engine time of establishment, ms; 0 before.</summary>
    public long EstablishedAt { get; internal set; }

    /// <summary>The network interface and its addresses; <c>null</c> until the network is up.</summary>
    public SessionNetwork? Network { get; internal set; }

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

    /// <summary>True on the LNS side of the call: the end that runs the PPP server.</summary>
    public bool IsLns => Role is CallRole.IncomingLns or CallRole.OutgoingLns;

    /// <summary>What L2TPv3 adds; null in v2.</summary>
    public Pseudowire? Pseudowire { get; internal set; }

    internal DialledSession? Dialled { get; set; }

    /// <summary>PPP has reported its end: nothing is to be waited for.</summary>
    internal bool IsPppOver { get; set; }

    /// <summary>PPP has reported that the peer refused our credentials, in words; null: it has not.</summary>
    internal string? PppRefused { get; set; }

    /// <summary>The peer's CDN, kept while PPP may still report a refusal; null: none.</summary>
    internal EndReason? HeldEnd { get; set; }

    internal long SetupDeadline { get; set; } = long.MaxValue;

    internal Session? PreviousInSetup { get; set; }

    internal Session? NextInSetup { get; set; }

    /// <summary>Engine time before which no further WEN may be sent.</summary>
    internal long NextWen { get; set; }
}
