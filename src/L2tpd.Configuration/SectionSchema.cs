using System.Collections.Frozen;
using System.Collections.Immutable;

namespace L2tpd.Configuration;

/// <summary>The keys one section of the configuration knows: what the loader reads, and what the reference must describe.</summary>
/// <param name="Name">As the reference names it.</param>
/// <param name="Keys">In the reference's order.</param>
public sealed record SectionSchema(string Name, ImmutableArray<string> Keys)
{
    /// <summary>Keys that belong elsewhere and are often written here, each with the place where it belongs.</summary>
    internal FrozenDictionary<string, string> Elsewhere { get; init; } = FrozenDictionary<string, string>.Empty;
}
