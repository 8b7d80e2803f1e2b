namespace L2tpd.Runtime.Processes;

/// <summary>Takes one line of text. The span is valid during the call only.</summary>
public delegate void LineSink(ReadOnlySpan<char> line);

/// <summary>
/// Splits a child's output into lines of bounded length and drops the rest of a longer line. Octets that are not printable ASCII become
/// question marks, so that no escape sequence reaches a terminal or the log.
/// </summary>
public sealed class LineSplitter(LineSink sink)
{
    /// <summary>Longest line, characters.</summary>
    public const int LongestLine = 400;

    private readonly char[] _line = new char[LongestLine];
    private int _length;

    /// <summary>Adds the octets that were read.</summary>
    public void Add(ReadOnlySpan<byte> octets)
    {
        foreach (var octet in octets)
        {
            if (octet == (byte)'\n')
                End();
            else if (_length < LongestLine && octet != (byte)'\r')
                _line[_length++] = octet is >= 0x20 and < 0x7f ? (char)octet : octet == (byte)'\t' ? ' ' : '?';
        }
    }

    /// <summary>Ends the output; a last line without a newline is delivered.</summary>
    public void End()
    {
        var length = _length;
        _length = 0;
        if (length > 0)
            sink(_line.AsSpan(0, length));
    }
}
