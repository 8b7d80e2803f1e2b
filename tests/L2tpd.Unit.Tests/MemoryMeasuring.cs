namespace L2tpd.Unit.Tests;

/// <summary>Tests that read the size of the whole heap. They run alone, because other tests would allocate at the same time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryMeasuring
{
    public const string Name = "memory measuring";
}
