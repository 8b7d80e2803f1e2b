using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>L2TPv3: digests in every message authenticate, ACK takes the ZLB's place beside them (RFC 3931 sections 4.2 and 4.3).</summary>
internal sealed class DialectV3 : ControlDialect
{
    /// <summary>HELLOs to one peer are spread over the last tenth of the interval.</summary>
    private const int JitterShare = 10;

    public static readonly DialectV3 Instance = new();

    public override ProtocolVersion Version => ProtocolVersion.V3;

    public override CallDialect Calls => CallsV3.Instance;

    public override int MaxRetransmits(TunnelTimers timers) => timers.MaxRetransmitsV3;

    public override long HelloWait(EngineContext context, Tunnel tunnel)
    {
        var interval = (long)tunnel.Peer.Timers.HelloInterval.TotalMilliseconds;
        return interval - (long)(context.RandomUInt64() % (ulong)((interval / JitterShare) + 1));
    }

    public override bool Verify(Tunnel tunnel, ReadOnlySpan<byte> message) => tunnel.Security!.Verify(
        message, TypeOf(message), tunnel.State == TunnelState.WaitCtlReply, tunnel is { IsInitiator: false, EstablishedAt: 0 });

    public override bool OnlyAcknowledges(in ControlHeader header, ReadOnlySpan<byte> message) =>
        header.IsZlb || TypeOf(message) == MessageType.Ack;

    public override DecodeOptions Decoding(Tunnel tunnel) =>
        new(tunnel.Security!.UnhidingKey, tunnel.Peer.Quirks.HasFlag(PeerQuirks.IgnoreUnknownMandatoryAvps));

    public override EncodeOptions Encoding(EngineContext context, Tunnel tunnel) => tunnel.Security!.Encoding(context, tunnel.Peer.HideAvps);

    public override void Seal(Tunnel tunnel, Span<byte> message) => tunnel.Security!.Seal(message);

    public override int Acknowledge(EngineContext context, Tunnel tunnel, ushort ns, ushort nr, Span<byte> destination)
    {
        if (tunnel.Security!.Mode == SecurityMode.None)
            return MessageCodec.EncodeZlb(ProtocolVersion.V3, tunnel.PeerId, ns, nr, destination);
        var length = MessageCodec.Encode(
            Ack.Instance, ProtocolVersion.V3, tunnel.PeerId, tunnel.Security.Encoding(context, hide: false), destination);
        ControlHeader.PatchSequence(destination, ns, nr);
        tunnel.Security.Seal(destination[..length]);
        return length;
    }

    public override Sccrq Request(EngineContext context, Tunnel tunnel)
    {
        var peer = tunnel.Peer;
        tunnel.Security = MessageSecurity.ForRequest(context, peer);
        tunnel.OurTieBreaker = peer.Quirks.HasFlag(PeerQuirks.OmitTieBreaker) ? null : context.RandomUInt64();
        return new Sccrq
        {
            HostName = Introduction.HostName(context, peer),
            RouterId = Introduction.RouterId(context, tunnel),
            AssignedTunnelId = tunnel.LocalId,
            PseudowireCapabilities = [.. peer.Pseudowires],
            Nonce = tunnel.Security.Nonce,
            TieBreaker = tunnel.OurTieBreaker,
            ReceiveWindowSize = peer.ReceiveWindow,
            VendorName = Introduction.VendorName(context, peer),
        };
    }

    public override Sccrp Reply(EngineContext context, PeerProfile peer, uint localId, Sccrq? request, byte[]? challenge) => new()
    {
        HostName = Introduction.HostName(context, peer),
        RouterId = Introduction.RouterId(context, peer),
        AssignedTunnelId = localId,
        PseudowireCapabilities = [.. peer.Pseudowires],
        Nonce = challenge,
        ReceiveWindowSize = peer.ReceiveWindow,
        VendorName = Introduction.VendorName(context, peer),
    };

    public override Scccn Connected(Tunnel tunnel) => new();

    public override EndReason? Judge(PeerProfile peer, Sccrq request) => null;

    public override EndReason? Judge(Tunnel tunnel, Sccrp reply) => null;

    public override EndReason? Judge(Tunnel tunnel, Scccn connected) => null;

    public override bool IsProved(Tunnel tunnel, byte[]? challengeResponse) => tunnel.Security!.Mode == SecurityMode.Authenticated;

    // A ZLB has no type.
    private static MessageType TypeOf(ReadOnlySpan<byte> message) =>
        message.Length > ControlHeader.Size ? MessageTypePeek.Read(message) : default;
}
