using L2tpd.Engine.Addressing;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Tunnels;

/// <summary>Answers that leave nothing behind to retransmit: for those who get no tunnel.</summary>
internal static class StatelessReply
{
    /// <summary>Refuses an SCCRQ: StopCCN that also acknowledges it.</summary>
    /// <param name="context">The engine.</param>
    /// <param name="path">The way back.</param>
    /// <param name="peerId">The tunnel id the peer assigned.</param>
    /// <param name="localId">An id of ours that is free: the AVP must not be 0.</param>
    /// <param name="result">Why.</param>
    public static void Refuse(EngineContext context, in Path path, uint peerId, uint localId, ResultCode result) =>
        Send(context, path, default, ProtocolVersion.V2, peerId, new StopCcn { AssignedTunnelId = localId, Result = result }, 0, 1);

    /// <summary>Tells a peer that has not answered our SCCRQ that we gave up; it knows the tunnel by our id.</summary>
    public static void StopCcn(EngineContext context, Tunnel tunnel, ResultCode result) =>
        Send(context, tunnel.Path, tunnel.Key, tunnel.Version, 0, new StopCcn { AssignedTunnelId = tunnel.LocalId, Result = result }, 1, 0);

    /// <summary>Acknowledges one message outside the channel's sequence.</summary>
    public static void Acknowledge(EngineContext context, Tunnel tunnel, ushort nr)
    {
        Span<byte> zlb = stackalloc byte[ControlHeader.Size];
        MessageCodec.EncodeZlb(tunnel.Version, tunnel.PeerId, tunnel.Channel.NextNs, nr, zlb);
        Transmit(context, tunnel.Path, tunnel.Key, zlb);
    }

    private static void Send(
        EngineContext context, in Path path, TunnelKey key, ProtocolVersion version, uint peerId, ControlMessage message, ushort ns, ushort nr)
    {
        Span<byte> buffer = stackalloc byte[MessageCodec.MaxMessageSize];
        var length = MessageCodec.Encode(message, version, peerId, default, buffer);
        ControlHeader.PatchSequence(buffer, ns, nr);
        Transmit(context, path, key, buffer[..length]);
    }

    private static void Transmit(EngineContext context, in Path path, TunnelKey key, ReadOnlySpan<byte> message)
    {
        context.Counters.DatagramsSent++;
        context.Effects.Send(path, key, message);
    }
}
