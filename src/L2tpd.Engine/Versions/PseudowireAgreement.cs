using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>
/// What both ends of a pseudowire tell each other and must agree on. Each end says which sublayer it wants to receive (RFC 3931 section 5.4.4); Linux
/// has one per session, so there both directions must be equal.
/// </summary>
internal static class PseudowireAgreement
{
    public static readonly Refusal SequencingWithoutSublayer = new(
        new ResultCode(CdnResult.SequencingWithoutSublayer), "sequence numbers need the default L2-specific sublayer, and there is none");

    public static DataSequencing LevelOf(SessionProfile profile) =>
        profile.Pseudowire.DataSequencing ?? (profile.Sequencing ? DataSequencing.All : DataSequencing.None);

    /// <param name="wanted">What the peer wants to receive.</param>
    /// <param name="ours">What we want, where both directions must be equal; null: whatever the peer does.</param>
    public static Refusal? JudgeSublayer(L2SpecificSublayer wanted, L2SpecificSublayer? ours)
    {
        if (wanted is not (L2SpecificSublayer.None or L2SpecificSublayer.Default))
            return Differ($"sublayer {(int)wanted} is not supported");
        return ours is null || ours == wanted
            ? null
            : Differ($"L2-specific sublayers differ: {wanted} there, {ours} here; both directions must have the same");
    }

    /// <summary>Neither end's wish for sequence numbers can be met without a sublayer to carry them.</summary>
    /// <param name="request">The peer's AVPs: what it wants to receive.</param>
    /// <param name="profile">How the session is to be set up here.</param>
    /// <param name="mustBeEqual">What we receive has the peer's sublayer too.</param>
    public static Refusal? JudgeSequencing(PseudowireOptions request, SessionProfile profile, bool mustBeEqual)
    {
        var peerWants = request.DataSequencing is not (null or DataSequencing.None);
        var weWant = mustBeEqual && LevelOf(profile) != DataSequencing.None;
        return (peerWants || weWant) && request.Sublayer != L2SpecificSublayer.Default ? SequencingWithoutSublayer : null;
    }

    /// <summary>What we want to receive where the peer asks for the session.</summary>
    /// <param name="peers">What the peer wants to receive.</param>
    /// <param name="profile">How the session is to be set up here.</param>
    public static L2SpecificSublayer Follow(L2SpecificSublayer peers, SessionProfile profile) =>
        profile.Pseudowire.Sublayer ?? (LevelOf(profile) == DataSequencing.None ? peers : L2SpecificSublayer.Default);

    /// <summary>What we ask to receive where we ask for the session.</summary>
    public static L2SpecificSublayer Ask(Session session) =>
        session.Profile.Pseudowire.Sublayer
        ?? (LevelOf(session.Profile) == DataSequencing.None ? session.Dialled?.SublayerToAsk : null)
        ?? L2SpecificSublayer.Default;

    /// <summary>The AVPs of a request or reply of ours.</summary>
    public static PseudowireOptions Offer(Session session, Pseudowire wire, bool isNew)
    {
        var configuration = session.Dialled?.Configuration;
        return new PseudowireOptions
        {
            AssignedCookie = wire.LocalCookie.Length == 0 ? null : wire.LocalCookie,
            Sublayer = wire.ReceiveSublayer == L2SpecificSublayer.None ? null : wire.ReceiveSublayer,
            DataSequencing = wire.ReceiveLevel == DataSequencing.None ? null : wire.ReceiveLevel,
            // N is deprecated by RFC 5641, and RFC 4719 peers still look for it in these messages.
            CircuitStatus = wire.LocalStatus | (isNew ? CircuitStatus.New : CircuitStatus.None),
            TxConnectSpeed = configuration?.TxConnectSpeed,
            RxConnectSpeed = configuration?.RxConnectSpeed,
            InterfaceMtu = session.Profile.Pseudowire.Mtu,
        };
    }

    /// <summary>The AVPs of a connected message: the request's, without the cookie, which cannot change.</summary>
    public static PseudowireOptions Confirm(Session session, Pseudowire wire) => Offer(session, wire, isNew: false) with { AssignedCookie = null, InterfaceMtu = null };

    /// <summary>Keeps what the peer said; what it left out stays as it was.</summary>
    public static void Take(Pseudowire wire, PseudowireOptions? options)
    {
        if (options is null)
            return;
        wire.PeerCookie = options.AssignedCookie ?? wire.PeerCookie;
        wire.SendLevel = options.DataSequencing ?? wire.SendLevel;
        // Linux cannot number one direction only: an end that numbers and hears no numbers stops, or drops what it hears.
        if (wire is { SendLevel: not DataSequencing.None, ReceiveLevel: DataSequencing.None, ReceiveSublayer: L2SpecificSublayer.Default })
            wire.ReceiveLevel = wire.SendLevel;
        wire.PeerStatus = options.CircuitStatus ?? wire.PeerStatus;
        wire.PeerMtu = options.InterfaceMtu ?? wire.PeerMtu;
        wire.PeerTxSpeed = options.TxConnectSpeed ?? wire.PeerTxSpeed;
        wire.PeerRxSpeed = options.RxConnectSpeed ?? wire.PeerRxSpeed;
    }

    /// <summary>
    /// What the kernel calls LNS mode: it numbers as it was told, whatever comes in, and drops what comes without where it numbers itself. That
    /// must not be where the peer was asked to number a part only.
    /// </summary>
    public static bool KeepsSequencing(Pseudowire wire) => wire.SendLevel == DataSequencing.None || wire.ReceiveLevel == DataSequencing.All;

    // RFC 3931 has no result code for sublayers that do not fit together: vendor-specific, with the reason in words.
    private static Refusal Differ(string why) => new(new ResultCode(CdnResult.GeneralError, GeneralError.VendorSpecific, why), why);
}
