namespace L2tpd.Engine.Addressing;

/// <summary>The way between us and a peer: which of the daemon's sockets, our address and theirs.</summary>
/// <param name="Transport">The daemon's number of the socket (a listener, or one opened for a dialled tunnel).</param>
/// <param name="Local">The address the peer spoke to: replies leave from it.</param>
/// <param name="Remote">The peer.</param>
public readonly record struct Path(int Transport, Endpoint Local, Endpoint Remote);

/// <summary>One datagram as it came in.</summary>
public readonly ref struct Datagram(Path path, ReadOnlySpan<byte> bytes)
{
    public Path Path { get; } = path;

    /// <summary>The UDP payload, or the L2TP/IP message without its four zero octets.</summary>
    public ReadOnlySpan<byte> Bytes { get; } = bytes;
}
