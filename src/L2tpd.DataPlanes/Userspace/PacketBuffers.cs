using L2tpd.Linux.Host;
using L2tpd.Linux.Offload;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>What the interfaces of the data plane share, for the loop looks at one packet at a time. Loop thread only.</summary>
/// <param name="useOffloads">Interfaces and sockets take and give packets joined.</param>
public sealed class PacketBuffers(bool useOffloads)
{
    public bool UseOffloads => useOffloads;

    /// <summary>For a packet just read.</summary>
    public byte[] Read { get; } = new byte[TunTap.LongestRead];

    /// <summary>For packets on their way to an interface.</summary>
    public TcpCoalescer Coalescer { get; } = new();

    /// <summary>What each interface may hand in within a turn.</summary>
    public TurnBudget Budget { get; } = new();

    /// <summary>The turn of the loop is over.</summary>
    public void EndTurn()
    {
        Coalescer.Flush();
        Budget.EndTurn();
    }
}
