using L2tpd.Engine;

namespace L2tpd.Simulation.Tests.Network;

/// <summary>A source of chance that can be spared for a while.</summary>
public sealed class SwitchedRandom(ulong seed) : IRandomSource
{
    private readonly SeededRandom _main = new(seed);
    private readonly SeededRandom _other = new(~seed);
    private SeededRandom? _elsewhere;

    public void Fill(Span<byte> destination) => (_elsewhere ?? _main).Fill(destination);

    /// <summary>Until the result is disposed of, what is drawn does not count.</summary>
    public IDisposable DrawElsewhere()
    {
        _elsewhere = _other;
        return new End(this);
    }

    private sealed class End(SwitchedRandom random) : IDisposable
    {
        public void Dispose() => random._elsewhere = null;
    }
}
