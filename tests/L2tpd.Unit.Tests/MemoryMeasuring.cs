namespace L2tpd.Unit.Tests;

/// <summary>Tests that read the size of the whole heap: they run alone, for others would allocate in between.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryMeasuring
{
    public const string Name = "memory measuring";
}
