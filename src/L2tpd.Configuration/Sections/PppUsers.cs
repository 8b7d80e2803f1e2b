using System.Collections.Immutable;
using System.Text;
using L2tpd.Access;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary>The users of the built-in PPP: <c>users</c> and <c>secrets-files</c> of a profile.</summary>
internal static class PppUsers
{
    // pppd's MAXNAMELEN and MAXSECRETLEN without their final zero.
    private const int LongestName = 255;
    private const int LongestFile = 64 * 1024 * 1024;
    private const int LongestSecretFile = 4096;

    public static readonly SectionSchema Schema =
        new("users", [.. SecretKeys.Of("password"), "address", "pool", "routes", "filters", "rate"]);

    /// <summary>All users of a profile, those of <c>users</c> first.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="addresses">Checks fixed addresses.</param>
    /// <param name="context">Files and diagnostics.</param>
    public static ImmutableArray<SecretEntry> Read(YamlMapping profile, UserAddresses addresses, LoadContext context)
    {
        var users = ImmutableArray.CreateBuilder<SecretEntry>();
        foreach (var value in profile.Section("users", null)?.Entries ?? [])
        {
            if (ReadUser(value, addresses, context) is { } user)
                users.Add(user);
        }

        foreach (var value in profile.Find("secrets-files")?.Items() ?? [])
            users.AddRange(ReadFile(value, addresses, context));
        return users.DrainToImmutable();
    }

    private static SecretEntry? ReadUser(YamlValue value, UserAddresses addresses, LoadContext context)
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
        var address = mapping.Get("address", null, AddressText.HostV4!);
        if (address is not null && addresses.Problem(address) is { } problem)
            mapping.Error("address", problem);
        else if (address is not null && addresses.Claim(address, value.Key) is { } other)
            mapping.Warning("address", $"{address} also belongs to `{other}`: only one of the two can be logged in at a time");
        var (toPeer, fromPeer) = RateKey.Read(mapping);
        var pool = ReadPool(mapping, context);
        var filters = mapping.List("filters", [], FiltersSection.Name);
        if (mapping.Has("filters") && !context.HasFilters)
            mapping.Error("filters", "needs the top-level key `filters`, which names the nftables table");
        return password is null
            ? null
            : new SecretEntry(value.Key, SecretEntry.Any, password.RevealText(), address is null ? [] : [address.ToString()])
            {
                RateToPeer = toPeer,
                RateFromPeer = fromPeer,
                Pool = pool,
                Routes = mapping.List("routes", [], FramedRoutesSection.Route),
                Filters = filters,
            };
    }

    private static string? ReadPool(YamlMapping user, LoadContext context)
    {
        if (user.Find("pool") is not { Text: { } name } value)
            return null;
        if (!context.PoolNames.Contains(name))
            value.Error($"there is no pool `{Excerpt.Of(name)}` under pools{Suggestion.For(name, context.PoolNames)}");
        if (user.Has("address"))
            value.Error("contradicts `address`");
        return name;
    }

    private static SecretEntry[] ReadFile(YamlValue value, UserAddresses addresses, LoadContext context)
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

        if (FileText.IsForAll(path))
            Warn($"every user of the machine can read {path}");
        var file = SecretsFile.Parse(Encoding.UTF8.GetString(octets), secret => ReadSecret(secret, context, Warn));
        foreach (var wrong in file.Problems)
            Warn($"{path}:{wrong.Line}: {wrong.Text}; the line is ignored");
        return [.. file.Entries.Where(IsUsable)];

        bool IsUsable(SecretEntry entry)
        {
            if (addresses.Of(entry) is not { } address)
                return true;
            if (addresses.Problem(address) is { } wrong)
                Warn($"{path}:{entry.Line}: {wrong}; the line is ignored");
            else if (addresses.Claim(address, entry.Client) is { } other)
                Warn($"{path}:{entry.Line}: {address} also belongs to `{other}`: only one of the two can be logged in at a time");
            return addresses.Problem(address) is null;
        }

        void Warn(string message) => context.Diagnostics.Warning(value.Position, value.Path, message);
    }

    private static (string Text, string? Problem) ReadSecret(string path, LoadContext context, Action<string> warn)
    {
        context.Files.Add(path);
        var problem = FileText.TryRead(path, LongestSecretFile, out var octets);
        if (problem is null && FileText.IsForAll(path))
            warn($"every user of the machine can read {path}");
        return (Encoding.UTF8.GetString(octets), problem);
    }
}
