using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary>A secret by one of three keys: <c>NAME</c> inline, <c>NAME-file</c>, <c>NAME-credential</c>.</summary>
internal static class SecretKeys
{
    private const int LongestFile = 4096;

    /// <summary>The three keys.</summary>
    public static string[] Of(string name) => [name, name + "-file", name + "-credential"];

    /// <summary>
    /// The secret; <see cref="Secret.Unread"/> if it was set but cannot be read; <c>null</c> if none of the keys is set. At most
    /// <paramref name="longest"/> octets.
    /// </summary>
    public static Secret? Read(YamlMapping mapping, string name, int longest, LoadContext context)
    {
        var given = Of(name).Select(mapping.Find).OfType<YamlValue>().ToArray();
        foreach (var second in given.Skip(1))
            second.Error($"contradicts `{given[0].Key}`: set the secret in one place");
        return given.Length == 0 ? null : Read(given[0], name, longest, context) ?? Secret.Unread;
    }

    /// <summary>
    /// A list of secrets, written inline; empty if the key is not set, and if an error was reported. It contradicts the keys that set one
    /// of them.
    /// </summary>
    public static IReadOnlyList<Secret> ReadList(
        YamlMapping mapping, string name, int most, IEnumerable<string> contradicts, int longest, LoadContext context)
    {
        if (mapping.Find(name) is not { } list)
            return [];
        var others = contradicts.Select(mapping.Find).OfType<YamlValue>().ToArray();
        foreach (var other in others)
            other.Error($"contradicts `{name}`: set the secret in one place");
        var texts = list.ReadList(WordText.Text(longest));
        if (texts.Length is 0 || texts.Length > most)
            list.Error($"has {texts.Length} secrets; write the new one first, then the old one");
        var isUsable = others.Length == 0 && texts.Length > 0 && texts.Length <= most && texts.All(static text => text is { Length: > 0 });
        if (isUsable)
            WarnOfReaders(list, context);
        return isUsable ? [.. texts.Select(static text => new Secret(text))] : [];
    }

    private static Secret? Read(YamlValue value, string name, int longest, LoadContext context)
    {
        if (value.Key == name)
            return Inline(value, longest, context);
        if (value.Read("", WordText.Text(LongestFile)) is not { Length: > 0 } place)
            return null;
        if (value.Key == name + "-file")
            return FromFile(value, LoadContext.Resolve(value, place), longest, context, warnOfReaders: true);
        return CredentialPath(value, place, context) is { } path ? FromFile(value, path, longest, context, warnOfReaders: false) : null;
    }

    private static Secret? Inline(YamlValue value, int longest, LoadContext context)
    {
        if (value.Read("", WordText.Text(longest)) is not { Length: > 0 } text)
            return null;
        WarnOfReaders(value, context);
        return new Secret(text);
    }

    private static void WarnOfReaders(YamlValue value, LoadContext context)
    {
        var file = value.Position.File;
        if (context.FilesWithSecrets.Add(file) && FileText.IsForAll(file))
            value.WarningAtKey($"every user of the machine can read {file}, and there are secrets in it");
    }

    private static string? CredentialPath(YamlValue value, string credential, LoadContext context)
    {
        if (credential.Contains('/', StringComparison.Ordinal) || credential is "." or "..")
        {
            value.Error($"`{credential}` is not the name of a credential");
        }
        else if (context.Environment is { CredentialsDirectory: null, IsCheck: true })
        {
            context.Diagnostics.Warning(value.Position, value.Path,
                "is not checked here: only systemd sets $CREDENTIALS_DIRECTORY, if the unit has "
                + $"LoadCredential={credential}:PATH");
        }
        else if (context.Environment.CredentialsDirectory is not { } directory)
        {
            value.Error("there are no systemd credentials: $CREDENTIALS_DIRECTORY is not set (LoadCredential= in the unit sets it)");
        }
        else
        {
            return Path.Combine(directory, credential);
        }

        return null;
    }

    private static Secret? FromFile(YamlValue value, string path, int longest, LoadContext context, bool warnOfReaders)
    {
        context.Files.Add(path);
        if (FileText.TryRead(path, LongestFile, out var octets) is { } problem)
        {
            value.Error($"cannot read {path}: {problem}");
            return null;
        }

        var length = octets.AsSpan().TrimEnd("\r\n"u8).Length;
        if (length == 0 || length > longest)
        {
            value.Error(length == 0 ? $"{path} is empty" : $"{path} holds {length} octets, at most {longest}");
            return null;
        }

        if (warnOfReaders && FileText.IsForAll(path))
            value.WarningAtKey($"every user of the machine can read {path}");
        return new Secret(octets[..length]);
    }
}
