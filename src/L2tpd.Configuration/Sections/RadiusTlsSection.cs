using System.Net;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary><c>tls</c> of a RADIUS server: certificates of both sides (RFC 6614 section 2.3).</summary>
internal static class RadiusTlsSection
{
    private const int LongestName = 255;

    public static readonly SectionSchema Schema = new("radius tls", ["ca", "certificate", "key", "name"]);

    /// <summary>The certificates; <c>null</c> if one is missing or cannot be used, which is reported.</summary>
    /// <param name="server">The server.</param>
    /// <param name="address">The server's address: the name that its certificate must have, unless there is another.</param>
    /// <param name="context">The files read.</param>
    public static RadiusTlsSettings? Read(YamlMapping server, IPAddress address, LoadContext context)
    {
        if (server.Find("tls") is null)
            server.Error("tls", "is required with `transport: tls`: { ca: PATH, certificate: PATH, key: PATH }");
        if (server.Section("tls", Schema) is not { } mapping)
            return null;
        var authorities = PemKeys.Read(mapping, "ca", context);
        var certificate = PemKeys.Read(mapping, "certificate", context);
        var key = PemKeys.Read(mapping, "key", context);
        var name = mapping.Get("name", address.ToString(), WordText.Text(LongestName));
        if (authorities is null || certificate is null || key is null)
            return null;
        if (mapping.Find("key") is { Text: { } place } value && FileText.IsForAll(LoadContext.Resolve(value, place)))
            value.WarningAtKey($"every user of the machine can read {LoadContext.Resolve(value, place)}");
        return PemKeys.AreUsable(mapping, authorities, certificate, key)
            ? new RadiusTlsSettings
            {
                Authorities = authorities,
                Certificate = certificate,
                Key = new Secret(key),
                ServerName = name,
            }
            : null;
    }
}
