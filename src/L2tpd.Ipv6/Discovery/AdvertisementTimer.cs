using System.Buffers.Binary;
using L2tpd.Ppp;

namespace L2tpd.Ipv6.Discovery;

/// <summary>
/// When router advertisements that nobody asked for are sent (RFC 4861 section 6.2.4): one at once, two more soon, then at random times, so
/// that sessions that came up together do not stay together. Milliseconds.
/// </summary>
internal struct AdvertisementTimer
{
    /// <summary>MaxRtrAdvInterval, the RFC's default.</summary>
    public const int MostInterval = 600_000;

    /// <summary>MinRtrAdvInterval, the RFC's default.</summary>
    public const int LeastInterval = 200_000;

    /// <summary>MAX_INITIAL_RTR_ADVERT_INTERVAL: the largest time between the first ones.</summary>
    public const int MostInitialInterval = 16_000;

    /// <summary>MAX_INITIAL_RTR_ADVERTISEMENTS.</summary>
    public const int Initial = 3;

    private const int LeastInitialInterval = 8_000;

    private int _sent;

    /// <summary>When to send; <see cref="long.MaxValue"/>: never.</summary>
    public long Deadline { get; private set; }

    /// <summary>A stopped timer.</summary>
    public static AdvertisementTimer Stopped => new() { Deadline = long.MaxValue };

    /// <summary>A timer that asks for the first advertisement now.</summary>
    public static AdvertisementTimer Started(long now) => new() { Deadline = now };

    /// <summary>An advertisement to all nodes was sent: chooses the time of the next one.</summary>
    public void OnSent(long now, IPppRandom random)
    {
        var (least, most) = ++_sent < Initial ? (LeastInitialInterval, MostInitialInterval) : (LeastInterval, MostInterval);
        _sent = Math.Min(_sent, Initial);
        Span<byte> octets = stackalloc byte[sizeof(uint)];
        random.Fill(octets);
        Deadline = now + least + (BinaryPrimitives.ReadUInt32BigEndian(octets) % (uint)(most - least + 1));
    }

    /// <summary>The next one is sent by this time at the latest.</summary>
    public void Advance(long time) => Deadline = Math.Min(Deadline, time);
}
