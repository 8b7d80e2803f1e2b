using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>L2TPv2: ZLBs acknowledge, challenge and response authenticate, the secret itself hides (RFC 2661).</summary>
/// <param name="secrets">The secret, or two while it is being changed.</param>
internal class DialectV2(TunnelSecrets secrets) : ControlDialect
{
    private const int RandomVectorSize = 16;

    /// <summary>The secrets of this control connection.</summary>
    public TunnelSecrets Secrets => secrets;

    public sealed override VersionRules Rules => VersionRules.Of(ProtocolVersion.V2);

    public sealed override CallDialect Calls => CallsV2.Instance;

    public override DialectSnapshot ToSnapshot(PeerProfile profile) => new DialectV2Snapshot(secrets.ToSnapshot(profile));

    /// <summary>How messages to such a peer are encoded.</summary>
    public static EncodeOptions Hiding(EngineContext context, PeerProfile profile, TunnelSecrets secrets) =>
        profile.HideAvps && secrets.HidingKey is { } key ? new EncodeOptions(key, context.RandomBytes(RandomVectorSize)) : default;

    public sealed override TimeSpan HelloWait(EngineContext context, Tunnel tunnel) => tunnel.Profile.Timers.HelloInterval;

    public sealed override bool Verify(Tunnel tunnel, ReadOnlySpan<byte> message) => true;

    public sealed override bool OnlyAcknowledges(in ControlHeader header, ReadOnlySpan<byte> message) => header.IsZlb;

    public sealed override DecodedMessage Decode(Tunnel tunnel, in ControlHeader header, ReadOnlySpan<byte> message) =>
        secrets.Decode(header, message, tunnel.Profile.Quirks.HasFlag(PeerQuirks.IgnoreUnknownMandatoryAvps));

    public override EncodeOptions Encoding(EngineContext context, Tunnel tunnel) => Hiding(context, tunnel.Profile, secrets);

    /// <summary>L2TPv2 messages are not signed.</summary>
    public override void Seal(Span<byte> message)
    {
    }

    public sealed override int Acknowledge(EngineContext context, Tunnel tunnel, ushort ns, ushort nr, Span<byte> destination) =>
        MessageCodec.EncodeZlb(ProtocolVersion.V2, tunnel.PeerId, ns, nr, destination);

    public override Sccrq Request(EngineContext context, Tunnel tunnel, TunnelPhase.Dialling phase) =>
        Introduction.Request(context, tunnel, phase);

    public sealed override Scccn Connected(Tunnel tunnel) => new()
    {
        ChallengeResponse = secrets.Respond(MessageType.Scccn, tunnel.PeerIntroduction?.Challenge),
    };

    public sealed override EndReason? Judge(Tunnel tunnel, Sccrp reply) => TunnelAcceptance.Judge(tunnel, secrets, reply);

    public sealed override EndReason? Judge(Tunnel tunnel, Scccn connected) => TunnelAcceptance.Judge(tunnel, secrets, connected);

    public sealed override void SetUpFailed() => secrets.SetUpFailed();

    public sealed override bool IsProved(Tunnel tunnel, byte[]? challengeResponse) =>
        tunnel.Phase is TunnelPhase.BeingSetUp { Challenge: not null } && challengeResponse is not null;
}
