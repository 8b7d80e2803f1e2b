using L2tpd.Engine;
using L2tpd.Ppp;

namespace L2tpd.TestKit;

/// <summary>SplitMix64: the only source of chance in a test, so that a seed replays it everywhere.</summary>
public sealed class SeededRandom(ulong seed) : IRandomSource, IPppRandom
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public int Below(int bound) => (int)(Next() % (ulong)bound);

    public bool Chance(double probability) => Next() / (double)ulong.MaxValue < probability;

    public void Fill(Span<byte> destination)
    {
        foreach (ref var octet in destination)
            octet = (byte)Next();
    }
}
