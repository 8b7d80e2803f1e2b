using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>
/// A tunnel dialled with both versions on offer: its SCCRQ is one of L2TPv2 with the AVPs of L2TPv3 in it, and the version of the answer is
/// the tunnel's (RFC 3931 section 4.7.3).
/// </summary>
/// <param name="security">Keys and nonces, if the peer answers in L2TPv3.</param>
/// <param name="routerId">Our Router ID for this peer.</param>
/// <param name="secrets">The secrets, if the peer answers in L2TPv2.</param>
internal sealed class DualDialect(MessageSecurity security, uint routerId, TunnelSecrets secrets) : DialectV2(secrets)
{
    private readonly DialectV2 _whenV2 = new(secrets);

    /// <summary>The dialect if the peer answers in L2TPv3.</summary>
    public DialectV3 WhenV3 { get; } = new(security, routerId);

    public override uint? LocalRouterId => routerId;

    public override SecurityMode SecurityMode => security.Mode;

    public override DialectSnapshot ToSnapshot(PeerProfile profile) =>
        new DualDialectSnapshot(security.ToSnapshot(profile), routerId, Secrets.ToSnapshot(profile));

    public override ControlDialect Reading(ProtocolVersion version) => version == ProtocolVersion.V3 ? WhenV3 : _whenV2;

    public override int MaxRetransmits(TunnelTimers timers) => WhenV3.MaxRetransmits(timers);

    /// <summary>
    /// Only the SCCRQ is encoded here. A v3 peer could not read v2's hidden AVPs, and the v3 ones may not be hidden in it.
    /// </summary>
    public override EncodeOptions Encoding(EngineContext context, Tunnel tunnel) => security.Encoding(context, hide: false);

    public override void Seal(Span<byte> message) => security.Seal(message);

    public override Sccrq Request(EngineContext context, Tunnel tunnel, TunnelPhase.Dialling phase)
    {
        phase.Nonce = security.Nonce;
        return Introduction.Request(context, tunnel, phase) with
        {
            RouterId = routerId,
            DualControlConnectionId = tunnel.WideId,
            PseudowireCapabilities = [.. tunnel.Profile.Pseudowires],
            Nonce = phase.Nonce,
        };
    }
}
