using System.Buffers.Binary;

namespace L2tpd.Radius.Client;

/// <summary>
/// Retransmission times (RFC 5080 section 2.2.1): RT1 = IRT (1 + RAND), then RT = RTprev (2 + RAND), at most MRT (1 + RAND); RAND is within
/// 0.1 of 0.
/// </summary>
/// <param name="Initial">IRT, milliseconds.</param>
/// <param name="Maximum">MRT, milliseconds.</param>
/// <param name="Attempts">Packets sent to one server, the first included, before the next server is tried; at least 1.</param>
public sealed record RetransmissionTimer(long Initial = 2_000, long Maximum = 16_000, int Attempts = 2)
{
    private const double Spread = 0.1;

    /// <summary>The wait after the first packet, milliseconds.</summary>
    public long First(IRadiusRandom random) => (long)(Initial * (1 + Jitter(random)));

    /// <summary>The wait after a retransmission, milliseconds.</summary>
    /// <param name="former">The wait before it.</param>
    /// <param name="random">Where RAND comes from.</param>
    public long Next(long former, IRadiusRandom random)
    {
        var next = former * (2 + Jitter(random));
        return (long)(next > Maximum ? Maximum * (1 + Jitter(random)) : next);
    }

    /// <summary>
    /// The wait where nothing is sent twice, milliseconds: as long as all packets together wait on average (RFC 6613 section 2.6.1).
    /// </summary>
    public long Total(IRadiusRandom random)
    {
        var (total, wait) = (0.0, (double)Initial);
        for (var i = 0; i < Attempts; i++, wait = Math.Min(wait * 2, Maximum))
            total += wait;
        return (long)(total * (1 + Jitter(random)));
    }

    /// <summary>A number from -0.1 to 0.1.</summary>
    internal static double Jitter(IRadiusRandom random)
    {
        Span<byte> octets = stackalloc byte[4];
        random.Fill(octets);
        return ((BinaryPrimitives.ReadUInt32BigEndian(octets) / (double)uint.MaxValue) - 0.5) * 2 * Spread;
    }
}
