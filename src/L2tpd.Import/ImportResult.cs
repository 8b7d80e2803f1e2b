using System.Collections.Immutable;

namespace L2tpd.Import;

/// <summary>The result of an import.</summary>
/// <param name="Yaml">The configuration of l2tpd, with a comment for each key that could not be carried over.</param>
/// <param name="Files">Files with secrets that the configuration names.</param>
/// <param name="Lost">How many keys could not be carried over.</param>
public sealed record ImportResult(string Yaml, ImmutableArray<SecretFile> Files, int Lost)
{
    /// <summary>How many secrets the YAML contains.</summary>
    public int InlineSecrets { get; init; }

    /// <summary>How many secrets the YAML only has placeholders for.</summary>
    public int HiddenSecrets { get; init; }
}

/// <summary>A file with one secret.</summary>
/// <param name="Name">Its name in the directory of secrets.</param>
/// <param name="Secret">Its content; never print it.</param>
public sealed record SecretFile(string Name, string Secret)
{
    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"SecretFile {{ Name = {Name} }}";
}
