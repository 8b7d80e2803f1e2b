using L2tpd.Ppp.Authentication;
using L2tpd.Ppp.Negotiation;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp;

/// <summary>
/// One end of one PPP link (RFC 1661), without I/O, clock or randomness of its own: LCP, authentication in both roles, and a list of
/// network layers.
/// </summary>
/// <remarks>
/// The endpoint owns LCP, the two authentication roles and the layers, and moves the link from phase to phase (section 3.2). One thread,
/// the host's. Inputs are frames, deadlines and answers of the host, each with the time in milliseconds of any monotonic clock; what is to
/// be done goes to <see cref="IPppEffects"/>. Known races: an answer to an earlier question (its attempt number does not match, and it is
/// dropped; an address is given back), and any input after <see cref="IPppEffects.Ended"/> (it does nothing).
/// </remarks>
public sealed partial class PppEndpoint
{
    private readonly Lcp _lcp;
    private readonly Keepalive _keepalive;
    private IPeerAuthenticator? _authenticator;
    private Claimant? _claimant;
    private INetworkLayer[] _layers = [];
    private ProxyState? _proxy;
    private AuthenticationResult? _heldVerdict;
    private AddressGrant? _grant;
    private PppEnd? _end;
    private long _setupDeadline = long.MaxValue;
    private long _proofDeadline = long.MaxValue;
    private long _sessionDeadline = long.MaxValue;
    private long _idleDeadline = long.MaxValue;
    private long _idleTimeout;
    private long _lastTraffic;
    private uint _attempts;
    private uint _verdictAttempt;
    private uint _addressAttempt;
    private Gates _gates;
    private bool _sessionStarted;

    /// <summary>Makes an endpoint in the phase Dead; <see cref="Open"/> starts it.</summary>
    /// <param name="key">Identifies the endpoint to the host.</param>
    /// <param name="profile">How to run PPP.</param>
    /// <param name="random">Source of magic numbers, challenges and interface identifiers.</param>
    /// <param name="credentials">Our name and password; <c>null</c>: we do not authenticate ourselves.</param>
    public PppEndpoint(long key, PppProfile profile, IPppRandom random, PppCredentials? credentials = null)
    {
        Key = key;
        Profile = profile;
        Random = random;
        Credentials = credentials;
        Renegotiations = new RenegotiationBudget(profile);
        _lcp = new Lcp(this);
        _keepalive = new Keepalive(this);
    }

    [Flags]
    private enum Gates : byte
    {
        None = 0,
        PeerProof = 1,
        OwnProof = 2,
        Address = 4,
    }

    /// <summary>Identifies the endpoint to the host.</summary>
    public long Key { get; }

    public PppProfile Profile { get; }

    /// <summary>The link's phase (RFC 1661 section 3.2).</summary>
    public PppPhase Phase { get; private set; }

    /// <summary>What the peer may have; <c>null</c> without authentication, or before it succeeded.</summary>
    public Authorisation? Authorisation { get; private set; }

    /// <summary>The peer's name; <c>null</c> before it sent one.</summary>
    public string? PeerName => _authenticator?.UserName;

    /// <summary>The addresses in use; <c>null</c> if there are none.</summary>
    public AddressGrant? Grant => _grant;

    public PppState LcpState => _lcp.State;

    /// <summary>Counts of renegotiations that the peer started, and of those that were ignored.</summary>
    public RenegotiationBudget Renegotiations { get; }

    /// <summary>When to call <see cref="HandleDeadline"/> next; <see cref="long.MaxValue"/>: never. May change with every input.</summary>
    public long NextDeadline
    {
        get
        {
            var next = Math.Min(Math.Min(_lcp.Deadline, _keepalive.Deadline), Math.Min(_setupDeadline, _sessionDeadline));
            next = Math.Min(next, Math.Min(_authenticator?.Deadline ?? long.MaxValue, _claimant?.Deadline ?? long.MaxValue));
            foreach (var layer in _layers)
                next = Math.Min(next, layer.Deadline);

            return Math.Min(next, Math.Min(_idleDeadline, _proofDeadline));
        }
    }

    /// <summary>Why the link is ending; <c>null</c> if it is not.</summary>
    public PppEnd? Ending => _end;

    internal IPppRandom Random { get; }

    internal PppCredentials? Credentials { get; }

    internal ushort ReceiveLimit => _lcp.Mru;

    /// <summary>Largest payload to send now.</summary>
    internal ushort TransmitLimit
    {
        get
        {
            var limit = Math.Min(_lcp.PeerMru, Profile.MaximumTransmit);
            return Authorisation is { Mtu: > 0 } authorisation ? Math.Min(limit, authorisation.Mtu) : limit;
        }
    }

    /// <summary>The session below is up: negotiation starts.</summary>
    /// <param name="now">Milliseconds.</param>
    /// <param name="effects">What to do.</param>
    /// <param name="proxy">What a LAC negotiated with the subscriber; <c>null</c>: nothing.</param>
    public void Open(long now, IPppEffects effects, ProxyState? proxy = null)
    {
        if (Phase != PppPhase.Dead)
            return;

        Phase = PppPhase.Establish;
        ArmSetup(now);
        _proxy = proxy;
        if (proxy is null || Profile.Proxy == ProxyLcpPolicy.Renegotiate || !_lcp.TryAdopt(proxy, now, effects))
        {
            _proxy = null;
            _lcp.Open(now, effects);
            _lcp.Up(now, effects);
        }
    }

    /// <summary>Handles a frame from the link. Any octets may be passed; nothing throws.</summary>
    /// <param name="frame">With or without FF 03.</param>
    /// <param name="now">Milliseconds.</param>
    /// <param name="effects">What to do.</param>
    /// <returns>What it was: <see cref="PppFrameKind.Ipv4"/> and <see cref="PppFrameKind.Ipv6"/> are for the host to forward.</returns>
    public PppFrameKind HandleFrame(ReadOnlySpan<byte> frame, long now, IPppEffects effects)
    {
        if (Phase is PppPhase.Dead or PppPhase.Ended || !PppFrame.TryParse(frame, out var parsed))
            return PppFrameKind.Discarded;

        _keepalive.Heard(now);
        if (parsed.Protocol == PppProtocol.Lcp)
        {
            _lcp.Handle(parsed.Payload, now, effects);
            return PppFrameKind.Control;
        }

        return _lcp.State == PppState.Opened ? HandleOpened(parsed, now, effects) : PppFrameKind.Discarded;
    }

    /// <summary>Time has come to <see cref="NextDeadline"/>. An early call is harmless.</summary>
    public void HandleDeadline(long now, IPppEffects effects)
    {
        _lcp.Expire(now, effects);
        foreach (var layer in _layers)
            layer.Expire(now, effects);

        _authenticator?.Expire(now, effects);
        _claimant?.Expire(now, effects);
        _keepalive.Expire(now, effects);
        if (now >= _proofDeadline)
            ExpireProof(now, effects);

        if (now >= _setupDeadline)
            Fail(SetupFailure(), now, effects);

        if (now >= _sessionDeadline)
            ExpireSession(now, effects);

        if (now >= _idleDeadline)
            ExpireIdle(now, effects);
    }

    /// <summary>The answer to <see cref="IPppEffects.RequestAuthentication"/>; an answer to a superseded attempt changes nothing.</summary>
    public void HandleAuthentication(uint attempt, AuthenticationResult result, long now, IPppEffects effects)
    {
        if (attempt != _verdictAttempt || _authenticator is not { AwaitsVerdict: true } || _heldVerdict is not null
            || Phase is not (PppPhase.Authenticate or PppPhase.Network))
        {
            return;
        }

        var first = _gates.HasFlag(Gates.PeerProof);
        if (!result.Accepted || !first)
        {
            if (result.Accepted && IsReauthenticating)
                Renew(result.Authorisation, now);

            _authenticator.Conclude(result, now, effects);
            return;
        }

        Authorisation = result.Authorisation;
        if (NeedsAddress)
        {
            // The peer gets its success only after the address is known: its first IPCP request may follow at once.
            _heldVerdict = result;
            AskAddress(effects);
        }
        else
        {
            PeerProven(result, now, effects);
        }
    }

    /// <summary>
    /// The answer to <see cref="IPppEffects.RequestAddress"/>; the addresses of a superseded attempt are given back at once.
    /// </summary>
    /// <param name="attempt">As asked.</param>
    /// <param name="grant">The addresses; <c>null</c>: none is available.</param>
    /// <param name="now">Milliseconds.</param>
    /// <param name="effects">What to do.</param>
    public void HandleAddress(uint attempt, AddressGrant? grant, long now, IPppEffects effects)
    {
        if (attempt != _addressAttempt || !_gates.HasFlag(Gates.Address) || Phase != PppPhase.Authenticate)
        {
            if (grant is not null)
                effects.ReleaseAddress(this, grant);

            return;
        }

        _gates &= ~Gates.Address;
        _grant = grant;
        if (_heldVerdict is { } verdict)
        {
            _heldVerdict = null;
            PeerProven(verdict, now, effects);
        }
        else
        {
            TryStartNetwork(now, effects);
        }
    }

    /// <summary>Closes the link with Terminate-Request; <see cref="IPppEffects.Ended"/> follows in a few seconds at most.</summary>
    /// <param name="cause">Who closes it.</param>
    /// <param name="text">The reason as text.</param>
    /// <param name="now">Milliseconds.</param>
    /// <param name="effects">What to do.</param>
    public void Close(PppCloseCause cause, string text, long now, IPppEffects effects) =>
        Fail(PppEnds.Closed(cause, text), now, effects);

    /// <summary>The session below ended: the endpoint ends at once, without a packet.</summary>
    public void LowerLayerDown(string text, long now, IPppEffects effects)
    {
        if (Phase is PppPhase.Dead or PppPhase.Ended)
            return;

        _end ??= PppEnds.LowerLayerDown(text);
        Phase = PppPhase.Terminate;
        _lcp.Down(now, effects);
        Finish(now, effects);
    }

    /// <summary>A data packet from the peer postpones Echo-Requests and the idle timeout. Costs two stores.</summary>
    public void NoteReceived(long now)
    {
        _keepalive.Heard(now);
        _lastTraffic = now;
    }

    /// <summary>A data packet to the peer postpones the idle timeout.</summary>
    public void NoteSent(long now) => _lastTraffic = now;

    /// <summary>Changes timeouts of a session that is up (RFC 5176), counted from now; 0: none, <c>null</c>: no change.</summary>
    public void ChangeTimeouts(long? sessionTimeout, long? idleTimeout, long now)
    {
        if (!NetworkIsUp)
            return;

        if (sessionTimeout is { } session)
            _sessionDeadline = session > 0 ? now + session : long.MaxValue;

        if (idleTimeout is { } idle)
        {
            _lastTraffic = now;
            _idleTimeout = idle;
            _idleDeadline = idle > 0 ? now + idle : long.MaxValue;
        }
    }

    private PppFrameKind HandleOpened(in PppFrame frame, long now, IPppEffects effects)
    {
        switch (frame.Protocol)
        {
            case PppProtocol.Pap when ControlPacket.TryParse(frame.Payload, out var packet):
                _authenticator?.Handle(PppProtocol.Pap, packet, now, effects);
                _claimant?.HandlePap(packet, now, effects);
                return PppFrameKind.Control;
            case PppProtocol.Chap when ControlPacket.TryParse(frame.Payload, out var packet):
                HandleChap(packet, now, effects);
                return PppFrameKind.Control;
            case PppProtocol.Eap when _lcp.FromPeer == AuthenticationProtocol.Eap && ControlPacket.TryParse(frame.Payload, out var packet):
                _authenticator?.Handle(PppProtocol.Eap, packet, now, effects);
                return PppFrameKind.Control;
            case PppProtocol.Pap or PppProtocol.Chap:
                return PppFrameKind.Discarded;
            case PppProtocol.Eap or PppProtocol.LinkQualityReport:
                // Not negotiated; both may arrive before the network phase.
                _lcp.RejectProtocol(frame.Protocol, frame.Payload, effects);
                return PppFrameKind.Control;
            default:
                return Phase == PppPhase.Network ? HandleNetwork(frame, now, effects) : PppFrameKind.Discarded;
        }
    }

    private void HandleChap(in ControlPacket packet, long now, IPppEffects effects)
    {
        if (packet.Code == Authenticator.ChapResponse)
            _authenticator?.Handle(PppProtocol.Chap, packet, now, effects);
        else
            _claimant?.HandleChap(packet, now, effects);
    }
}

/// <summary>The phases of a link (RFC 1661 section 3.2); Ended is its final state.</summary>
public enum PppPhase : byte
{
    Dead,
    Establish,
    Authenticate,
    Network,
    Terminate,
    Ended,
}

/// <summary>The result of <see cref="PppEndpoint.HandleFrame"/>.</summary>
public enum PppFrameKind : byte
{
    /// <summary>Malformed, or not acceptable in this phase.</summary>
    Discarded,

    /// <summary>A control packet, handled.</summary>
    Control,

    /// <summary>An IPv4 packet of an open network layer: the host forwards it.</summary>
    Ipv4,

    /// <summary>An IPv6 packet of an open network layer: the host forwards it.</summary>
    Ipv6,
}
