using System.Buffers.Binary;

namespace L2tpd.Radius.Wire;

/// <summary>Why a datagram is not a RADIUS packet; it is dropped without an answer.</summary>
public enum RadiusDecodeError
{
    None,

    /// <summary>Fewer than 20 octets, or fewer than the Length field names.</summary>
    Truncated,

    /// <summary>The Length field is below 20 or above 4,096.</summary>
    WrongLength,

    /// <summary>An attribute is shorter than 2 octets or ends after the packet.</summary>
    WrongAttributeLength,

    /// <summary>A Message-Authenticator that is not 18 octets long, or a second one.</summary>
    WrongMessageAuthenticator,
}

/// <summary>
/// A well-formed RADIUS packet: <c>code:1 identifier:1 length:2 authenticator:16</c> and whole attributes (RFC 2865 section 3). A view of
/// the datagram: nothing is copied, and nothing is verified yet (<see cref="Authenticators"/>).
/// </summary>
public readonly ref struct RadiusPacket
{
    /// <summary>Octets of the header.</summary>
    public const int HeaderSize = 20;

    /// <summary>Octets of the longest packet.</summary>
    public const int MaxSize = 4_096;

    /// <summary>Offset of the Authenticator field.</summary>
    public const int AuthenticatorOffset = 4;

    /// <summary>Octets of the Authenticator field.</summary>
    public const int AuthenticatorSize = 16;

    private RadiusPacket(ReadOnlySpan<byte> octets) => Octets = octets;

    /// <summary>The packet, without padding after its length.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    public RadiusCode Code => (RadiusCode)Octets[0];

    public byte Identifier => Octets[1];

    public ReadOnlySpan<byte> Authenticator => Octets.Slice(AuthenticatorOffset, AuthenticatorSize);

    /// <summary>The attributes, in the order of the packet.</summary>
    public AttributeReader Attributes => new(Octets[HeaderSize..]);

    /// <summary>Checks lengths. Octets after the packet's own length are padding and are ignored.</summary>
    public static RadiusDecodeError TryParse(ReadOnlySpan<byte> datagram, out RadiusPacket packet)
    {
        packet = default;
        if (datagram.Length < HeaderSize)
            return RadiusDecodeError.Truncated;
        int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        if (length is < HeaderSize or > MaxSize)
            return RadiusDecodeError.WrongLength;
        if (length > datagram.Length)
            return RadiusDecodeError.Truncated;
        packet = new RadiusPacket(datagram[..length]);
        return packet.CheckAttributes();
    }

    /// <summary>The value of the first attribute of that type. An attribute with an empty value counts as absent.</summary>
    public bool TryFind(AttributeType type, out ReadOnlySpan<byte> value)
    {
        foreach (var attribute in Attributes)
        {
            if (attribute.Type != type || attribute.Value.IsEmpty)
                continue;
            value = attribute.Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>The value of the first attribute of that type that is an integer of four octets.</summary>
    public bool TryFindUInt32(AttributeType type, out uint value)
    {
        var found = TryFind(type, out var octets) && octets.Length == 4;
        value = found ? BinaryPrimitives.ReadUInt32BigEndian(octets) : 0;
        return found;
    }

    private RadiusDecodeError CheckAttributes()
    {
        var messageAuthenticators = 0;
        for (var rest = Octets[HeaderSize..]; !rest.IsEmpty; rest = rest[rest[1]..])
        {
            if (rest.Length < 2 || rest[1] < 2 || rest[1] > rest.Length)
                return RadiusDecodeError.WrongAttributeLength;
            if ((AttributeType)rest[0] == AttributeType.MessageAuthenticator && (rest[1] != 18 || ++messageAuthenticators > 1))
                return RadiusDecodeError.WrongMessageAuthenticator;
        }

        return RadiusDecodeError.None;
    }
}
