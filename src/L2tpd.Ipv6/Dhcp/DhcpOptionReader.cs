using System.Buffers.Binary;

namespace L2tpd.Ipv6.Dhcp;

/// <summary>Reads options one by one (RFC 8415 section 21.1). Any octets may be passed; nothing throws.</summary>
/// <param name="options">The options of a message, or within an option.</param>
public ref struct DhcpOptionReader(ReadOnlySpan<byte> options)
{
    private const int HeaderSize = 4;

    private ReadOnlySpan<byte> _rest = options;

    /// <summary>The current option.</summary>
    public DhcpOption Code { get; private set; }

    /// <summary>Its data.</summary>
    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>True once an option was longer than what contains it; reading ends there.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Goes to the next option; false at the end.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty || IsMalformed)
            return false;
        var length = _rest.Length < HeaderSize ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length > _rest.Length - HeaderSize)
        {
            IsMalformed = true;
            return false;
        }

        Code = (DhcpOption)BinaryPrimitives.ReadUInt16BigEndian(_rest);
        Data = _rest.Slice(HeaderSize, length);
        _rest = _rest[(HeaderSize + length)..];
        return true;
    }
}
