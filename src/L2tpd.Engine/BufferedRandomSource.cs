using System.Security.Cryptography;

namespace L2tpd.Engine;

/// <summary>
/// Takes random octets from a slow source in runs. The system's generator takes as long for a kilobyte as for the eight octets of a cookie,
/// more than half a microsecond. What was given out is wiped, so that it cannot be found in the buffer afterwards. For one thread.
/// </summary>
public sealed class BufferedRandomSource(IRandomSource source) : IRandomSource
{
    private readonly byte[] _buffer = new byte[1024];
    private int _left;

    public void Fill(Span<byte> destination)
    {
        if (destination.Length > _buffer.Length)
        {
            source.Fill(destination);
            return;
        }

        if (destination.Length > _left)
        {
            source.Fill(_buffer);
            _left = _buffer.Length;
        }

        var octets = _buffer.AsSpan(_left - destination.Length, destination.Length);
        octets.CopyTo(destination);
        CryptographicOperations.ZeroMemory(octets);
        _left -= destination.Length;
    }
}
