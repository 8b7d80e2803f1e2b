namespace L2tpd.Runtime.Processes;

/// <summary>Takes one line of text; valid during the call only.</summary>
public delegate void LineSink(ReadOnlySpan<char> line);

/// <summary>
/// Cuts a child's output into lines of bounded length: what is longer loses its end. Octets beyond printable ASCII become question marks,
/// so that no terminal or log is taken for a ride.
/// </summary>
public sealed class LineSplitter(LineSink sink)
{
    /// <summary>Longest line, characters.</summary>
    public const int LongestLine = 400;

    private readonly char[] _line = new char[LongestLine];
    private int _length;

    /// <summary>Takes in what was read.</summary>
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

    /// <summary>The output has ended: a last line may lack its end.</summary>
    public void End()
    {
        var length = _length;
        _length = 0;
        if (length > 0)
            sink(_line.AsSpan(0, length));
    }
}
