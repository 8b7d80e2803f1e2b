using L2tpd.Engine;

namespace L2tpd.Simulation.Tests.Network;

/// <summary>SplitMix64: the only source of chance in a simulation, so that a seed replays it.</summary>
public sealed class SeededRandom(ulong seed) : IRandomSource
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
