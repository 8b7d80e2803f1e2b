using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using L2tpd.Configuration;

namespace L2tpd.PppHosting.Radius;

/// <summary>
/// The certificates for the connections to one server (RFC 6614 section 2.3): ours, and the authorities that the server's must come from.
/// The system's authorities are not trusted.
/// </summary>
internal sealed class RadSecCredentials
{
    private readonly RadiusTlsSettings _settings;
    private readonly X509Certificate2Collection _authorities = [];
    private readonly SslStreamCertificateContext _context;

    /// <exception cref="System.Security.Cryptography.CryptographicException">A text has no certificate or key.</exception>
    public RadSecCredentials(RadiusTlsSettings settings)
    {
        _settings = settings;
        _authorities.ImportFromPem(settings.Authorities);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(settings.Certificate);
        var own = X509Certificate2.CreateFromPem(settings.Certificate, settings.Key.RevealText());
        _context = SslStreamCertificateContext.Create(own, chain, offline: true);
    }

    /// <summary>Options of one handshake.</summary>
    /// <param name="onRefused">Takes why the server's certificate is refused, before the handshake fails.</param>
    [SuppressMessage("Security", "CA5398", Justification = "RFC 9325 section 3.1.1: 1.2 and 1.3, whatever the system permits.")]
    public SslClientAuthenticationOptions Options(Action<string> onRefused)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_authorities);
        return new SslClientAuthenticationOptions
        {
            TargetHost = _settings.ServerName,
            ClientCertificateContext = _context,
            CertificateChainPolicy = policy,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
            RemoteCertificateValidationCallback = (_, _, chain, errors) =>
            {
                if (errors != SslPolicyErrors.None)
                    onRefused(Objection(errors, chain));
                return errors == SslPolicyErrors.None;
            },
        };
    }

    private string Objection(SslPolicyErrors errors, X509Chain? chain)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            return "it sent no certificate";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            var status = chain?.ChainStatus is { Length: > 0 } all ? all[0].StatusInformation.Trim().TrimEnd('.') : "the chain is broken";
            return $"its certificate is not valid under `tls.ca`: {status}";
        }

        return $"its certificate is not for {_settings.ServerName}; set `tls.name` to a name that it has";
    }
}
