namespace L2tpd.Import;

/// <summary>What an importer needs besides the file itself.</summary>
public sealed record ImportSettings
{
    /// <summary>The name of the imported file, for comments.</summary>
    public string FileName { get; init; } = "";

    /// <summary>The name of this machine, by which lines of secrets files and authentication names are chosen.</summary>
    public required string HostName { get; init; }

    /// <summary>Reads a file that the configuration names; <c>null</c> if it cannot be read.</summary>
    public Func<string, string?> ReadFile { get; init; } = static _ => null;

    /// <summary>pppd's chap-secrets: the path that the result names.</summary>
    public string ChapSecretsPath { get; init; } = "/etc/ppp/chap-secrets";

    /// <summary>The file of tunnel secrets; <c>null</c> for the one that the configuration names.</summary>
    public string? L2tpSecretsPath { get; init; }

    /// <summary>Where secrets of the result are written.</summary>
    public SecretPlace Secrets { get; init; }

    /// <summary>The directory of <see cref="SecretPlace.Files"/>, as the result names it.</summary>
    public string SecretsDirectory { get; init; } = "/etc/l2tpd/secrets";

    /// <summary>Who speaks PPP.</summary>
    public PppChoice Ppp { get; init; }
}

/// <summary>Where secrets of the result are written.</summary>
public enum SecretPlace
{
    /// <summary>In the YAML, with a comment that warns of them.</summary>
    Inline,

    /// <summary>In files, which the YAML names.</summary>
    Files,

    /// <summary>Nowhere: the YAML has placeholders.</summary>
    Hidden,
}

/// <summary>Who speaks PPP in the result.</summary>
public enum PppChoice
{
    /// <summary>Built-in PPP if it can do all that the options ask for, otherwise pppd.</summary>
    Auto,

    /// <summary>pppd.</summary>
    Pppd,

    /// <summary>Built-in PPP; options that only pppd has are left out, each with a comment.</summary>
    BuiltIn,
}
