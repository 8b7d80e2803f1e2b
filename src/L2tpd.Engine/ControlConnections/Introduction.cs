using L2tpd.Engine.Configuration;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>Builds the messages by which the ends of L2TPv2 introduce themselves (RFC 2661 sections 6.1 and 6.2).</summary>
internal static class Introduction
{
    private const int ChallengeSize = OutstandingChallenges.Size;
    private const ushort FirmwareRevision = 0x0100;

    /// <summary>All framings that PPP over the Linux data path supports.</summary>
    public const FramingTypes Framing = FramingTypes.Synchronous | FramingTypes.Asynchronous;

    /// <summary>All bearers: a LAC that places calls here has no physical one.</summary>
    public const BearerTypes Bearers = BearerTypes.Digital | BearerTypes.Analog;

    public static Sccrq Request(EngineContext context, Tunnel tunnel, TunnelPhase.Dialling phase)
    {
        var peer = tunnel.Profile;
        phase.Challenge = Challenge(context, peer);
        phase.TieBreaker = peer.Quirks.HasFlag(PeerQuirks.OmitTieBreaker) ? null : context.RandomUInt64();
        return new Sccrq
        {
            HostName = HostName(context, peer),
            AssignedTunnelId = tunnel.LocalId,
            FramingCapabilities = Framing,
            BearerCapabilities = peer.AcceptOutgoingCalls ? Bearers : null,
            ReceiveWindowSize = peer.ReceiveWindow,
            VendorName = VendorName(context, peer),
            FirmwareRevision = Firmware(peer),
            Challenge = phase.Challenge,
            ControlConnectionDs = peer.ControlConnectionDs,
            TieBreaker = phase.TieBreaker,
        };
    }

    /// <summary>The SCCRP, without an answer to the peer's challenge.</summary>
    public static Sccrp Reply(EngineContext context, PeerProfile peer, TunnelId localId, Sccrq? request, byte[]? challenge) => new()
    {
        HostName = HostName(context, peer),
        AssignedTunnelId = localId,
        FramingCapabilities = Framing,
        BearerCapabilities = peer.AcceptOutgoingCalls ? Bearers : null,
        ReceiveWindowSize = peer.ReceiveWindow,
        VendorName = VendorName(context, peer),
        FirmwareRevision = Firmware(peer),
        Challenge = challenge,
        ControlConnectionDs = request?.ControlConnectionDs is null ? null : peer.ControlConnectionDs,
    };

    /// <summary>Whether an SCCRP to that peer carries a challenge.</summary>
    public static bool Challenges(PeerProfile peer) => peer is { Secret: not null, Challenge: true };

    private static byte[]? Challenge(EngineContext context, PeerProfile peer) =>
        Challenges(peer) ? context.RandomBytes(ChallengeSize) : null;

    public static string HostName(EngineContext context, PeerProfile peer) => peer.LocalHostName ?? context.Configuration.HostName;

    /// <summary>Router ID AVP 60 (RFC 3931 section 5.4.3).</summary>
    public static uint RouterId(EngineContext context, PeerProfile peer) => peer.LocalRouterId ?? context.Configuration.RouterId;

    public static string? VendorName(EngineContext context, PeerProfile peer) =>
        peer.Quirks.HasFlag(PeerQuirks.OmitVendorAvps) ? null : context.Configuration.VendorName;

    private static ushort? Firmware(PeerProfile peer) => peer.Quirks.HasFlag(PeerQuirks.OmitVendorAvps) ? null : FirmwareRevision;
}
