using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>
/// A tunnel dialled with both versions on offer: its SCCRQ is one of L2TPv2 with the AVPs of L2TPv3 in it, and the version of the
/// answer is the tunnel's (RFC 3931 section 4.7.3, l2tpv3.md section 11).
/// </summary>
internal sealed class DualDialect : DialectV2
{
    public static new readonly DualDialect Instance = new();

    public override ControlDialect Reading(ProtocolVersion version) => Of(version);

    public override int MaxRetransmits(TunnelTimers timers) => timers.MaxRetransmitsV3;

    // The SCCRQ alone is encoded here. A v3 peer could not read v2's hidden AVPs, and the v3 ones may not be hidden in it.
    public override EncodeOptions Encoding(EngineContext context, Tunnel tunnel) => tunnel.Security!.Encoding(context, hide: false);

    public override void Seal(Tunnel tunnel, Span<byte> message) => tunnel.Security!.Seal(message);

    public override Sccrq Request(EngineContext context, Tunnel tunnel)
    {
        tunnel.Security = MessageSecurity.ForRequest(context, tunnel.Profile);
        return Introduction.Request(context, tunnel) with
        {
            RouterId = Introduction.RouterId(context, tunnel),
            DualControlConnectionId = tunnel.WideId,
            PseudowireCapabilities = [.. tunnel.Profile.Pseudowires],
            Nonce = tunnel.Security.Nonce,
        };
    }
}
