using L2tpd.Engine.Configuration;
using L2tpd.Engine.Dialling;
using L2tpd.Protocol;

namespace L2tpd.Engine.Admission;

/// <summary>
/// An SCCRQ that was answered with SCCRP and whose SCCCN is awaited. Everything else that is needed is computed from the octets of the
/// SCCRQ, which <see cref="HalfOpenRequests"/> keeps, and from <see cref="Number"/> (challenge or nonce, see <see cref="Challenges"/>).
/// </summary>
internal struct HalfOpenRequest
{
    /// <summary>Where the SCCRQ came from and to.</summary>
    public Addressing.Path Path;

    /// <summary>The rules under which it was accepted.</summary>
    public PeerProfile Profile;

    /// <summary>
    /// The configured tunnel whose attempt lost the tie and yields when this one is established; <c>null</c> without a tie.
    /// </summary>
    public DialledTunnel? Yielding;

    /// <summary>Engine time of the SCCRQ.</summary>
    public Instant ReceivedAt;

    /// <summary>A number that no other request ever has; the challenge or nonce of the SCCRP follows from it.</summary>
    public ulong Number;

    /// <summary>Tells a repeated SCCRQ from another one of the same peer and id.</summary>
    public ulong Fingerprint;

    /// <summary>The peer's tunnel id (v2) or control connection id (v3).</summary>
    public TunnelId PeerId;

    /// <summary>Our id, as sent in SCCRP.</summary>
    public TunnelId LocalId;

    /// <summary>The version in which it was answered.</summary>
    public ProtocolVersion Version;

    /// <summary>Engine time at which the SCCCN is too late.</summary>
    public readonly Instant Deadline => ReceivedAt + Setup;

    /// <summary>How long the peer may take to answer SCCRP.</summary>
    public readonly TimeSpan Setup =>
        Profile.Timers.TunnelSetup ?? Profile.Timers.LeastSetup(Versions.VersionRules.Of(Version).MaxRetransmits(Profile.Timers));
}
