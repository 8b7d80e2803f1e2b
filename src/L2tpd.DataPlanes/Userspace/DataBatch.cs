using L2tpd.Linux.Sockets;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>Data messages queued for one socket, with the session of each.</summary>
public sealed class DataBatch : IDisposable
{
    private readonly UserspaceSession?[] _sessions = new UserspaceSession?[SendBatch.MaximumCapacity];

    public SendBatch Datagrams { get; } = new(SendBatch.MaximumCapacity, UserspaceDataPlane.LongestPacket);

    public void Add(UserspaceSession session, in SockAddr destination, in SockAddr source, uint mark, int length, bool isJoinable)
    {
        _sessions[Datagrams.Count] = session;
        Datagrams.Commit(destination, source, source.ScopeId, length, isJoinable, mark);
    }

    /// <summary>Reports refused datagrams to their sessions, and empties the batch.</summary>
    public void Clear()
    {
        for (var i = 0; Datagrams.Failed > 0 && i < Datagrams.Count; i++)
        {
            if (Datagrams.ErrorOf(i) != 0)
                _sessions[i]!.CountRefused(Datagrams.Payload(i).Length);
        }
        // Datagrams that were queued but not tried because the socket was closed stay counted as sent: they are lost as on a wire.
        Array.Clear(_sessions, 0, Datagrams.Count);
        Datagrams.Clear();
    }

    public void Dispose() => Datagrams.Dispose();
}
