namespace L2tpd.Ppp;

/// <summary>Source of random octets: the system's generator in the daemon, a seeded one in tests.</summary>
public interface IPppRandom
{
    /// <summary>Fills the whole span with unpredictable octets.</summary>
    void Fill(Span<byte> destination);
}
