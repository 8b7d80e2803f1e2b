using System.Collections.Immutable;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary><c>radius.dynamic-authorization</c>: who may change and end sessions (RFC 5176).</summary>
internal static class DynamicAuthorizationSection
{
    private const int LongestSecret = 128;

    public static readonly SectionSchema Schema = new("radius dynamic-authorization",
        ["listen", "port", "require-event-timestamp", "clients"]);

    public static readonly SectionSchema ClientSchema = new("radius dynamic-authorization clients",
        ["address", .. SecretKeys.Of("secret")]);

    /// <summary>The settings; <c>null</c> if no requests are received.</summary>
    public static DynamicAuthorizationSettings? Read(YamlMapping radius, LoadContext context)
    {
        if (radius.Section("dynamic-authorization", Schema) is not { } mapping)
            return null;
        if (!mapping.Has("clients"))
            mapping.Error("clients", "is required");
        if (mapping.Find("clients") is { HasEntries: false } none)
            none.ErrorAtKey("there is no client");
        var defaults = new DynamicAuthorizationSettings();
        var settings = new DynamicAuthorizationSettings
        {
            Listen = mapping.Get("listen", null, AddressText.Any!),
            Port = mapping.Get("port", defaults.Port, NumberText.UInt16Between(1, ushort.MaxValue)),
            RequireEventTimestamp = mapping.Get("require-event-timestamp", defaults.RequireEventTimestamp, WordText.Boolean),
        };
        return settings with { Clients = ReadClients(mapping, settings, context) };
    }

    private static ImmutableArray<DynamicAuthorizationClientSettings> ReadClients(
        YamlMapping mapping, DynamicAuthorizationSettings settings, LoadContext context)
    {
        var clients = ImmutableArray.CreateBuilder<DynamicAuthorizationClientSettings>();
        foreach (var value in mapping.Section("clients", null)?.Entries ?? [])
        {
            Names.Check(value);
            if (value.AsMapping(ClientSchema) is not { } client || ReadClient(client, value.Key, context) is not { } read)
                continue;
            if (clients.FirstOrDefault(other => other.Address.Equals(read.Address)) is { } other)
                client.Error("address", $"{read.Address} is the address of client {other.Name} too");
            if (settings.Listen is { } listen && listen.AddressFamily != read.Address.AddressFamily)
                client.Error("address", $"{read.Address} and `listen` {listen} are of different families");
            clients.Add(read);
        }

        return clients.DrainToImmutable();
    }

    private static DynamicAuthorizationClientSettings? ReadClient(YamlMapping mapping, string name, LoadContext context)
    {
        if (!mapping.Has("address"))
            mapping.Error("address", "is required");
        var secret = SecretKeys.Read(mapping, "secret", LongestSecret, context);
        if (secret is null)
            mapping.Error("secret", "is required");
        return mapping.Get("address", null, AddressText.Any!) is { } address && secret is not null
            ? new DynamicAuthorizationClientSettings { Name = name, Address = address, Secret = secret }
            : null;
    }
}
