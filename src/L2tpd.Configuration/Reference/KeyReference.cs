using System.Collections.Immutable;

namespace L2tpd.Configuration.Reference;

/// <summary>
/// What the reference says of a key. docs/configuration.md, l2tpd.yaml(5) and config/l2tpd.schema.json are made of it by
/// <c>./run reference</c>. The texts are Markdown.
/// </summary>
/// <param name="Name">The key.</param>
/// <param name="Value">What may be written, in one of the forms that <c>ValueSyntax</c> of tools/L2tpd.Documents knows.</param>
/// <param name="Default">What counts without the key; empty if the meaning says it.</param>
/// <param name="Meaning">One or more sentences.</param>
public sealed record KeyReference(string Name, string Value, string Default, string Meaning)
{
    /// <summary>The section whose keys a mapping under this key has; <c>null</c> if there is none.</summary>
    public string? Section { get; init; }
}

/// <summary>What the reference says of a section.</summary>
/// <param name="Name">As in <see cref="SectionSchema.Name"/>.</param>
/// <param name="Keys">In the order of the reference.</param>
public sealed record SectionReference(string Name, ImmutableArray<KeyReference> Keys);
