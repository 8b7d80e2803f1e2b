namespace L2tpd.Engine;

/// <summary>Where the engine's randomness comes from: the system's generator in the daemon, a seeded one in tests.</summary>
public interface IRandomSource
{
    /// <summary>Fills the whole span with unpredictable octets.</summary>
    void Fill(Span<byte> destination);
}
