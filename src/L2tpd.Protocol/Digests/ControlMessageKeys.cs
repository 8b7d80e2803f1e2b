using System.Security.Cryptography;

namespace L2tpd.Protocol.Digests;

/// <summary>The keys that L2TPv3 derives from a shared secret (RFC 3931 sections 4.3 and 5.3). To be derived once per secret.</summary>
public sealed class ControlMessageKeys
{
    private readonly KeyedHash _md5;
    private readonly KeyedHash _sha1;

    private ControlMessageKeys(byte[] authenticationKey, byte[] hidingKey, bool isIntegrityOnly)
    {
        AuthenticationKey = authenticationKey;
        HidingKey = hidingKey;
        IsIntegrityOnly = isIntegrityOnly;
        _md5 = new KeyedHash(HashAlgorithmName.MD5, authenticationKey);
        _sha1 = new KeyedHash(HashAlgorithmName.SHA1, authenticationKey);
    }

    /// <summary>Digests without a secret: they detect corruption, not forgery. They use no nonces, and there is no hiding.</summary>
    public static ControlMessageKeys IntegrityOnly { get; } = new(Derive([], 2), [], isIntegrityOnly: true);

    /// <summary>Key of the message digests, 16 octets for every digest type.</summary>
    public byte[] AuthenticationKey { get; }

    /// <summary>Key of AVP hiding, 16 octets, used like the secret itself in v2. Empty without a secret.</summary>
    public byte[] HidingKey { get; }

    /// <summary>Whether these keys have no secret.</summary>
    public bool IsIntegrityOnly { get; }

    /// <summary>Derives the keys of a shared secret.</summary>
    public static ControlMessageKeys FromSecret(ReadOnlySpan<byte> secret) =>
        new(Derive(secret, 2), Derive(secret, 1), isIntegrityOnly: false);

    /// <summary>
    /// Schedules the key of a digest before the first message. The first use in a process also loads the cryptography library, which takes
    /// milliseconds.
    /// </summary>
    public void Prepare(DigestType type)
    {
        Span<byte> digest = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HashOf(type).Compute([], digest[..MessageDigest.SizeOf(type)]);
    }

    /// <summary>The HMAC under <see cref="AuthenticationKey"/>.</summary>
    internal KeyedHash HashOf(DigestType type) => type == DigestType.HmacMd5 ? _md5 : _sha1;

    private static byte[] Derive(ReadOnlySpan<byte> secret, byte purpose) => HMACMD5.HashData(secret, [purpose]);
}
