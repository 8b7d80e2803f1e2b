using System.Buffers.Binary;
using L2tpd.Ipv6.Packets;

namespace L2tpd.Ipv6.Dhcp;

/// <summary>Writes a message into a fixed buffer. With <see cref="Overflowed"/> something did not fit: it must not be sent.</summary>
public ref struct DhcpWriter
{
    private const int OptionHeaderSize = 4;

    private readonly Span<byte> _buffer;

    public DhcpWriter(Span<byte> buffer) => _buffer = buffer;

    /// <summary>Octets written.</summary>
    public int Length { get; private set; }

    /// <summary>True if something did not fit.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Writes the header (RFC 8415 section 8).</summary>
    /// <param name="type">Message type.</param>
    /// <param name="transaction">Transaction id, 24 bits.</param>
    public void Header(DhcpMessageType type, uint transaction) => UInt32(((uint)type << 24) | (transaction & 0xff_ffff));

    /// <summary>Writes an option.</summary>
    public void Option(DhcpOption code, scoped ReadOnlySpan<byte> data)
    {
        var place = Begin(code);
        Octets(data);
        End(place);
    }

    /// <summary>Writes an option of one number.</summary>
    public void Option(DhcpOption code, uint value)
    {
        var place = Begin(code);
        UInt32(value);
        End(place);
    }

    /// <summary>Writes a Status Code option.</summary>
    /// <param name="status">The code.</param>
    /// <param name="text">For people; ASCII.</param>
    public void Status(DhcpStatus status, string text)
    {
        var place = Begin(DhcpOption.StatusCode);
        UInt16((ushort)status);
        foreach (var character in text)
        {
            if (TryReserve(1, out var octet))
                octet[0] = (byte)character;
        }

        End(place);
    }

    /// <summary>Writes an IA Address option.</summary>
    /// <param name="address">The address.</param>
    /// <param name="preferred">Preferred lifetime, seconds.</param>
    /// <param name="valid">Valid lifetime, seconds; 0: the address must not be used any more.</param>
    public void Address(Ipv6Address address, uint preferred, uint valid)
    {
        var place = Begin(DhcpOption.Address);
        Address(address);
        UInt32(preferred);
        UInt32(valid);
        End(place);
    }

    /// <summary>Writes an IA Prefix option.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="preferred">Preferred lifetime, seconds.</param>
    /// <param name="valid">Valid lifetime, seconds; 0: the prefix must not be used any more.</param>
    public void Prefix(DelegatedPrefix prefix, uint preferred, uint valid)
    {
        var place = Begin(DhcpOption.Prefix);
        UInt32(preferred);
        UInt32(valid);
        if (TryReserve(1, out var octet))
            octet[0] = prefix.Length;
        Address(prefix.Address);
        End(place);
    }

    /// <summary>Begins an identity association; its options follow, then <see cref="End"/>.</summary>
    /// <param name="code">IA_NA or IA_PD.</param>
    /// <param name="iaid">The client's number.</param>
    /// <param name="renew">T1, seconds.</param>
    /// <param name="rebind">T2, seconds.</param>
    public int BeginAssociation(DhcpOption code, uint iaid, uint renew, uint rebind)
    {
        var place = Begin(code);
        UInt32(iaid);
        UInt32(renew);
        UInt32(rebind);
        return place;
    }

    /// <summary>Begins an option of which the length is not known yet.</summary>
    /// <returns>Its place, for <see cref="End"/>.</returns>
    public int Begin(DhcpOption code)
    {
        var place = Length;
        UInt16((ushort)code);
        UInt16(0);
        return place;
    }

    /// <summary>Ends an option: writes its length.</summary>
    public readonly void End(int place)
    {
        if (!Overflowed)
            BinaryPrimitives.WriteUInt16BigEndian(_buffer[(place + 2)..], (ushort)(Length - place - OptionHeaderSize));
    }

    /// <summary>Writes 16 octets.</summary>
    public void Address(Ipv6Address address)
    {
        if (TryReserve(Ipv6Address.Size, out var place))
            address.Write(place);
    }

    /// <summary>Writes octets as they are.</summary>
    public void Octets(scoped ReadOnlySpan<byte> octets)
    {
        if (TryReserve(octets.Length, out var place))
            octets.CopyTo(place);
    }

    private void UInt16(ushort value)
    {
        if (TryReserve(sizeof(ushort), out var place))
            BinaryPrimitives.WriteUInt16BigEndian(place, value);
    }

    private void UInt32(uint value)
    {
        if (TryReserve(sizeof(uint), out var place))
            BinaryPrimitives.WriteUInt32BigEndian(place, value);
    }

    private bool TryReserve(int size, out Span<byte> place)
    {
        if (Overflowed || size > _buffer.Length - Length)
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
