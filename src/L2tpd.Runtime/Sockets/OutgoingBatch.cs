using L2tpd.Engine.Addressing;
using L2tpd.Linux.Sockets;

namespace L2tpd.Runtime.Sockets;

/// <summary>Datagrams queued for one socket, each with its tunnel.</summary>
internal sealed class OutgoingBatch : IDisposable
{
    private readonly TunnelKey[] _tunnels = new TunnelKey[SendBatch.MaximumCapacity];

    public SendBatch Datagrams { get; } = new();

    public TunnelKey TunnelOf(int index) => _tunnels[index];

    /// <summary>Returns <c>false</c> if the batch is full or the datagram is too long.</summary>
    public bool TryAdd(TunnelKey tunnel, in SockAddr destination, in SockAddr source, uint mark, ReadOnlySpan<byte> datagram)
    {
        var index = Datagrams.Count;
        if (!Datagrams.TryAdd(destination, source, source.ScopeId, datagram, mark))
            return false;
        _tunnels[index] = tunnel;
        return true;
    }

    public void Dispose() => Datagrams.Dispose();
}
