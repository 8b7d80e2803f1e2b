using System.Collections.Immutable;
using System.Text;
using L2tpd.Daemon.Configuration.Scalars;
using L2tpd.Daemon.Configuration.Yaml;
using L2tpd.Ppp.Access;

namespace L2tpd.Daemon.Configuration.Sections;

/// <summary>Who may come in to the built-in PPP: <c>users</c> and <c>secrets-files</c> of a profile.</summary>
internal static class PppUsers
{
    // pppd's MAXNAMELEN and MAXSECRETLEN with their closing zero.
    private const int LongestName = 255;
    private const int LongestFile = 64 * 1024 * 1024;
    private const int LongestSecretFile = 4096;

    public static readonly SectionSchema Schema = new("users", [.. SecretKeys.Of("password"), "address"]);

    /// <summary>All users of a profile, those written out first.</summary>
    public static ImmutableArray<SecretEntry> Read(YamlMapping profile, LoadContext context)
    {
        var users = ImmutableArray.CreateBuilder<SecretEntry>();
        foreach (var value in profile.Section("users", null)?.Entries ?? [])
        {
            if (ReadUser(value, context) is { } user)
                users.Add(user);
        }

        foreach (var value in profile.Find("secrets-files")?.Items() ?? [])
            users.AddRange(ReadFile(value, context));
        return users.DrainToImmutable();
    }

    private static SecretEntry? ReadUser(YamlValue value, LoadContext context)
    {
        if (value.Key == SecretEntry.Any || WordText.Text(LongestName).Parse(value.Key) is { Succeeded: false })
        {
            value.ErrorAtKey("is not a user's name: up to 255 octets, and not `*`");
            return null;
        }

        if (value.AsMapping(Schema) is not { } mapping)
            return null;
        var password = SecretKeys.Read(mapping, "password", LongestName, context);
        if (password is null && !SecretKeys.Of("password").Any(mapping.Has))
            mapping.Error("password", "is required");
        var address = mapping.Get("address", null, AddressText.V4!);
        return password is null
            ? null
            : new SecretEntry(value.Key, SecretEntry.Any, password.RevealText(), address is null ? [] : [address.ToString()]);
    }

    private static ImmutableArray<SecretEntry> ReadFile(YamlValue value, LoadContext context)
    {
        if (value.Read("", WordText.Text(4096)) is not { Length: > 0 } written)
            return [];
        var path = LoadContext.Resolve(value, written);
        context.Files.Add(path);
        if (FileText.TryRead(path, LongestFile, out var octets) is { } problem)
        {
            value.Error($"cannot read {path}: {problem}");
            return [];
        }

        var file = SecretsFile.Parse(Encoding.UTF8.GetString(octets), path => ReadSecret(path, context));
        foreach (var wrong in file.Problems)
            context.Diagnostics.Warning(value.Position, value.Path, $"{path}:{wrong.Line}: {wrong.Text}; the line is left out");
        return file.Entries;
    }

    private static (string Text, string? Problem) ReadSecret(string path, LoadContext context)
    {
        context.Files.Add(path);
        var problem = FileText.TryRead(path, LongestSecretFile, out var octets);
        return (Encoding.UTF8.GetString(octets), problem);
    }
}
