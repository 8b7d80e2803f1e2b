using L2tpd.Engine.Addressing;
using L2tpd.Engine.Admission;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>Replies to peers that have no tunnel: nothing is kept and nothing is retransmitted.</summary>
internal static class StatelessReply
{
    /// <summary>How many times longer than the SCCRQ its answer may be.</summary>
    private const int MostAmplification = 3;

    /// <summary>Refuses an SCCRQ: StopCCN that also acknowledges it.</summary>
    /// <param name="context">The engine.</param>
    /// <param name="path">The way back.</param>
    /// <param name="peerId">The tunnel id the peer assigned.</param>
    /// <param name="localId">An id of ours: in v2 the AVP must not be 0; in v3 0 leaves it out.</param>
    /// <param name="result">Why the SCCRQ is refused.</param>
    /// <param name="security">In v3 what the SCCRQ began; <c>null</c> in v2.</param>
    public static void Refuse(
        EngineContext context, in Path path, TunnelId peerId, TunnelId localId, ResultCode result, MessageSecurity? security)
    {
        Span<byte> buffer = stackalloc byte[MessageCodec.MaxMessageSize];
        var stop = new StopCcn { AssignedTunnelId = localId, Result = result };
        var length = security is null
            ? MessageCodec.Encode(stop, ProtocolVersion.V2, peerId, default, buffer)
            : MessageCodec.Encode(stop, ProtocolVersion.V3, peerId, security.Encoding(context, hide: false), buffer);
        ControlHeader.PatchSequence(buffer, 0, 1);
        // The peer has no nonce of ours, so the digest covers none (RFC 3931 does not say).
        security?.SealWithoutOurs(buffer[..length]);
        Transmit(context, path, default, buffer[..length]);
    }

    /// <summary>Tells a peer that has not answered our SCCRQ that we gave up; it knows the tunnel by our id.</summary>
    public static void StopCcn(EngineContext context, Tunnel tunnel, ResultCode result)
    {
        StopCcn(context, tunnel, tunnel.Dialect, tunnel.LocalId, result);
        // The peer may have accepted either of the two versions on offer.
        if (tunnel.Dialect is DualDialect dual)
            StopCcn(context, tunnel, dual.WhenV3, tunnel.WideId, result);
    }

    /// <summary>Acknowledges one message outside the channel's sequence.</summary>
    public static void Acknowledge(EngineContext context, Tunnel tunnel, ushort nr)
    {
        Span<byte> buffer = stackalloc byte[MessageCodec.MaxMessageSize];
        var length = tunnel.Dialect.Acknowledge(context, tunnel, tunnel.Channel.NextNs, nr, buffer);
        Transmit(context, tunnel.Path, tunnel.Key, buffer[..length]);
    }

    /// <summary>Acknowledges one message of a peer that has no tunnel yet.</summary>
    /// <param name="context">The engine.</param>
    /// <param name="path">The way back.</param>
    /// <param name="peerId">The tunnel id the peer assigned.</param>
    /// <param name="nr">Nr: the Ns expected next.</param>
    /// <param name="security">In v3 what its SCCRQ began; <c>null</c> in v2.</param>
    public static void Acknowledge(EngineContext context, in Path path, TunnelId peerId, ushort nr, MessageSecurity? security)
    {
        Span<byte> buffer = stackalloc byte[MessageCodec.MaxMessageSize];
        var length = security is null or { Mode: SecurityMode.None }
            ? MessageCodec.EncodeZlb(security is null ? ProtocolVersion.V2 : ProtocolVersion.V3, peerId, 1, nr, buffer)
            : MessageCodec.Encode(Ack.Instance, ProtocolVersion.V3, peerId, security.Encoding(context, hide: false), buffer);
        ControlHeader.PatchSequence(buffer, 1, nr);
        security?.Seal(buffer[..length]);
        Transmit(context, path, default, buffer[..length]);
    }

    /// <summary>Answers an SCCRQ with SCCRP. No timer repeats it: a forged SCCRQ is answered once (ADR 3).</summary>
    /// <param name="context">The engine.</param>
    /// <param name="request">The SCCRQ as it was accepted.</param>
    /// <param name="message">The same, decoded.</param>
    /// <param name="security">In v3 what the SCCRQ began; <c>null</c> in v2.</param>
    /// <param name="secrets">The secrets, used in v2.</param>
    /// <param name="received">Octets of the SCCRQ.</param>
    public static void Answer(
        EngineContext context, in HalfOpenRequest request, Sccrq message, MessageSecurity? security, TunnelSecrets secrets, int received)
    {
        Span<byte> buffer = stackalloc byte[MessageCodec.MaxMessageSize];
        security?.UseNonce(context.Challenges, request.Number);
        var challenge = security is not null ? security.Nonce
            : Introduction.Challenges(request.Profile) ? context.Challenges.Of(request.Number)
            : null;
        var reply = VersionRules.Of(request.Version).Reply(context, request.Profile, request.LocalId, message, challenge);
        if (security is null)
            reply = reply with { ChallengeResponse = secrets.Respond(MessageType.Sccrp, message.Challenge) };
        var options = security?.Encoding(context, request.Profile.HideAvps) ?? DialectV2.Hiding(context, request.Profile, secrets);
        var length = MessageCodec.Encode(reply, request.Version, request.PeerId, options, buffer);
        // A forged SCCRQ must not be amplified more than this.
        if (length > MostAmplification * received)
        {
            var shorter = reply with { VendorName = null, FirmwareRevision = null };
            length = MessageCodec.Encode(shorter, request.Version, request.PeerId, options, buffer);
        }

        ControlHeader.PatchSequence(buffer, 0, 1);
        security?.Seal(buffer[..length]);
        Transmit(context, request.Path, default, buffer[..length]);
    }

    // Nothing is hidden: the peer finds the tunnel, and with it the key, by our id.
    private static void StopCcn(EngineContext context, Tunnel tunnel, ControlDialect dialect, TunnelId localId, ResultCode result)
    {
        Span<byte> buffer = stackalloc byte[MessageCodec.MaxMessageSize];
        var options = dialect.Encoding(context, tunnel) with { HidingKey = null, RandomVector = null };
        var stop = new StopCcn { AssignedTunnelId = localId, Result = result };
        var length = MessageCodec.Encode(stop, dialect.Version, TunnelId.None, options, buffer);
        ControlHeader.PatchSequence(buffer, 1, 0);
        dialect.Seal(buffer[..length]);
        Transmit(context, tunnel.Path, tunnel.Key, buffer[..length]);
    }

    private static void Transmit(EngineContext context, in Path path, TunnelKey key, ReadOnlySpan<byte> message)
    {
        context.Counters.DatagramsSent++;
        context.Effects.Send(path, key, message);
    }
}
