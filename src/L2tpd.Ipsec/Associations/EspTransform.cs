using System.Globalization;

namespace L2tpd.Ipsec.Associations;

/// <summary>
/// What ESP adds to a packet (RFC 4303 section 2): SPI and sequence number, an initialisation vector, padding to the cipher's block, pad
/// length and next header, and the integrity check value.
/// </summary>
/// <param name="VectorSize">Initialisation vector, octets.</param>
/// <param name="BlockSize">Payload, padding and trailer are a multiple of that, octets: 4 at least.</param>
/// <param name="CheckSize">Integrity check value, octets.</param>
public readonly record struct EspTransform(int VectorSize, int BlockSize, int CheckSize)
{
    private const int Header = 8, Trailer = 2, Alignment = 4;

    // UDP encapsulation (RFC 3948 section 2.1).
    private const int Udp = 8;

    // The first that a name contains counts: a mode before its cipher, 3DES before DES.
    private static readonly (string Name, int Vector, int Block)[] Ciphers =
    [
        ("gcm", 8, Alignment), ("ccm", 8, Alignment), ("ctr", 8, Alignment), ("chacha20", 8, Alignment), ("gmac", 8, Alignment),
        ("3des", 8, 8), ("des", 8, 8), ("blowfish", 8, 8), ("cast", 8, 8), ("null", 0, Alignment),
        ("camellia", 16, 16), ("serpent", 16, 16), ("twofish", 16, 16), ("aes", 16, 16),
    ];

    private static readonly (string Name, int Size)[] Checks =
    [
        ("md5", 12), ("sha1", 12), ("sha25696", 12), ("sha2256", 16), ("sha256", 16), ("sha2384", 24), ("sha384", 24), ("sha2512", 32),
        ("sha512", 32),
    ];

    /// <summary>The transform that leaves least room: AES-CBC with HMAC-SHA-512. For an SA of which nothing is known.</summary>
    public static readonly EspTransform Largest = new(16, 16, 32);

    /// <summary>Reads algorithms as strongSwan reports them, for example <c>AES_CBC-256/HMAC_SHA1_96</c>.</summary>
    /// <returns><see cref="Largest"/> if they are not known.</returns>
    public static EspTransform OfAlgorithms(string algorithms) => Read(algorithms.Split('/'));

    /// <summary>The transform that leaves least room of some proposals, as swanctl.conf(5) writes them: <c>aes256-sha1</c>.</summary>
    /// <returns><see cref="Largest"/> if there are none, or one is not known.</returns>
    public static EspTransform OfProposals(IEnumerable<string> proposals)
    {
        var all = proposals.Select(static proposal => Read(proposal.Split('-'))).ToArray();
        return all.Length == 0 ? Largest : all.MinBy(static one => one.LargestPayload(1500, isIPv6: false, isEncapsulated: true));
    }

    /// <summary>The longest payload of transport mode, for example a UDP datagram with its header, in one packet of a path.</summary>
    /// <param name="mtu">Largest packet of the path, octets with its IP header.</param>
    /// <param name="isIPv6">The outer header.</param>
    /// <param name="isEncapsulated">ESP is inside UDP because of a NAT.</param>
    /// <returns>Octets, 0 at least.</returns>
    public int LargestPayload(int mtu, bool isIPv6, bool isEncapsulated)
    {
        var room = mtu - IpHeader(isIPv6) - (isEncapsulated ? Udp : 0) - Header - VectorSize - CheckSize;
        return Math.Max(0, (room / BlockSize * BlockSize) - Trailer);
    }

    /// <summary>The longest IP packet that fits a path of <paramref name="mtu"/> after ESP, octets with its IP header.</summary>
    public int LargestPacket(int mtu, bool isIPv6, bool isEncapsulated) =>
        IpHeader(isIPv6) + LargestPayload(mtu, isIPv6, isEncapsulated);

    private static int IpHeader(bool isIPv6) => isIPv6 ? 40 : 20;

    private static EspTransform Read(string[] words)
    {
        (int Vector, int Block)? cipher = null;
        int? check = null;
        foreach (var word in words)
        {
            var name = word.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
            // Several algorithms of one kind are a choice: the longest counts.
            if (Checks.FirstOrDefault(one => name.Contains(one.Name, StringComparison.Ordinal)) is { Name: not null } integrity)
                check = Math.Max(check ?? 0, integrity.Size);
            else if (name.StartsWith("aesxcbc", StringComparison.Ordinal) || name.StartsWith("aescmac", StringComparison.Ordinal))
                check = Math.Max(check ?? 0, 12);
            else if (Ciphers.FirstOrDefault(one => name.Contains(one.Name, StringComparison.Ordinal)) is { Name: not null } found)
                (cipher, check) = (Longer(cipher, found.Vector, found.Block), TagOf(name) is { } tag ? Math.Max(check ?? 0, tag) : check);
        }

        return cipher is { } known && check is { } size ? new EspTransform(known.Vector, known.Block, size) : Largest;
    }

    private static (int Vector, int Block) Longer((int Vector, int Block)? one, int vector, int block) =>
        (Math.Max(one?.Vector ?? 0, vector), Math.Max(one?.Block ?? 0, block));

    /// <summary>The tag of a combined mode: its name ends with octets or bits (RFC 4106 section 6), before the size of the key.</summary>
    private static int? TagOf(string name)
    {
        if (name.Contains("chacha20", StringComparison.Ordinal) || name.Contains("gmac", StringComparison.Ordinal))
            return 16;
        var at = Math.Max(name.IndexOf("gcm", StringComparison.Ordinal), name.IndexOf("ccm", StringComparison.Ordinal));
        if (at < 0)
            return null;
        var digits = new string([.. name[(at + 3)..].TakeWhile(char.IsAsciiDigit)]);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is 8 or 12 or 64 or 96
            ? (number > 16 ? number / 8 : number) : 16;
    }
}
