using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>
/// One control connection of L2TPv3: digests in every message authenticate, and ACK takes the place of ZLB where there are digests
/// (RFC 3931 sections 4.2 and 4.3).
/// </summary>
/// <param name="security">Keys and nonces.</param>
/// <param name="routerId">Our Router ID for this peer; <c>null</c> for a static tunnel, whose peer is not told one.</param>
internal sealed class DialectV3(MessageSecurity security, uint? routerId) : ControlDialect
{
    /// <summary>HELLOs to one peer are spread over the last tenth of the interval.</summary>
    private const int JitterShare = 10;

    private readonly CallsV3 _calls = new();

    public override VersionRules Rules => VersionRules.Of(ProtocolVersion.V3);

    public override CallDialect Calls => _calls;

    public override uint? LocalRouterId => routerId;

    public override byte[]? Nonce => security.Nonce;

    public override SecurityMode SecurityMode => security.Mode;

    public override DialectSnapshot ToSnapshot(PeerProfile profile) => new DialectV3Snapshot(security.ToSnapshot(profile), routerId);

    public override TimeSpan HelloWait(EngineContext context, Tunnel tunnel)
    {
        var interval = (long)tunnel.Profile.Timers.HelloInterval.TotalMilliseconds;
        return TimeSpan.FromMilliseconds(interval - (long)(context.RandomUInt64() % (ulong)((interval / JitterShare) + 1)));
    }

    public override bool Verify(Tunnel tunnel, ReadOnlySpan<byte> message) => security.Verify(
        message, TypeOf(message), tunnel.State == TunnelState.WaitCtlReply, tunnel is { IsInitiator: false, EstablishedAt: null });

    public override void Learn(ReadOnlySpan<byte> reply) => security.Learn(reply);

    public override bool OnlyAcknowledges(in ControlHeader header, ReadOnlySpan<byte> message) =>
        header.IsZlb || TypeOf(message) == MessageType.Ack;

    public override DecodedMessage Decode(Tunnel tunnel, in ControlHeader header, ReadOnlySpan<byte> message)
    {
        var ignoresUnknown = tunnel.Profile.Quirks.HasFlag(PeerQuirks.IgnoreUnknownMandatoryAvps);
        return MessageCodec.Decode(header, message, new DecodeOptions(security.UnhidingKey, ignoresUnknown));
    }

    public override EncodeOptions Encoding(EngineContext context, Tunnel tunnel) => security.Encoding(context, tunnel.Profile.HideAvps);

    public override void Seal(Span<byte> message) => security.Seal(message);

    public override int Acknowledge(EngineContext context, Tunnel tunnel, ushort ns, ushort nr, Span<byte> destination)
    {
        if (security.Mode == SecurityMode.None)
            return MessageCodec.EncodeZlb(ProtocolVersion.V3, tunnel.PeerId, ns, nr, destination);

        var options = security.Encoding(context, hide: false);
        var length = MessageCodec.Encode(Ack.Instance, ProtocolVersion.V3, tunnel.PeerId, options, destination);
        ControlHeader.PatchSequence(destination, ns, nr);
        security.Seal(destination[..length]);
        return length;
    }

    public override Sccrq Request(EngineContext context, Tunnel tunnel, TunnelPhase.Dialling phase)
    {
        var profile = tunnel.Profile;
        phase.Nonce = security.Nonce;
        phase.TieBreaker = profile.Quirks.HasFlag(PeerQuirks.OmitTieBreaker) ? null : context.RandomUInt64();
        return new Sccrq
        {
            HostName = Introduction.HostName(context, profile),
            RouterId = routerId,
            AssignedTunnelId = tunnel.LocalId,
            PseudowireCapabilities = [.. profile.Pseudowires],
            Nonce = phase.Nonce,
            TieBreaker = phase.TieBreaker,
            ReceiveWindowSize = profile.ReceiveWindow,
            VendorName = Introduction.VendorName(context, profile),
        };
    }

    public override Scccn Connected(Tunnel tunnel) => new();

    public override EndReason? Judge(Tunnel tunnel, Sccrp reply) => TunnelAcceptance.JudgeName(tunnel, reply);

    public override EndReason? Judge(Tunnel tunnel, Scccn connected) => null;

    public override bool IsProved(Tunnel tunnel, byte[]? challengeResponse) => security.Mode == SecurityMode.Authenticated;

    /// <summary>The message's type; a ZLB has none.</summary>
    private static MessageType TypeOf(ReadOnlySpan<byte> message) =>
        message.Length > ControlHeader.Size ? MessageTypePeek.Read(message) : default;
}
