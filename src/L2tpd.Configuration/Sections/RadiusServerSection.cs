using System.Net;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Radius.Client;

namespace L2tpd.Configuration.Sections;

/// <summary>An entry of <c>radius.servers</c>.</summary>
internal static class RadiusServerSection
{
    private static readonly string[] _udpPorts = ["auth-port", "acct-port"];

    private const int LongestSecret = 128;
    private const ushort TlsPort = 2083;
    private const int TlsMaxRequests = 255;
    private const int MostRequests = 65_536;

    // RFC 6614 section 2.3: the secret of a connection is fixed, since TLS protects it.
    private const string TlsSecret = "radsec";

    public static readonly SectionSchema Schema = new("radius servers",
        ["address", "transport", "port", "auth-port", "acct-port", .. SecretKeys.Of("secret"), "tls", "source",
            "require-message-authenticator", "status-server", "max-requests"]);

    private static readonly ScalarType<RadiusTransport> Transport =
        WordText.OneOf(("udp", RadiusTransport.Udp), ("tls", RadiusTransport.Tls));

    private static readonly ScalarType<MessageAuthenticatorPolicy> Policy = WordText.OneOf(
        ("auto", MessageAuthenticatorPolicy.Auto), ("yes", MessageAuthenticatorPolicy.Required),
        ("no", MessageAuthenticatorPolicy.Optional));

    private static readonly ScalarType<StatusServerUse> StatusServer = WordText.OneOf(
        ("auto", StatusServerUse.Auto), ("yes", StatusServerUse.Yes), ("no", StatusServerUse.No));

    private static readonly ScalarType<ushort> Port = NumberText.UInt16Between(1, ushort.MaxValue);

    /// <summary>The server; <c>null</c> if something that it cannot be without is missing or wrong, which is reported.</summary>
    public static RadiusServerSettings? Read(YamlMapping mapping, string name, LoadContext context)
    {
        if (!mapping.Has("address"))
            mapping.Error("address", "is required");
        var isTls = mapping.Get("transport", RadiusTransport.Udp, Transport) == RadiusTransport.Tls;
        CheckKeys(mapping, isTls);
        var secret = SecretKeys.Read(mapping, "secret", LongestSecret, context) ?? (isTls ? new Secret(TlsSecret) : null);
        if (secret is null)
            mapping.Error("secret", "is required");
        var address = mapping.Get("address", null, AddressText.Any!);
        var tls = isTls ? RadiusTlsSection.Read(mapping, address ?? IPAddress.None, context) : null;
        if (address is null || secret is null || (isTls && tls is null))
            return null;
        var server = new RadiusServerSettings { Name = name, Address = address, Secret = secret, Tls = tls };
        if (isTls)
        {
            server = server with
            {
                Transport = RadiusTransport.Tls,
                AuthenticationPort = TlsPort,
                MessageAuthenticator = MessageAuthenticatorPolicy.Optional,
                MaxRequests = TlsMaxRequests,
            };
        }

        return ReadRest(mapping, server);
    }

    private static RadiusServerSettings ReadRest(YamlMapping mapping, RadiusServerSettings server)
    {
        var isTls = server.Transport == RadiusTransport.Tls;
        server = server with
        {
            AuthenticationPort = mapping.Get(isTls ? "port" : "auth-port", server.AuthenticationPort, Port),
            AccountingPort = mapping.Get("acct-port", server.AccountingPort, Port),
            Source = mapping.Get("source", null, AddressText.Any!),
            MessageAuthenticator = mapping.Get("require-message-authenticator", server.MessageAuthenticator, Policy),
            StatusServer = mapping.Get("status-server", server.StatusServer, StatusServer),
            MaxRequests = mapping.Get("max-requests", server.MaxRequests, NumberText.Between(1, MostRequests)),
        };
        if (!isTls && server.AuthenticationPort == server.AccountingPort)
            mapping.Error(mapping.Has("acct-port") ? "acct-port" : "auth-port", "auth-port and acct-port are the same");
        if (server.Source is { } source && source.AddressFamily != server.Address.AddressFamily)
            mapping.Error("source", $"{source} and the server's address {server.Address} are of different families");
        return server;
    }

    private static void CheckKeys(YamlMapping mapping, bool isTls)
    {
        if (!isTls)
        {
            if (mapping.Has("tls"))
                mapping.Error("tls", "is only for `transport: tls`");
            if (mapping.Has("port"))
                mapping.Error("port", "is only for `transport: tls`; write `auth-port` and `acct-port`");
            return;
        }

        foreach (var key in _udpPorts.Where(mapping.Has))
            mapping.Error(key, "is only for `transport: udp`: a connection carries both services; write `port`");
    }
}
