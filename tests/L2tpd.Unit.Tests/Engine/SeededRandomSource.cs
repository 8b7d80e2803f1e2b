using L2tpd.Engine;

namespace L2tpd.Unit.Tests.Engine;

/// <summary>Randomness that a seed repeats.</summary>
internal sealed class SeededRandomSource(int seed) : IRandomSource
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> destination) => _random.NextBytes(destination);
}
