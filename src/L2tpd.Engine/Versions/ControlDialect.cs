using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>
/// How one control connection speaks: how its messages are verified, sealed and acknowledged, and how its ends introduce themselves. State
/// that only one version has is the dialect's: L2TPv3 has keys, nonces and a Router ID, L2TPv2 has none.
/// </summary>
internal abstract class ControlDialect
{
    /// <summary>The version messages are encoded in.</summary>
    public ProtocolVersion Version => Rules.Version;

    /// <summary>What the version lays down for all control connections.</summary>
    public abstract VersionRules Rules { get; }

    /// <summary>What differs about calls.</summary>
    public abstract CallDialect Calls { get; }

    /// <summary>Our Router ID for this peer; <c>null</c> where the peer is not told one.</summary>
    public virtual uint? LocalRouterId => null;

    /// <summary>Our nonce; <c>null</c> if none is sent.</summary>
    public virtual byte[]? Nonce => null;

    /// <summary>How messages are signed.</summary>
    public virtual SecurityMode SecurityMode => SecurityMode.None;

    /// <summary>The dialect in which a tunnel to that address is dialled.</summary>
    public static ControlDialect ForDialling(EngineContext context, PeerProfile profile, in Endpoint remote) => profile.Protocol switch
    {
        ProtocolPreference.V3 => new DialectV3(MessageSecurity.ForRequest(context, profile), Introduction.RouterId(context, profile)),
        ProtocolPreference.Auto => new DualDialect(
            MessageSecurity.ForRequest(context, profile), Introduction.RouterId(context, profile),
            TunnelSecrets.Of(context, profile, remote)),
        _ => new DialectV2(TunnelSecrets.Of(context, profile, remote)),
    };

    /// <summary>The dialect of a tunnel whose SCCRQ the peer sent.</summary>
    /// <param name="context">The engine.</param>
    /// <param name="profile">The rules under which the SCCRQ was accepted.</param>
    /// <param name="security">What the SCCRQ began in L2TPv3; <c>null</c> in L2TPv2.</param>
    /// <param name="secrets">The secrets, used in L2TPv2.</param>
    public static ControlDialect ForAnswer(
        EngineContext context, PeerProfile profile, MessageSecurity? security, TunnelSecrets secrets) =>
        security is null ? new DialectV2(secrets) : new DialectV3(security, Introduction.RouterId(context, profile));

    /// <summary>The dialect of a snapshot.</summary>
    public static ControlDialect Restore(
        EngineContext context, DialectSnapshot snapshot, PeerProfile profile, in Endpoint remote) => snapshot switch
    {
        DialectV3Snapshot v3 => new DialectV3(MessageSecurity.Restore(profile, v3.Security), v3.RouterId),
        DualDialectSnapshot dual => new DualDialect(
            MessageSecurity.Restore(profile, dual.Security), dual.RouterId,
            TunnelSecrets.Restore(context, profile, remote, dual.Secrets)),
        DialectV2Snapshot v2 => new DialectV2(TunnelSecrets.Restore(context, profile, remote, v2.Secrets)),
        _ => throw new ArgumentOutOfRangeException(nameof(snapshot)),
    };

    /// <summary>A snapshot; the profile is the one that the tunnel has now.</summary>
    public abstract DialectSnapshot ToSnapshot(PeerProfile profile);

    /// <summary>The dialect a message with that version is read in; <c>null</c> if it is dropped.</summary>
    public virtual ControlDialect? Reading(ProtocolVersion version) => version == Version ? this : null;

    public virtual int MaxRetransmits(TunnelTimers timers) => Rules.MaxRetransmits(timers);

    /// <summary>How long the peer may be silent before HELLO.</summary>
    public abstract TimeSpan HelloWait(EngineContext context, Tunnel tunnel);

    /// <summary>False if the message must be treated as if it had never come. Nothing of it was used before.</summary>
    public abstract bool Verify(Tunnel tunnel, ReadOnlySpan<byte> message);

    /// <summary>The SCCRP passed: what it says about authentication counts from here on.</summary>
    public virtual void Learn(ReadOnlySpan<byte> reply)
    {
    }

    /// <summary>True for a message that only acknowledges.</summary>
    public abstract bool OnlyAcknowledges(in ControlHeader header, ReadOnlySpan<byte> message);

    /// <summary>Decodes a message that passed <see cref="Verify"/>.</summary>
    public abstract DecodedMessage Decode(Tunnel tunnel, in ControlHeader header, ReadOnlySpan<byte> message);

    public abstract EncodeOptions Encoding(EngineContext context, Tunnel tunnel);

    /// <summary>Signs a message whose Ns and Nr are final, in place.</summary>
    public abstract void Seal(Span<byte> message);

    /// <summary>Builds an acknowledgement by itself.</summary>
    /// <returns>Its length in octets.</returns>
    public abstract int Acknowledge(EngineContext context, Tunnel tunnel, ushort ns, ushort nr, Span<byte> destination);

    /// <summary>Our SCCRQ; what it asks of the peer is kept in <paramref name="phase"/>.</summary>
    public abstract Sccrq Request(EngineContext context, Tunnel tunnel, TunnelPhase.Dialling phase);

    public abstract Scccn Connected(Tunnel tunnel);

    /// <summary>Judges the SCCRP; <c>null</c> if it is acceptable.</summary>
    public abstract EndReason? Judge(Tunnel tunnel, Sccrp reply);

    /// <summary>Judges the SCCCN; <c>null</c> if it is acceptable.</summary>
    public abstract EndReason? Judge(Tunnel tunnel, Scccn connected);

    /// <summary>The peer ended the set-up: with two secrets the next one begins with the other.</summary>
    public virtual void SetUpFailed()
    {
    }

    /// <summary>The judged SCCRP or SCCCN proved that the peer knows the secret.</summary>
    public abstract bool IsProved(Tunnel tunnel, byte[]? challengeResponse);
}
