using L2tpd.Linux.Sockets;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>Data messages on their way to one socket, and whose they are.</summary>
public sealed class DataBatch : IDisposable
{
    private readonly UserspaceSession?[] _sessions = new UserspaceSession?[SendBatch.MaximumCapacity];

    public SendBatch Datagrams { get; } = new(SendBatch.MaximumCapacity, UserspaceDataPlane.LongestPacket);

    public void Add(UserspaceSession session, in SockAddr destination, in SockAddr source, int length, bool isJoinable)
    {
        _sessions[Datagrams.Count] = session;
        Datagrams.Commit(destination, source, source.ScopeId, length, isJoinable);
    }

    /// <summary>Tells the sessions of datagrams that were refused, and empties the batch.</summary>
    public void Clear()
    {
        for (var i = 0; Datagrams.Failed > 0 && i < Datagrams.Count; i++)
        {
            if (Datagrams.ErrorOf(i) != 0)
                _sessions[i]!.CountRefused(Datagrams.Payload(i).Length);
        }
        // What was queued and not even tried, the socket being closed, is left counted: it is lost as on a wire.
        Array.Clear(_sessions, 0, Datagrams.Count);
        Datagrams.Clear();
    }

    public void Dispose() => Datagrams.Dispose();
}
