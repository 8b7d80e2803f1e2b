using L2tpd.Access;
using L2tpd.Ppp;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>The largest rates of a session, of IP packets with their headers and without those of PPP and L2TP.</summary>
/// <param name="FromPeer">From the peer; <c>null</c>: no limit.</param>
/// <param name="ToPeer">To the peer; <c>null</c>: no limit.</param>
public sealed record SessionRates(RateLimit? FromPeer, RateLimit? ToPeer)
{
    // Long enough for the pauses of TCP at usual round-trip times, and for the packets that the kernel hands over at once.
    private const ulong BurstMilliseconds = 100;
    private const ulong LeastBurst = 16 * 1024;
    private const ulong MostBurst = 1 << 30;

    /// <summary>No limits.</summary>
    public static SessionRates None { get; } = new(null, null);

    /// <summary>The rates of a user, or those of the profile for the directions of which nothing is said.</summary>
    public static SessionRates Of(PppProfile profile, Authorisation? authorisation) => new(
        Limited(authorisation?.RateFromPeer ?? profile.RateFromPeer), Limited(authorisation?.RateToPeer ?? profile.RateToPeer));

    /// <summary>With what a CoA-Request or an operator changes.</summary>
    public SessionRates With(AuthorisationChange change) => new(
        change.RateFromPeer is { } from ? Limited(from) : FromPeer, change.RateToPeer is { } to ? Limited(to) : ToPeer);

    /// <summary>
    /// What may pass at once, octets: as the limit says, or what the rate passes in 100 ms; at least 16 KiB, which is ten packets.
    /// </summary>
    public static uint BurstOf(RateLimit limit) => (uint)Math.Clamp(
        limit.BurstOctets > 0 ? limit.BurstOctets : limit.BitsPerSecond / 8 * BurstMilliseconds / 1_000, LeastBurst, MostBurst);

    /// <summary><c>DOWN/UP</c>, as the configuration has it.</summary>
    public override string ToString() => $"{RateText.Format(ToPeer?.BitsPerSecond ?? 0)}/{RateText.Format(FromPeer?.BitsPerSecond ?? 0)}";

    private static RateLimit? Limited(RateLimit? limit) => limit is { BitsPerSecond: 0 } ? null : limit;
}
