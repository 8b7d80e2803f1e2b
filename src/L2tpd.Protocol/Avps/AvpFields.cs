using System.Buffers.Binary;
using System.Text;
using L2tpd.Protocol.Hiding;

namespace L2tpd.Protocol.Avps;

/// <summary>
/// The recognised and valid AVPs of one message, by type: the first of each. Collecting them applies the rules for unknown and malformed
/// AVPs (RFC 2661 section 4.1, RFC 3931 section 5.2); the typed getters cannot fail after that.
/// </summary>
internal ref struct AvpFields
{
    // A slot is 0 if the AVP is absent, Unusable, or: unhidden flag (1) | value offset (21) | value length (10).
    private const uint Unusable = 1;
    private const uint InScratch = 0x8000_0000;
    private const int LengthBits = 10;
    private const uint LengthBitsMask = (1 << LengthBits) - 1;

    private readonly ReadOnlySpan<byte> _message;
    private readonly AvpTable _table;
    private readonly Span<uint> _slots;
    private readonly Span<byte> _scratch;
    private int _scratchUsed;
    private ReadOnlySpan<byte> _randomVector;
    private bool _hasRandomVector;

    /// <param name="message">The message, from its flag word to its Length.</param>
    /// <param name="table">The version's AVPs.</param>
    /// <param name="slots"><see cref="AvpTable.SlotCount"/> zeroes.</param>
    /// <param name="scratch">Room for unhidden values: as many octets as the message has, or none without a hiding key.</param>
    public AvpFields(ReadOnlySpan<byte> message, AvpTable table, Span<uint> slots, Span<byte> scratch)
    {
        _message = message;
        _table = table;
        _slots = slots;
        _scratch = scratch;
    }

    /// <summary>The first error that makes the message unusable.</summary>
    public DecodeError Error { get; private set; }

    /// <summary>Number of AVPs that were ignored.</summary>
    public int Ignored { get; private set; }

    /// <summary>Number of hidden AVPs.</summary>
    public int Hidden { get; private set; }

    /// <summary>Number of those that could not be read, or had a length that their type cannot have.</summary>
    public int Unreadable { get; private set; }

    /// <summary>Reads all AVPs. It continues after an error, so that later ids are still found.</summary>
    /// <param name="rules">The treatment of unusable AVPs in this message.</param>
    /// <param name="hidingKey"><c>null</c> if hidden AVPs cannot be read.</param>
    public void Collect(in AvpRules rules, byte[]? hidingKey)
    {
        var reader = new AvpReader(_message);
        while (reader.TryRead(out var avp))
        {
            var problem = Accept(avp, rules, hidingKey, out var definition);
            if (avp.IsHidden)
                CountHidden(problem);
            if (problem == DecodeErrorKind.None)
                continue;
            if (avp.IsMandatory && !rules.Tolerates(problem) && definition is not { MalformedIsIgnored: true })
                Fail(new DecodeError(problem, avp.Offset, avp.VendorId, avp.Type));
            else
                Ignore(definition, rules);
        }

        if (reader.IsBroken)
            Fail(new DecodeError(DecodeErrorKind.BadAvpLength, reader.Position));
    }

    /// <summary>Records that a required AVP is absent, unless there is an error already.</summary>
    public void Require(AvpType[] types)
    {
        foreach (var type in types)
        {
            if (_slots[(int)type] == 0)
                Fail(new DecodeError(DecodeErrorKind.MissingAvp, _message.Length, AvpFormat.IetfVendor, (ushort)type));
        }
    }

    public readonly bool Has(AvpType type) => _slots[(int)type] > Unusable;

    public readonly ushort UInt16(AvpType type) => Has(type) ? BinaryPrimitives.ReadUInt16BigEndian(Value(type)) : (ushort)0;

    public readonly ushort? OptionalUInt16(AvpType type) => Has(type) ? UInt16(type) : null;

    public readonly uint UInt32(AvpType type) => Has(type) ? BinaryPrimitives.ReadUInt32BigEndian(Value(type)) : 0;

    public readonly uint? OptionalUInt32(AvpType type) => Has(type) ? UInt32(type) : null;

    public readonly uint? OptionalUInt32(AdslForumAvpType type)
    {
        var value = Value(type);
        return value.IsEmpty ? null : BinaryPrimitives.ReadUInt32BigEndian(value);
    }

    public readonly ulong? OptionalUInt64(AvpType type) => Has(type) ? BinaryPrimitives.ReadUInt64BigEndian(Value(type)) : null;

    public readonly ulong? OptionalUInt64(AdslForumAvpType type)
    {
        var value = Value(type);
        return value.IsEmpty ? null : BinaryPrimitives.ReadUInt64BigEndian(value);
    }

    public readonly byte[]? Octets(AvpType type) => Has(type) ? Value(type).ToArray() : null;

    public readonly byte[]? Octets(AdslForumAvpType type)
    {
        var value = Value(type);
        return value.IsEmpty ? null : value.ToArray();
    }

    /// <summary>Text without a defined character set: Latin-1 loses no octet.</summary>
    public readonly string? Latin1(AvpType type) => Has(type) ? Encoding.Latin1.GetString(Value(type)) : null;

    /// <summary>UTF-8 text; invalid sequences are replaced.</summary>
    public readonly string? Utf8(AvpType type) => Has(type) ? Encoding.UTF8.GetString(Value(type)) : null;

    public readonly bool HasAdslForum()
    {
        for (var slot = AvpTable.AdslForumSlot((ushort)AdslForumAvpType.AgentCircuitId); slot < AvpTable.SlotCount; slot++)
        {
            if (_slots[slot] > Unusable)
                return true;
        }

        return false;
    }

    /// <summary>The value of an AVP, empty if it is absent.</summary>
    public readonly ReadOnlySpan<byte> Value(AvpType type) => ValueAt((int)type);

    public readonly ReadOnlySpan<byte> Value(AdslForumAvpType type) => ValueAt(AvpTable.AdslForumSlot((ushort)type));

    /// <summary>All valid AVPs of a type that may occur more than once and is never hidden.</summary>
    public readonly AvpRepeats All(AvpType type) => new(_message, _table[type]);

    private readonly ReadOnlySpan<byte> ValueAt(int slot)
    {
        var at = _slots[slot];
        if (at <= Unusable)
            return default;
        var source = (at & InScratch) != 0 ? _scratch : _message;
        return source.Slice((int)((at & ~InScratch) >> LengthBits), (int)(at & LengthBitsMask));
    }

    private DecodeErrorKind Accept(scoped in Avp avp, in AvpRules rules, byte[]? hidingKey, out AvpDefinition? definition)
    {
        definition = avp.HasReservedBits && rules.ReservedBitsMakeUnrecognised ? null : _table.Find(avp.VendorId, avp.Type);
        if (definition is null)
            return DecodeErrorKind.UnknownMandatoryAvp;
        var value = avp.Value;
        uint source = 0;
        var offset = avp.Offset + AvpFormat.HeaderSize;
        if (avp.IsHidden)
        {
            if (!TryUnhide(avp, hidingKey, out value, out offset))
                return DecodeErrorKind.CannotUnhide;
            source = InScratch;
        }

        if (!definition.Length.Allows(value.Length))
            return DecodeErrorKind.BadValueLength;
        if (avp.Is(AvpType.ExtendedVendorId))
            return AcceptExtended(value, source, offset);
        if (definition.NonZero && !rules.ZeroIdsAreFine && !value.ContainsAnyExcept((byte)0))
            return DecodeErrorKind.BadValue;
        if (avp.Is(AvpType.RandomVector))
        {
            _randomVector = value;
            _hasRandomVector = true;
        }

        Keep(definition, value.Length, source, offset);
        return DecodeErrorKind.None;
    }

    /// <summary>An AVP of a vendor with a 32-bit id, wrapped in AVP 58 (RFC 3931 section 5.4.1): vendor (4), type (2), value.</summary>
    private readonly DecodeErrorKind AcceptExtended(ReadOnlySpan<byte> wrapped, uint source, int offset)
    {
        const int WrapperSize = 6;
        var vendor = BinaryPrimitives.ReadUInt32BigEndian(wrapped);
        var type = BinaryPrimitives.ReadUInt16BigEndian(wrapped[4..]);
        var inner = vendor is AvpFormat.IetfVendor or > ushort.MaxValue ? null : _table.Find((ushort)vendor, type);
        if (inner is null)
            return DecodeErrorKind.UnknownMandatoryAvp;
        var length = wrapped.Length - WrapperSize;
        if (!inner.Length.Allows(length))
            return DecodeErrorKind.BadValueLength;
        Keep(inner, length, source, offset + WrapperSize);
        return DecodeErrorKind.None;
    }

    private readonly void Keep(AvpDefinition definition, int length, uint source, int offset)
    {
        ref var slot = ref _slots[definition.Slot];
        if (slot <= Unusable)
            slot = source | ((uint)offset << LengthBits) | (uint)length;
    }

    private bool TryUnhide(scoped in Avp avp, byte[]? hidingKey, out ReadOnlySpan<byte> value, out int offset)
    {
        value = default;
        offset = 0;
        // A Random Vector cannot be hidden by another one, and the members of a list are read from the message itself.
        if (hidingKey is null || !_hasRandomVector || avp.Is(AvpType.RandomVector) || avp.Is(AvpType.FailoverSessionState))
            return false;
        var room = _scratch[_scratchUsed..];
        if (!AvpHiding.TryUnhide(avp.Value, avp.Type, hidingKey, _randomVector, room, out var clear))
            return false;
        value = clear;
        offset = _scratchUsed + AvpHiding.LengthFieldSize;
        _scratchUsed += avp.Value.Length;
        return true;
    }

    private void CountHidden(DecodeErrorKind problem)
    {
        Hidden++;
        if (problem is DecodeErrorKind.CannotUnhide or DecodeErrorKind.BadValueLength)
            Unreadable++;
    }

    private void Ignore(AvpDefinition? definition, in AvpRules rules)
    {
        Ignored++;
        // A required AVP of a StopCCN or CDN that cannot be read counts as present, with the value 0.
        if (rules.IsTeardown && definition is not null && _slots[definition.Slot] == 0)
            _slots[definition.Slot] = Unusable;
    }

    private void Fail(DecodeError error)
    {
        if (Error.Kind == DecodeErrorKind.None)
            Error = error;
    }
}

/// <summary>The treatment of unusable AVPs in a message.</summary>
/// <param name="ReservedBitsMakeUnrecognised">v2: an AVP with a reserved header bit set counts as unknown.</param>
/// <param name="IgnoreUnknown">Unknown AVPs never count as mandatory (a quirk of the peer).</param>
/// <param name="IsTeardown">StopCCN and CDN: the tunnel or session ends whatever else the message contains. Ids may be 0, for a refusal
/// before an id was assigned.</param>
internal readonly record struct AvpRules(bool ReservedBitsMakeUnrecognised, bool IgnoreUnknown, bool IsTeardown)
{
    public bool ZeroIdsAreFine => IsTeardown;

    public bool Tolerates(DecodeErrorKind problem) => IsTeardown || (IgnoreUnknown && problem == DecodeErrorKind.UnknownMandatoryAvp);
}

/// <summary>All valid AVPs of one type.</summary>
internal ref struct AvpRepeats(ReadOnlySpan<byte> message, AvpDefinition definition)
{
    private AvpReader _reader = new(message);

    public bool TryRead(out ReadOnlySpan<byte> value)
    {
        while (_reader.TryRead(out var avp))
        {
            value = avp.Value;
            if (avp.VendorId == definition.VendorId && avp.Type == definition.Type && !avp.IsHidden
                && definition.Length.Allows(value.Length))
            {
                return true;
            }
        }

        value = default;
        return false;
    }
}
