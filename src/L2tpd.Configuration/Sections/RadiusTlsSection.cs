using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary><c>tls</c> of a RADIUS server: certificates of both sides (RFC 6614 section 2.3).</summary>
internal static class RadiusTlsSection
{
    private const int LongestFile = 1 << 20;
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
        var authorities = ReadPem(mapping, "ca", context);
        var certificate = ReadPem(mapping, "certificate", context);
        var key = ReadPem(mapping, "key", context);
        var name = mapping.Get("name", address.ToString(), WordText.Text(LongestName));
        if (authorities is null || certificate is null || key is null)
            return null;
        if (mapping.Find("key") is { Text: { } place } value && FileText.IsForAll(LoadContext.Resolve(value, place)))
            value.WarningAtKey($"every user of the machine can read {LoadContext.Resolve(value, place)}");
        return IsUsable(mapping, authorities, certificate, key)
            ? new RadiusTlsSettings
            {
                Authorities = authorities,
                Certificate = certificate,
                Key = new Secret(key),
                ServerName = name,
            }
            : null;
    }

    private static string? ReadPem(YamlMapping mapping, string key, LoadContext context)
    {
        if (mapping.Find(key) is not { } value)
        {
            mapping.Error(key, "is required");
            return null;
        }

        if (value.Read("", WordText.Text(4_096)) is not { Length: > 0 } place)
            return null;
        var path = LoadContext.Resolve(value, place);
        context.Files.Add(path);
        if (FileText.TryRead(path, LongestFile, out var octets) is not { } problem)
            return Encoding.UTF8.GetString(octets);
        value.Error($"cannot read {path}: {problem}");
        return null;
    }

    private static bool IsUsable(YamlMapping mapping, string authorities, string certificate, string key)
    {
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPem(authorities);
            if (all.Count == 0)
                mapping.Error("ca", "has no certificate in PEM form");
            foreach (var authority in all)
                authority.Dispose();
            using var own = X509Certificate2.CreateFromPem(certificate);
            if (own.NotAfter < DateTime.Now)
                mapping.Warning("certificate", $"expired at {own.NotAfter.ToUniversalTime():u}: the server will refuse it");
            if (all.Count == 0)
                return false;
        }
        catch (CryptographicException)
        {
            mapping.Error("certificate", "this file and `ca` must have certificates in PEM form");
            return false;
        }

        try
        {
            using var pair = X509Certificate2.CreateFromPem(certificate, key);
            return true;
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            mapping.Error("key", "is not the key of `certificate`: a private key without a password in PEM form");
            return false;
        }
    }
}
