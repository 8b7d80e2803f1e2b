using System.Text;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Effects;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>
/// Calls of L2TPv3: pseudowires, session ids that are unique in the daemon, agreement on sublayer and sequencing (RFC 3931 sections 3.4 and
/// 5.4.4).
/// </summary>
internal sealed class CallsV3 : CallDialect
{
    private static readonly PseudowireOptions NoOptions = new();
    private static readonly ResultCode Timeout = new(CdnResult.FsmErrorOrTimeout);

    /// <summary>Our requests of this control connection by Remote End ID, for ties.</summary>
    private readonly Dictionary<string, Session> _ownRequests = [];

    public override ResultCode SetupTimedOut => Timeout;

    public override SessionId DrawId(EngineContext context, Tunnel tunnel) => context.WideSessionIds.Draw();

    public override SessionId IdForRefusal(EngineContext context, Tunnel tunnel) => context.WideSessionIds.Peek();

    public override void ReleaseId(EngineContext context, Session session)
    {
        context.WideSessionIds.Release(session.LocalId);
        if (_ownRequests.Count > 0 && session.Pseudowire is { } wire && _ownRequests.GetValueOrDefault(wire.TieKey) == session)
            _ownRequests.Remove(wire.TieKey);
    }

    public override ResultCode WrongState(string what) => new(CdnResult.FsmErrorOrTimeout, null, what);

    public override string? CannotAsk(Tunnel tunnel, LacSession configuration)
    {
        var type = configuration.Session.PseudowireType;
        return tunnel.PeerIntroduction?.PseudowireCapabilities is { } offered && !offered.Contains(type)
            ? $"the peer does not offer pseudowires of type {(int)type} ({type})"
            : null;
    }

    public override CallRequest Ask(EngineContext context, Tunnel tunnel, LacSession configuration, SessionId localId, uint serial)
    {
        var type = configuration.Session.PseudowireType;
        var endId = EndId.Of(configuration);
        ulong? tie = tunnel.Profile.Quirks.HasFlag(PeerQuirks.OmitTieBreaker) ? null : context.RandomUInt64();
        return configuration.Direction == CallDirection.Incoming
            ? new Icrq
            {
                LocalSessionId = localId, CallSerialNumber = serial, PseudowireType = type, RemoteEndId = endId, TieBreaker = tie,
            }
            : new Ocrq
            {
                LocalSessionId = localId, CallSerialNumber = serial, PseudowireType = type, RemoteEndId = endId, TieBreaker = tie,
            };
    }

    public override Refusal? Judge(EngineContext context, Tunnel tunnel, CallRequest request, out SessionProfile profile)
    {
        var rules = SessionRules.Of(context, tunnel);
        profile = rules.Session;
        if (request.PseudowireType is not { } type || !rules.Pseudowires.Contains(type))
            return Unsupported($"pseudowire type {(int?)request.PseudowireType} is not offered here");
        var configured = FindDialled(tunnel, request)?.Configuration.Session ?? FindEndpoint(rules, request)?.Session;
        if (configured is null && !rules.Endpoints.IsEmpty)
            return new Refusal(new ResultCode(CdnResult.ForwarderNotExisting), "no pseudowire with this Remote End ID is configured");
        profile = configured ?? rules.Session;

        // PPP authenticates and Ethernet does not: a configuration for the one does not permit the other.
        if (configured is not null && (configured.PseudowireType == PseudowireType.Ppp) != (type == PseudowireType.Ppp))
        {
            var own = configured.PseudowireType;
            return Unsupported($"this pseudowire is of type {(int)own} ({own}) here, not {(int)type} ({type})");
        }

        // Tagged and untagged frames must not be mixed: both ends have the same type (RFC 4719).
        if (profile.Pseudowire.Type == PseudowireType.EthernetVlan && type == PseudowireType.Ethernet)
            return Unsupported("this pseudowire is of type 4 (Ethernet VLAN) here, not 5 (Ethernet)");
        var options = request.Pseudowire ?? NoOptions;
        return PseudowireAgreement.JudgeSublayer(options.Sublayer ?? L2SpecificSublayer.None, profile.Pseudowire.Sublayer)
            ?? PseudowireAgreement.JudgeSequencing(options, profile, NeedsEqualSublayers(context, profile));
    }

    public override Session? FindTie(Tunnel tunnel, CallRequest request) =>
        _ownRequests.Count > 0 && request.RemoteEndId is { } endId && _ownRequests.TryGetValue(Convert.ToHexString(endId), out var own)
        && own.State == SessionState.WaitReply
            ? own
            : null;

    public override DialledSession? FindDialled(Tunnel tunnel, CallRequest request)
    {
        DialledSession? found = null;
        foreach (var dialled in tunnel.Dialled?.Sessions ?? [])
        {
            if (!dialled.RemoteEndId.AsSpan().SequenceEqual(request.RemoteEndId))
                continue;
            if (dialled.IsDown)
                return dialled;
            found ??= dialled;
        }

        return found;
    }

    public override void Begin(EngineContext context, Session session)
    {
        var request = session.Request;
        var profile = session.Profile.Pseudowire;
        var wire = new Pseudowire(request.PseudowireType ?? default, request.RemoteEndId ?? [])
        {
            LocalCookie = context.RandomBytes(profile.CookieSize),
            ReceiveLevel = PseudowireAgreement.LevelOf(session.Profile),
            NeedsEqualSublayers = NeedsEqualSublayers(context, session.Profile),
        };
        session.Pseudowire = wire;
        if (session.Role is CallRole.IncomingLac or CallRole.OutgoingLns)
        {
            wire.ReceiveSublayer = PseudowireAgreement.Ask(session);
            wire.SendSublayer = wire.ReceiveSublayer;
            session.Request = request with { Pseudowire = PseudowireAgreement.Offer(session, wire, isNew: true) };
            _ownRequests[wire.TieKey] = session;
        }
        else
        {
            wire.SendSublayer = request.Pseudowire?.Sublayer ?? L2SpecificSublayer.None;
            wire.ReceiveSublayer = PseudowireAgreement.Follow(wire.SendSublayer, session.Profile);
            PseudowireAgreement.Take(wire, request.Pseudowire);
            wire.PeerAttachmentGroupId = request.AttachmentGroupId;
            wire.PeerEndId = request.LocalEndId;
        }
    }

    public override void Restore(EngineContext context, Session session)
    {
        context.WideSessionIds.TryTake(session.LocalId);
        if (session is { Role: CallRole.IncomingLac or CallRole.OutgoingLns, Pseudowire: { } wire })
            _ownRequests[wire.TieKey] = session;
    }

    public override Icrp Reply(Session session) => new()
    {
        LocalSessionId = session.LocalId,
        RemoteSessionId = session.PeerId,
        Pseudowire = PseudowireAgreement.Offer(session, WireOf(session), isNew: true),
    };

    public override Ocrp OutgoingReply(Session session) => new()
    {
        LocalSessionId = session.LocalId,
        RemoteSessionId = session.PeerId,
        Pseudowire = PseudowireAgreement.Offer(session, WireOf(session), isNew: true),
    };

    public override CallConnected Connected(Session session)
    {
        var options = PseudowireAgreement.Confirm(session, WireOf(session));
        return session.Request is Ocrq
            ? new Occn { LocalSessionId = session.LocalId, RemoteSessionId = session.PeerId, Pseudowire = options }
            : new Iccn { LocalSessionId = session.LocalId, RemoteSessionId = session.PeerId, Pseudowire = options };
    }

    public override Refusal? Agree(Session session, SessionMessage message)
    {
        var wire = WireOf(session);
        // A reply without the AVP wants no sublayer; a connected message may leave out what the request said.
        var (options, sublayer) = message switch
        {
            Icrp reply => (reply.Pseudowire, reply.Pseudowire?.Sublayer ?? L2SpecificSublayer.None),
            Ocrp reply => (reply.Pseudowire, reply.Pseudowire?.Sublayer ?? L2SpecificSublayer.None),
            CallConnected connected => (connected.Pseudowire, connected.Pseudowire?.Sublayer ?? wire.SendSublayer),
            _ => (null, wire.SendSublayer),
        };
        if (PseudowireAgreement.JudgeSublayer(sublayer, wire.NeedsEqualSublayers ? wire.ReceiveSublayer : null) is { } refusal)
        {
            // The peer has shown which sublayer it accepts: the next request asks for that.
            session.Dialled?.SublayerToAsk = sublayer == L2SpecificSublayer.None ? L2SpecificSublayer.None : L2SpecificSublayer.Default;
            return refusal;
        }

        wire.SendSublayer = sublayer;
        PseudowireAgreement.Take(wire, options);
        return wire.SendLevel != DataSequencing.None && wire.SendSublayer == L2SpecificSublayer.None
            ? PseudowireAgreement.SequencingWithoutSublayer
            : null;
    }

    public override Sli? Inform(Session session) => null;

    public override SessionParameters Parameters(Session session)
    {
        var wire = WireOf(session);
        var profile = session.Profile.Pseudowire;
        var mtu = (profile.Mtu, wire.PeerMtu) is ({ } own, { } peers) ? Math.Min(own, peers) : profile.Mtu ?? wire.PeerMtu;
        return new SessionParameters(
            session, session.LocalId, session.PeerId, wire.Type, PseudowireAgreement.KeepsSequencing(wire),
            SendSequence: wire.SendLevel != DataSequencing.None, RequireSequence: wire.ReceiveLevel == DataSequencing.All,
            session.Profile.ReorderTimeout,
            new PseudowireParameters(
                wire.LocalCookie, wire.PeerCookie, wire.ReceiveSublayer, wire.SendLevel, wire.ReceiveLevel,
                mtu, profile.Interface, profile.Bridge, profile.Addresses)
            {
                Vlan = wire.Type == PseudowireType.EthernetVlan ? profile.Vlan : null,
                PeerStatus = wire.PeerStatus,
                SendSublayer = wire.SendSublayer,
            });
    }

    /// <summary>Every session of L2TPv3 has one from <see cref="Begin"/> on.</summary>
    private static Pseudowire WireOf(Session session) =>
        session.Pseudowire ?? throw new InvalidOperationException($"session {session.Name} was not begun");

    private static bool NeedsEqualSublayers(EngineContext context, SessionProfile profile) =>
        context.Configuration.SublayersMustBeEqual || profile.Pseudowire.Sublayer is not null;

    private static PseudowireEndpoint? FindEndpoint(PeerProfile rules, CallRequest request)
    {
        foreach (var endpoint in rules.Endpoints)
        {
            if (EndId.Octets(endpoint.RemoteEndId).AsSpan().SequenceEqual(request.RemoteEndId))
                return endpoint;
        }

        return null;
    }

    private static Refusal Unsupported(string why) => new(new ResultCode(CdnResult.UnsupportedPseudowireType), why);
}

/// <summary>Remote End IDs as the operator writes them.</summary>
internal static class EndId
{
    private const string OctetsPrefix = "0x";

    /// <summary>What a session that we dial is known by at the peer.</summary>
    public static byte[] Of(LacSession session) => Octets(session.RemoteEndId ?? session.Name);

    /// <summary>The AVP's value: 0x and an even number of hexadecimal digits are octets, anything else is text.</summary>
    public static byte[] Octets(string text)
    {
        var digits = text.AsSpan(text.StartsWith(OctetsPrefix, StringComparison.OrdinalIgnoreCase) ? OctetsPrefix.Length : text.Length);
        return digits.Length > 0 && digits.Length % 2 == 0 && !digits.ContainsAnyExcept(HexDigits)
            ? Convert.FromHexString(digits)
            : Encoding.UTF8.GetBytes(text);
    }

    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");
}
