using System.Collections.Immutable;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Radius.Client;

namespace L2tpd.Configuration.Sections;

/// <summary><c>radius</c>: the servers that PPP profiles with <c>access: radius</c> ask.</summary>
internal static class RadiusSection
{
    private const int LongestSecret = 128;

    public static readonly SectionSchema Schema = new("radius", ["servers", "timeout", "attempts", "chargeable-user-identity"]);

    public static readonly SectionSchema ServerSchema = new("radius servers",
        ["address", "auth-port", "acct-port", .. SecretKeys.Of("secret"), "source", "require-message-authenticator"]);

    private static readonly ScalarType<MessageAuthenticatorPolicy> Policy = WordText.OneOf(
        ("auto", MessageAuthenticatorPolicy.Auto), ("yes", MessageAuthenticatorPolicy.Required),
        ("no", MessageAuthenticatorPolicy.Optional));

    private static readonly ScalarType<TimeSpan> Timeout =
        DurationText.Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(20));

    /// <summary>The servers; <c>null</c> if there is none.</summary>
    public static RadiusSettings? Read(YamlMapping root, LoadContext context)
    {
        if (root.Section("radius", Schema) is not { } mapping)
            return null;
        if (!mapping.Has("servers"))
            mapping.Error("servers", "is required");
        var servers = ImmutableArray.CreateBuilder<RadiusServerSettings>();
        foreach (var value in mapping.Section("servers", null)?.Entries ?? [])
        {
            Names.Check(value);
            if (value.AsMapping(ServerSchema) is { } server && ReadServer(server, value.Key, context) is { } read)
                servers.Add(read);
        }

        var defaults = new RadiusSettings();
        var settings = new RadiusSettings
        {
            Servers = servers.DrainToImmutable(),
            Timeout = mapping.Get("timeout", defaults.Timeout, Timeout),
            Attempts = mapping.Get("attempts", defaults.Attempts, NumberText.Between(1, 10)),
            ChargeableUserIdentity = mapping.Get("chargeable-user-identity", defaults.ChargeableUserIdentity, WordText.Boolean),
        };
        if (mapping.Find("servers") is { HasEntries: false } none)
            none.ErrorAtKey("there is no server");
        return settings.Servers.IsEmpty ? null : settings;
    }

    private static RadiusServerSettings? ReadServer(YamlMapping mapping, string name, LoadContext context)
    {
        if (!mapping.Has("address"))
            mapping.Error("address", "is required");
        var secret = SecretKeys.Read(mapping, "secret", LongestSecret, context);
        if (secret is null)
            mapping.Error("secret", "is required");
        if (mapping.Get("address", null, AddressText.Any!) is not { } address || secret is null)
            return null;
        var server = new RadiusServerSettings { Name = name, Address = address, Secret = secret };
        server = server with
        {
            AuthenticationPort = mapping.Get("auth-port", server.AuthenticationPort, NumberText.UInt16Between(1, ushort.MaxValue)),
            AccountingPort = mapping.Get("acct-port", server.AccountingPort, NumberText.UInt16Between(1, ushort.MaxValue)),
            Source = mapping.Get("source", null, AddressText.Any!),
            MessageAuthenticator = mapping.Get("require-message-authenticator", server.MessageAuthenticator, Policy),
        };
        if (server.AuthenticationPort == server.AccountingPort)
            mapping.Error(mapping.Has("acct-port") ? "acct-port" : "auth-port", "auth-port and acct-port are the same");
        if (server.Source is { } source && source.AddressFamily != address.AddressFamily)
            mapping.Error("source", $"{source} and the server's address {address} are of different families");
        return server;
    }
}
