using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary>Keys that name files with certificates and private keys in PEM form.</summary>
internal static class PemKeys
{
    private const int LongestFile = 1 << 20;

    /// <summary>The content of the file that a required key names; <c>null</c> if there is none, which is reported.</summary>
    internal static string? Read(YamlMapping mapping, string key, LoadContext context)
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

    /// <summary>Whether certificates and key can be used together; errors are reported.</summary>
    /// <param name="mapping">Has the keys <c>ca</c>, <c>certificate</c> and <paramref name="keyName"/>.</param>
    /// <param name="authorities">Certificates of the authorities, PEM.</param>
    /// <param name="certificate">Ours, PEM.</param>
    /// <param name="key">Its private key, PEM.</param>
    /// <param name="keyName">The key under which the private key is named.</param>
    internal static bool AreUsable(YamlMapping mapping, string authorities, string certificate, string key, string keyName = "key")
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
                mapping.Warning("certificate", $"expired at {own.NotAfter.ToUniversalTime():u}: the other end will refuse it");
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
            mapping.Error(keyName, "is not the key of `certificate`: a private key without a password in PEM form");
            return false;
        }
    }
}
