namespace L2tpd.Ppp.Wire;

/// <summary>Walks a list of options <c>type:1 length:1 value</c> (RFC 1661 section 6).</summary>
public ref struct OptionReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Starts before the first option of a list.</summary>
    public OptionReader(ReadOnlySpan<byte> options)
    {
        _rest = options;
        Option = default;
    }

    /// <summary>The current option whole: type, length and value.</summary>
    public ReadOnlySpan<byte> Option { get; private set; }

    /// <summary>The current option's type.</summary>
    public readonly byte Type => Option[0];

    /// <summary>The current option's value.</summary>
    public readonly ReadOnlySpan<byte> Value => Option[2..];

    /// <summary>Whether every option's length is at least 2 and within the list; if not, the whole packet is discarded.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> options)
    {
        while (!options.IsEmpty)
        {
            if (options.Length < 2 || options[1] < 2 || options[1] > options.Length)
                return false;

            options = options[options[1]..];
        }

        return true;
    }

    /// <summary>Goes to the next option; false at the end of the list or where it is malformed.</summary>
    public bool MoveNext()
    {
        if (_rest.Length < 2 || _rest[1] < 2 || _rest[1] > _rest.Length)
            return false;

        Option = _rest[.._rest[1]];
        _rest = _rest[_rest[1]..];
        return true;
    }
}
