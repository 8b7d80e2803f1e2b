using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>
/// What a version lays down that needs no control connection: for SCCRQs that are judged and answered before there is one.
/// </summary>
internal abstract class VersionRules
{
    public abstract ProtocolVersion Version { get; }

    public static VersionRules Of(ProtocolVersion version) => version == ProtocolVersion.V3 ? RulesV3.Instance : RulesV2.Instance;

    public abstract int MaxRetransmits(TunnelTimers timers);

    /// <summary>Judges an SCCRQ under the profile it matched; <c>null</c> if it is acceptable.</summary>
    public abstract EndReason? Judge(PeerProfile profile, Sccrq request);

    /// <summary>The answer to an SCCRQ.</summary>
    /// <param name="context">The engine.</param>
    /// <param name="profile">The rules under which the SCCRQ was accepted.</param>
    /// <param name="localId">Our id.</param>
    /// <param name="request">The SCCRQ.</param>
    /// <param name="challenge">Our challenge (v2) or nonce (v3); <c>null</c> if none is sent.</param>
    public abstract Sccrp Reply(EngineContext context, PeerProfile profile, TunnelId localId, Sccrq? request, byte[]? challenge);

    private sealed class RulesV2 : VersionRules
    {
        public static readonly RulesV2 Instance = new();

        public override ProtocolVersion Version => ProtocolVersion.V2;

        public override int MaxRetransmits(TunnelTimers timers) => timers.MaxRetransmits;

        public override EndReason? Judge(PeerProfile profile, Sccrq request) => TunnelAcceptance.Judge(profile, request);

        public override Sccrp Reply(EngineContext context, PeerProfile profile, TunnelId localId, Sccrq? request, byte[]? challenge) =>
            Introduction.Reply(context, profile, localId, request, challenge);
    }

    private sealed class RulesV3 : VersionRules
    {
        public static readonly RulesV3 Instance = new();

        public override ProtocolVersion Version => ProtocolVersion.V3;

        public override int MaxRetransmits(TunnelTimers timers) => timers.MaxRetransmitsV3;

        public override EndReason? Judge(PeerProfile profile, Sccrq request) => null;

        public override Sccrp Reply(
            EngineContext context, PeerProfile profile, TunnelId localId, Sccrq? request, byte[]? challenge) => new()
        {
            HostName = Introduction.HostName(context, profile),
            RouterId = Introduction.RouterId(context, profile),
            AssignedTunnelId = localId,
            PseudowireCapabilities = [.. profile.Pseudowires],
            Nonce = challenge,
            ReceiveWindowSize = profile.ReceiveWindow,
            VendorName = Introduction.VendorName(context, profile),
        };
    }
}
