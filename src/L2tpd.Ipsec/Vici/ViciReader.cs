using System.Buffers.Binary;
using System.Text;

namespace L2tpd.Ipsec.Vici;

/// <summary>Octets to a VICI message. Bounded in depth and in the number of elements, so that no packet costs more than a few MB.</summary>
public ref struct ViciReader
{
    /// <summary>Deepest nesting of sections. strongSwan's own messages have 5.</summary>
    public const int MaxDepth = 16;

    /// <summary>Largest number of elements in one message. An SA has about 60.</summary>
    public const int MaxElements = 65_536;

    private ReadOnlySpan<byte> _rest;
    private List<string>? _list;

    private ViciReader(ReadOnlySpan<byte> octets) => _rest = octets;

    /// <summary>Reads a whole message.</summary>
    /// <param name="octets">The elements.</param>
    /// <param name="message">The root section; empty if there is an error.</param>
    public static ViciDecodeError TryRead(ReadOnlySpan<byte> octets, out ViciSection message)
    {
        var reader = new ViciReader(octets);
        var root = new ViciSection();
        var error = reader.Read(root);
        message = error == ViciDecodeError.None ? root : new ViciSection();
        return error;
    }

    private ViciDecodeError Read(ViciSection root)
    {
        var open = new Stack<ViciSection>();
        open.Push(root);
        for (var count = 0; !_rest.IsEmpty; count++)
        {
            if (count == MaxElements)
                return ViciDecodeError.TooManyElements;
            var type = (ViciElementType)_rest[0];
            _rest = _rest[1..];
            var error = _list is null ? ReadInSection(type, open) : ReadInList(type, _list);
            if (error != ViciDecodeError.None)
                return error;
        }

        return open.Count == 1 && _list is null ? ViciDecodeError.None : ViciDecodeError.UnbalancedSection;
    }

    private ViciDecodeError ReadInSection(ViciElementType type, Stack<ViciSection> open)
    {
        switch (type)
        {
            case ViciElementType.SectionStart:
                return Start(open);
            case ViciElementType.SectionEnd:
                if (open.Count == 1)
                    return ViciDecodeError.UnbalancedSection;
                open.Pop();
                return ViciDecodeError.None;
            case ViciElementType.KeyValue:
                if (!TryName(out var key) || !TryValue(out var value))
                    return ViciDecodeError.Truncated;
                open.Peek().Add(key, value);
                return ViciDecodeError.None;
            case ViciElementType.ListStart:
                if (!TryName(out var name))
                    return ViciDecodeError.Truncated;
                _list = [];
                open.Peek().Add(name, _list);
                return ViciDecodeError.None;
            case ViciElementType.ListItem or ViciElementType.ListEnd:
                return ViciDecodeError.MisplacedElement;
            default:
                return ViciDecodeError.UnknownElementType;
        }
    }

    private ViciDecodeError ReadInList(ViciElementType type, List<string> list)
    {
        if (type == ViciElementType.ListEnd)
        {
            _list = null;
            return ViciDecodeError.None;
        }

        if (type != ViciElementType.ListItem)
        {
            return type is >= ViciElementType.SectionStart and <= ViciElementType.ListEnd
                ? ViciDecodeError.MisplacedElement : ViciDecodeError.UnknownElementType;
        }

        if (!TryValue(out var item))
            return ViciDecodeError.Truncated;
        list.Add(item);
        return ViciDecodeError.None;
    }

    private ViciDecodeError Start(Stack<ViciSection> open)
    {
        if (!TryName(out var name))
            return ViciDecodeError.Truncated;
        if (open.Count > MaxDepth)
            return ViciDecodeError.TooDeep;
        var section = new ViciSection();
        open.Peek().Add(name, section);
        open.Push(section);
        return ViciDecodeError.None;
    }

    private bool TryName(out string name)
    {
        name = "";
        return !_rest.IsEmpty && TryText(1, _rest[0], out name);
    }

    private bool TryValue(out string value)
    {
        value = "";
        return _rest.Length >= 2 && TryText(2, BinaryPrimitives.ReadUInt16BigEndian(_rest), out value);
    }

    private bool TryText(int offset, int length, out string text)
    {
        text = "";
        if (_rest.Length < offset + length)
            return false;
        text = Encoding.UTF8.GetString(_rest.Slice(offset, length));
        _rest = _rest[(offset + length)..];
        return true;
    }
}
