using L2tpd.Access;
using L2tpd.Ppp;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>The largest rates of a session, of IP packets with their headers and without those of PPP and L2TP.</summary>
/// <param name="FromPeer">From the peer; <c>null</c>: no limit.</param>
/// <param name="ToPeer">To the peer; <c>null</c>: no limit.</param>
public sealed record SessionRates(RateLimit? FromPeer, RateLimit? ToPeer)
{
    // TCP loses many packets at once when a bucket is empty, and pauses for its retransmission timer, 200 ms or more: a bucket that is full
    // before the pause ends would lose the rest of it. With 100 ms TCP reached half of the rate, with 500 ms all of it.
    private const ulong BurstMilliseconds = 500;

    // A queue keeps what the bucket does not let pass: no pause follows.
    private const ulong QueuedBurstMilliseconds = 20;
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
    /// What may pass at once where packets above the rate are dropped, octets: as the limit says, or what the rate passes in 500 ms; at
    /// least 16 KiB, which is ten packets.
    /// </summary>
    public static uint BurstOf(RateLimit limit) => BurstOf(limit, BurstMilliseconds);

    /// <summary>What may pass at once where packets above the rate wait, octets: in the same way, with 20 ms.</summary>
    public static uint QueuedBurstOf(RateLimit limit) => BurstOf(limit, QueuedBurstMilliseconds);

    /// <summary><c>DOWN/UP</c>, as the configuration has it.</summary>
    public override string ToString() => $"{RateText.Format(ToPeer?.BitsPerSecond ?? 0)}/{RateText.Format(FromPeer?.BitsPerSecond ?? 0)}";

    private static uint BurstOf(RateLimit limit, ulong milliseconds) => (uint)Math.Clamp(
        limit.BurstOctets > 0 ? limit.BurstOctets : limit.BitsPerSecond / 8 * milliseconds / 1_000, LeastBurst, MostBurst);

    private static RateLimit? Limited(RateLimit? limit) => limit is { BitsPerSecond: 0 } ? null : limit;
}
