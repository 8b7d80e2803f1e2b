using System.Buffers.Binary;
using System.Text;
using L2tpd.Protocol.Digests;
using L2tpd.Protocol.Hiding;

namespace L2tpd.Protocol.Avps;

/// <summary>
/// Appends AVPs to a message. The M bit and hiding come from the version's table. Methods with a nullable value write nothing for
/// <c>null</c>. After a value did not fit, <see cref="IsFull"/> stays <c>true</c>.
/// </summary>
internal ref struct AvpWriter
{
    private readonly Span<byte> _message;
    private readonly AvpTable _table;
    private readonly ReadOnlySpan<byte> _hidingKey;
    private readonly ReadOnlySpan<byte> _randomVector;
    private bool _hasRandomVector;
    private Span<byte> _subformat;

    public AvpWriter(Span<byte> message, AvpTable table, in EncodeOptions options)
    {
        _message = message;
        _table = table;
        _hidingKey = options.HidingKey;
        _randomVector = options.RandomVector;
        Position = ControlHeader.Size;
        if (!_hidingKey.IsEmpty && _randomVector.IsEmpty)
            throw new ArgumentException("Hiding needs a random vector.", nameof(options));
    }

    /// <summary>Octets written, including the header.</summary>
    public int Position { get; private set; }

    public bool IsFull { get; private set; }

    /// <summary>Message Type has its own M bit: later message types are sent with M=0, so that a peer may ignore them.</summary>
    public void MessageType(ushort type, bool mandatory)
    {
        var definition = _table[AvpType.MessageType];
        if (!TryOpen(definition, mandatory, sizeof(ushort), out var value))
            return;
        BinaryPrimitives.WriteUInt16BigEndian(value, type);
    }

    /// <summary>A Message Digest AVP with its type octet; the digest is still zero.</summary>
    public void EmptyDigest(DigestType? type)
    {
        if (type is not DigestType digest
            || !TryOpen(_table[AvpType.MessageDigest], 1 + MessageDigest.SizeOf(digest), out var value))
        {
            return;
        }

        value.Clear();
        value[0] = (byte)digest;
    }

    /// <summary>An AVP without a value: its presence is the information.</summary>
    public void Flag(AvpType type, bool present)
    {
        if (present)
            Octets(_table[type], []);
    }

    public void UInt16(AvpType type, ushort? number)
    {
        if (number is not ushort value || !TryOpen(_table[type], sizeof(ushort), out var octets))
            return;
        BinaryPrimitives.WriteUInt16BigEndian(octets, value);
        Close(_table[type]);
    }

    public void UInt32(AvpType type, uint? number) => UInt32(_table[type], number);

    public void UInt32(AdslForumAvpType type, uint? number) => UInt32(_table[type], number);

    public void UInt64(AvpType type, ulong? number) => UInt64(_table[type], number);

    public void UInt64(AdslForumAvpType type, ulong? number) => UInt64(_table[type], number);

    public void Octets(AvpType type, byte[]? octets)
    {
        if (octets is not null)
            Octets(_table[type], octets);
    }

    public void Octets(AdslForumAvpType type, byte[]? octets)
    {
        if (octets is not null)
            Octets(_table[type], octets);
    }

    public void Octets(AvpType type, scoped ReadOnlySpan<byte> octets) => Octets(_table[type], octets);

    public void Latin1(AvpType type, string? text)
    {
        if (text is null || !TryOpen(_table[type], text.Length, out var octets))
            return;
        Encoding.Latin1.GetBytes(text, octets);
        Close(_table[type]);
    }

    public void Utf8(AvpType type, string? text)
    {
        if (text is not null)
            OctetsAndText(type, [], text);
    }

    /// <summary>Fixed octets followed by UTF-8 text, which is cut at a character to fit the AVP.</summary>
    public void OctetsAndText(AvpType type, scoped ReadOnlySpan<byte> octets, string? text)
    {
        var room = AvpFormat.MaxValueSize - AvpHiding.LengthFieldSize - octets.Length;
        Span<byte> encoded = stackalloc byte[AvpFormat.MaxValueSize];
        System.Text.Unicode.Utf8.FromUtf16(text, encoded[..room], out _, out var size);
        if (!TryOpen(_table[type], octets.Length + size, out var value))
            return;
        octets.CopyTo(value);
        encoded[..size].CopyTo(value[octets.Length..]);
        Close(_table[type]);
    }

    private void UInt32(AvpDefinition definition, uint? number)
    {
        if (number is not uint value || !TryOpen(definition, sizeof(uint), out var octets))
            return;
        BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        Close(definition);
    }

    private void UInt64(AvpDefinition definition, ulong? number)
    {
        if (number is not ulong value || !TryOpen(definition, sizeof(ulong), out var octets))
            return;
        BinaryPrimitives.WriteUInt64BigEndian(octets, value);
        Close(definition);
    }

    private void Octets(AvpDefinition definition, scoped ReadOnlySpan<byte> octets)
    {
        if (!TryOpen(definition, octets.Length, out var value))
            return;
        octets.CopyTo(value);
        Close(definition);
    }

    private bool TryOpen(AvpDefinition definition, int valueSize, out Span<byte> value) =>
        TryOpen(definition, definition.Mandatory, valueSize, out value);

    /// <summary>Writes an AVP header and returns the room for the value. The caller writes the value and calls Close.</summary>
    private bool TryOpen(AvpDefinition definition, bool mandatory, int valueSize, out Span<byte> value)
    {
        var hide = definition.Hideable && !_hidingKey.IsEmpty;
        if (hide)
            EnsureRandomVector();
        var prefix = hide ? AvpHiding.LengthFieldSize : 0;
        var size = AvpFormat.HeaderSize + prefix + valueSize;
        if (size > AvpFormat.LengthMask || size > _message.Length - Position)
        {
            IsFull = true;
            value = default;
            return false;
        }

        var avp = _message.Slice(Position, size);
        var flags = (mandatory ? AvpFormat.MandatoryBit : 0) | (hide ? AvpFormat.HiddenBit : 0);
        BinaryPrimitives.WriteUInt16BigEndian(avp, (ushort)(flags | size));
        BinaryPrimitives.WriteUInt16BigEndian(avp[2..], definition.VendorId);
        BinaryPrimitives.WriteUInt16BigEndian(avp[4..], definition.Type);
        _subformat = default;
        if (hide)
        {
            _subformat = avp[AvpFormat.HeaderSize..];
            BinaryPrimitives.WriteUInt16BigEndian(_subformat, (ushort)valueSize);
        }

        value = avp[(AvpFormat.HeaderSize + prefix)..];
        Position += size;
        return true;
    }

    private readonly void Close(AvpDefinition definition)
    {
        if (!_subformat.IsEmpty)
            AvpHiding.Encrypt(_subformat, definition.Type, _hidingKey, _randomVector);
    }

    private void EnsureRandomVector()
    {
        if (_hasRandomVector)
            return;
        _hasRandomVector = true;
        Octets(_table[AvpType.RandomVector], _randomVector);
    }
}
