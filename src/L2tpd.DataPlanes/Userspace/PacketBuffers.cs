using L2tpd.Linux.Host;
using L2tpd.Linux.Offload;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>Buffers that all interfaces of the data plane share, because the loop handles one packet at a time. Loop thread only.</summary>
/// <param name="useOffloads">Whether interfaces and sockets take and give joined packets.</param>
public sealed class PacketBuffers(bool useOffloads)
{
    public bool UseOffloads => useOffloads;

    /// <summary>Buffer for a packet that was just read.</summary>
    public byte[] Read { get; } = new byte[TunTap.LongestRead];

    /// <summary>Joins packets on their way to an interface.</summary>
    public TcpCoalescer Coalescer { get; } = new();

    /// <summary>Limits the packets that each interface may deliver per turn.</summary>
    public TurnBudget Budget { get; } = new();

    /// <summary>To be called at the end of a turn of the loop.</summary>
    public void EndTurn()
    {
        Coalescer.Flush();
        Budget.EndTurn();
    }
}
