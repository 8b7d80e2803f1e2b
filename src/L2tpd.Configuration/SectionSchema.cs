using System.Collections.Frozen;
using System.Collections.Immutable;

namespace L2tpd.Configuration;

/// <summary>The keys of one section of the configuration: what the loader reads, and what the reference must describe.</summary>
/// <param name="Name">The name in the reference.</param>
/// <param name="Keys">In the order of the reference.</param>
public sealed record SectionSchema(string Name, ImmutableArray<string> Keys)
{
    /// <summary>Keys that are often written here by mistake, each with the place where it belongs.</summary>
    internal FrozenDictionary<string, string> Elsewhere { get; init; } = FrozenDictionary<string, string>.Empty;
}
