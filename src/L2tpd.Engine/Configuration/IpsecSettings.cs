namespace L2tpd.Engine.Configuration;

/// <summary>
/// IPsec of a listener, a peer profile, or a tunnel (RFC 3193): what the kernel must see to, and what strongSwan is told. Equal by content.
/// </summary>
public sealed record IpsecSettings
{
    /// <summary>No IPsec is asked for; what comes out of it is taken too.</summary>
    public static readonly IpsecSettings None = new();

    /// <summary>Whether clear text is taken.</summary>
    public IpsecPolicy Policy { get; init; }

    /// <summary>Pre-shared key of IKE, 1 to 1,024 octets; <c>null</c> if there is none.</summary>
    public byte[]? Psk { get; init; }

    /// <summary>Our certificate, and those between it and the authority, as PEM; <c>null</c> if there is none.</summary>
    public string? Certificate { get; init; }

    /// <summary>The private key of <see cref="Certificate"/> as PEM; set if and only if that is.</summary>
    public byte[]? PrivateKey { get; init; }

    /// <summary>Certificates of the authorities that the peer's certificate must come from, as PEM; set if the certificate is.</summary>
    public string? Authorities { get; init; }

    /// <summary>Our IKE identity, in strongSwan's form; <c>null</c> for our address or the certificate's subject.</summary>
    public string? LocalId { get; init; }

    /// <summary>The identity that the peer must have, in strongSwan's form; <c>null</c> for any.</summary>
    public string? PeerId { get; init; }

    /// <summary>Version of IKE, 1 or 2. The clients of Windows, macOS, iOS and Android speak 1.</summary>
    public int IkeVersion { get; init; } = 1;

    public IpsecProposals Proposals { get; init; }

    /// <summary>IKE proposals in strongSwan's form, instead of <see cref="Proposals"/>; <c>null</c>: as those say.</summary>
    public string? IkeProposals { get; init; }

    /// <summary>ESP proposals in strongSwan's form, instead of <see cref="Proposals"/>; <c>null</c>: as those say.</summary>
    public string? EspProposals { get; init; }

    /// <summary>Whether there is something to tell strongSwan. Otherwise its connection is the operator's concern.</summary>
    public bool HasCredentials => Psk is not null || Certificate is not null;

    public bool Equals(IpsecSettings? other) =>
        other is not null && Policy == other.Policy && Same(Psk, other.Psk) && Certificate == other.Certificate
        && Same(PrivateKey, other.PrivateKey) && Authorities == other.Authorities && LocalId == other.LocalId && PeerId == other.PeerId
        && IkeVersion == other.IkeVersion && Proposals == other.Proposals && IkeProposals == other.IkeProposals
        && EspProposals == other.EspProposals;

    public override int GetHashCode() => HashCode.Combine(Policy, Certificate, LocalId, PeerId, Proposals);

    /// <summary>Never shows a secret.</summary>
    public override string ToString() => $"IpsecSettings {{ Policy = {Policy} }}";

    private static bool Same(byte[]? left, byte[]? right) =>
        left is null == right is null && left.AsSpan().SequenceEqual(right);
}

/// <summary>Whether L2TP must come out of IPsec (RFC 3193 section 3.3).</summary>
public enum IpsecPolicy
{
    /// <summary>Nothing is asked for.</summary>
    None,

    /// <summary>Clear text is taken too; a tunnel tells whether it is protected.</summary>
    Preferred,

    /// <summary>The kernel drops clear text.</summary>
    Required,
}

/// <summary>Algorithms that strongSwan offers and takes.</summary>
public enum IpsecProposals
{
    /// <summary>What the clients of Windows 10 and 11, macOS, iOS and Linux have in common without 3DES and MODP1024.</summary>
    Modern,

    /// <summary>Also 3DES and MODP1024, for old phones and routers.</summary>
    Compatible,
}
