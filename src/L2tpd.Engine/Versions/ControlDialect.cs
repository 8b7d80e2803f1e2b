using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>
/// What the versions do differently on a control connection: how messages are verified, sealed and acknowledged, and how the
/// ends introduce themselves. State is the tunnel's; a dialect has none.
/// </summary>
internal abstract class ControlDialect
{
    /// <summary>The version messages are encoded in.</summary>
    public abstract ProtocolVersion Version { get; }

    /// <summary>What differs about calls.</summary>
    public abstract CallDialect Calls { get; }

    /// <summary>The dialect of a tunnel whose version is settled.</summary>
    public static ControlDialect Of(ProtocolVersion version) => version == ProtocolVersion.V3 ? DialectV3.Instance : DialectV2.Instance;

    /// <summary>The dialect in which a tunnel is dialled.</summary>
    public static ControlDialect ForDialling(ProtocolPreference preference) => preference switch
    {
        ProtocolPreference.V3 => DialectV3.Instance,
        ProtocolPreference.Auto => DualDialect.Instance,
        _ => DialectV2.Instance,
    };

    /// <summary>The dialect a message with that version is read in; null: it is dropped.</summary>
    public virtual ControlDialect? Reading(ProtocolVersion version) => version == Version ? this : null;

    public abstract int MaxRetransmits(TunnelTimers timers);

    /// <summary>How long the peer may be silent before HELLO, ms.</summary>
    public abstract long HelloWait(EngineContext context, Tunnel tunnel);

    /// <summary>False: the message is to be treated as if it had never come. Nothing of it was used before.</summary>
    public abstract bool Verify(Tunnel tunnel, ReadOnlySpan<byte> message);

    /// <summary>True for a message that only acknowledges.</summary>
    public abstract bool OnlyAcknowledges(in ControlHeader header, ReadOnlySpan<byte> message);

    public abstract DecodeOptions Decoding(Tunnel tunnel);

    public abstract EncodeOptions Encoding(EngineContext context, Tunnel tunnel);

    /// <summary>Signs a message whose Ns and Nr are final, in place.</summary>
    public abstract void Seal(Tunnel tunnel, Span<byte> message);

    /// <summary>Builds an acknowledgement by itself.</summary>
    /// <returns>Its octets.</returns>
    public abstract int Acknowledge(EngineContext context, Tunnel tunnel, ushort ns, ushort nr, Span<byte> destination);

    public abstract Sccrq Request(EngineContext context, Tunnel tunnel);

    /// <summary>The answer to an SCCRQ.</summary>
    /// <param name="context">The engine.</param>
    /// <param name="peer">The rules under which the SCCRQ was accepted.</param>
    /// <param name="localId">Our id.</param>
    /// <param name="request">The SCCRQ.</param>
    /// <param name="challenge">Our challenge (v2) or nonce (v3); <c>null</c>: none is sent.</param>
    public abstract Sccrp Reply(EngineContext context, PeerProfile peer, uint localId, Sccrq? request, byte[]? challenge);

    public abstract Scccn Connected(Tunnel tunnel);

    /// <summary>Judges an SCCRQ under the profile it matched. Null: acceptable.</summary>
    public abstract EndReason? Judge(PeerProfile peer, Sccrq request);

    public abstract EndReason? Judge(Tunnel tunnel, Sccrp reply);

    public abstract EndReason? Judge(Tunnel tunnel, Scccn connected);

    /// <summary>The judged reply, or the judged SCCCN, proved that the peer knows the secret.</summary>
    public abstract bool IsProved(Tunnel tunnel, byte[]? challengeResponse);
}
