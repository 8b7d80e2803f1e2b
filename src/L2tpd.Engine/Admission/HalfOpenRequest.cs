using L2tpd.Engine.Configuration;
using L2tpd.Engine.Dialling;
using L2tpd.Protocol;

namespace L2tpd.Engine.Admission;

/// <summary>
/// An SCCRQ that was answered with SCCRP and not yet with SCCCN. Whatever else is needed to go on is worked out from the octets of the SCCRQ,
/// which <see cref="HalfOpenRequests"/> keeps with it, and from <see cref="Number"/> (challenge or nonce, see <see cref="Challenges"/>).
/// </summary>
internal struct HalfOpenRequest
{
    /// <summary>Where the SCCRQ came from and to.</summary>
    public Addressing.Path Path;

    /// <summary>The rules under which it was accepted.</summary>
    public PeerProfile Profile;

    /// <summary>The tunnel of ours that gives way to this one once the peer has completed it (tie breaker); <c>null</c>: none.</summary>
    public DialledTunnel? Yielding;

    /// <summary>Engine time of the SCCRQ, ms.</summary>
    public long ReceivedAt;

    /// <summary>Names the request for all time; the challenge or nonce sent with SCCRP follows from it.</summary>
    public ulong Number;

    /// <summary>Tells a repeated SCCRQ from another one of the same peer and id.</summary>
    public ulong Fingerprint;

    /// <summary>The peer's tunnel id (v2) or control connection id (v3).</summary>
    public uint PeerId;

    /// <summary>Ours, as SCCRP told it to the peer.</summary>
    public uint LocalId;

    /// <summary>The version in which it was answered.</summary>
    public ProtocolVersion Version;

    /// <summary>Engine time at which the SCCCN is too late, ms.</summary>
    public readonly long Deadline => ReceivedAt + (long)Setup.TotalMilliseconds;

    /// <summary>How long the peer may take to answer SCCRP.</summary>
    public readonly TimeSpan Setup => Profile.Timers.TunnelSetup ?? Profile.Timers.LeastSetup(Versions.ControlDialect.Of(Version).MaxRetransmits(Profile.Timers));
}
