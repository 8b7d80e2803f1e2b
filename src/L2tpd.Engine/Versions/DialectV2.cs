using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>L2TPv2: ZLBs acknowledge, challenge and response authenticate, the secret itself hides (RFC 2661).</summary>
internal class DialectV2 : ControlDialect
{
    private const int RandomVectorSize = 16;

    public static readonly DialectV2 Instance = new();

    public sealed override VersionRules Rules => VersionRules.Of(ProtocolVersion.V2);

    public sealed override CallDialect Calls => CallsV2.Instance;

    public override DialectSnapshot ToSnapshot() => new DialectV2Snapshot();

    /// <summary>How messages to such a peer are encoded.</summary>
    public static EncodeOptions Hiding(EngineContext context, PeerProfile profile) => profile is { HideAvps: true, Secret: { } secret }
        ? new EncodeOptions(secret, context.RandomBytes(RandomVectorSize))
        : default;

    public sealed override TimeSpan HelloWait(EngineContext context, Tunnel tunnel) => tunnel.Profile.Timers.HelloInterval;

    public sealed override bool Verify(Tunnel tunnel, ReadOnlySpan<byte> message) => true;

    public sealed override bool OnlyAcknowledges(in ControlHeader header, ReadOnlySpan<byte> message) => header.IsZlb;

    public sealed override DecodeOptions Decoding(Tunnel tunnel) =>
        new(tunnel.Profile.Secret, tunnel.Profile.Quirks.HasFlag(PeerQuirks.IgnoreUnknownMandatoryAvps));

    public override EncodeOptions Encoding(EngineContext context, Tunnel tunnel) => Hiding(context, tunnel.Profile);

    /// <summary>L2TPv2 messages are not signed.</summary>
    public override void Seal(Span<byte> message)
    {
    }

    public sealed override int Acknowledge(EngineContext context, Tunnel tunnel, ushort ns, ushort nr, Span<byte> destination) =>
        MessageCodec.EncodeZlb(ProtocolVersion.V2, tunnel.PeerId, ns, nr, destination);

    public override Sccrq Request(EngineContext context, Tunnel tunnel, TunnelPhase.Dialling phase) =>
        Introduction.Request(context, tunnel, phase);

    public sealed override Scccn Connected(Tunnel tunnel) => Introduction.Connected(tunnel);

    public sealed override EndReason? Judge(Tunnel tunnel, Sccrp reply) => TunnelAcceptance.Judge(tunnel, reply);

    public sealed override EndReason? Judge(Tunnel tunnel, Scccn connected) => TunnelAcceptance.Judge(tunnel, connected);

    public sealed override bool IsProved(Tunnel tunnel, byte[]? challengeResponse) =>
        tunnel.Phase is TunnelPhase.BeingSetUp { Challenge: not null } && challengeResponse is not null;
}
