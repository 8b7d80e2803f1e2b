namespace L2tpd.Engine;

/// <summary>The source of the engine's randomness: the generator of the system in the daemon, a seeded one in tests.</summary>
public interface IRandomSource
{
    /// <summary>Fills the whole span with unpredictable octets.</summary>
    void Fill(Span<byte> destination);
}
