using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace L2tpd.Radius.Wire;

/// <summary>
/// Writes a packet into a caller's buffer and seals it. An attribute that does not fit is omitted, and <see cref="Overflowed"/> is set.
/// </summary>
public ref struct PacketBuilder
{
    private const int MaxValue = 253;

    private readonly Span<byte> _buffer;
    private readonly ReadOnlySpan<byte> _secret;
    private readonly ReadOnlySpan<byte> _authenticator;

    /// <param name="buffer">At least 38 octets; octets after 4,096 are not used.</param>
    /// <param name="code">Decides how the packet is sealed.</param>
    /// <param name="identifier">The identifier; in an answer the request's.</param>
    /// <param name="secret">The secret shared with the other side.</param>
    /// <param name="authenticator">Sixteen octets: random in an Access-Request or Status-Server, the request's in an answer; empty in a
    /// keyed request.</param>
    /// <param name="withMessageAuthenticator">Whether the packet begins with a Message-Authenticator; every Access-Request and
    /// Status-Server does (RFC 5997 section 3; CVE-2024-3596).</param>
    public PacketBuilder(
        Span<byte> buffer, RadiusCode code, byte identifier, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> authenticator,
        bool withMessageAuthenticator)
    {
        _buffer = buffer[..Math.Min(buffer.Length, RadiusPacket.MaxSize)];
        _secret = secret;
        _authenticator = authenticator;
        _buffer[..RadiusPacket.HeaderSize].Clear();
        _buffer[0] = (byte)code;
        _buffer[1] = identifier;
        Length = RadiusPacket.HeaderSize;
        if (withMessageAuthenticator || code.RuleOf() == AuthenticatorRule.Random)
            Add(AttributeType.MessageAuthenticator, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"u8);
    }

    /// <summary>Octets written.</summary>
    public int Length { get; private set; }

    /// <summary>Whether an attribute was omitted, because it did not fit into the packet or its value is longer than 253 octets.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Adds an attribute with an octet string.</summary>
    public void Add(AttributeType type, scoped ReadOnlySpan<byte> value)
    {
        if (Reserve(value.Length, out var place))
            Write(place, (byte)type, value);
    }

    /// <summary>Adds an attribute with an integer or an enumeration.</summary>
    public void AddUInt32(AttributeType type, uint value)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        Add(type, octets);
    }

    /// <summary>Adds an attribute with UTF-8 text, cut at a character to 253 octets; none if the text is empty.</summary>
    public void AddText(AttributeType type, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return;
        Span<byte> octets = stackalloc byte[MaxValue];
        Encoding.UTF8.GetEncoder().Convert(text, octets, flush: true, out _, out var written, out _);
        Add(type, octets[..written]);
    }

    /// <summary>Adds an attribute with an IPv4 or IPv6 address.</summary>
    public void AddAddress(AttributeType type, IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out var written);
        Add(type, octets[..written]);
    }

    /// <summary>Adds a Vendor-Specific attribute with one attribute of the vendor.</summary>
    public void AddVendor(VendorId vendor, byte type, scoped ReadOnlySpan<byte> value)
    {
        if (!Reserve(value.Length + 6, out var place))
            return;
        place[0] = (byte)AttributeType.VendorSpecific;
        place[1] = (byte)place.Length;
        BinaryPrimitives.WriteUInt32BigEndian(place[2..], (uint)vendor);
        Write(place[6..], type, value);
    }

    /// <summary>Adds User-Password, hidden with this packet's authenticator.</summary>
    /// <param name="password">More than 128 octets make the packet overflow.</param>
    public void AddUserPassword(scoped ReadOnlySpan<byte> password)
    {
        if (password.Length > PasswordHiding.MaxUserPassword)
        {
            Overflowed = true;
            return;
        }

        Span<byte> hidden = stackalloc byte[PasswordHiding.HiddenSize(password.Length)];
        PasswordHiding.Hide(password, _authenticator, _secret, hidden);
        Add(AttributeType.UserPassword, hidden);
    }

    /// <summary>Writes the length, the Message-Authenticator and the Authenticator field.</summary>
    /// <returns>The packet, in the caller's buffer.</returns>
    public readonly ReadOnlySpan<byte> Seal()
    {
        var packet = _buffer[..Length];
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)Length);
        Authenticators.Seal(packet, _secret, _authenticator);
        return packet;
    }

    private static void Write(Span<byte> place, byte type, scoped ReadOnlySpan<byte> value)
    {
        place[0] = type;
        place[1] = (byte)(value.Length + 2);
        value.CopyTo(place[2..]);
    }

    private bool Reserve(int valueLength, out Span<byte> place)
    {
        var size = valueLength + 2;
        if (valueLength > MaxValue || _buffer.Length - Length < size)
        {
            Overflowed = true;
            place = default;
            return false;
        }

        place = _buffer.Slice(Length, size);
        Length += size;
        return true;
    }
}
