using L2tpd.Engine.Addressing;
using L2tpd.Protocol.Data;

namespace L2tpd.Runtime.Sockets;

/// <summary>Takes data messages off the daemon's own sockets. Loop thread only.</summary>
public interface IDataMessages
{
    /// <summary>One data message: a datagram whose T bit is clear, or an L2TP/IP packet whose Session ID is not 0.</summary>
    /// <param name="carrier">What it came by.</param>
    /// <param name="source">Who sent it; port 0 over IP.</param>
    /// <param name="packet">From the flag word or the Session ID on; valid during the call.</param>
    /// <returns>False: it belongs to no session.</returns>
    bool TryReceive(DataCarrier carrier, in Endpoint source, ReadOnlySpan<byte> packet);

    /// <summary>End of a turn of the loop: what was queued to send is sent.</summary>
    void Flush();
}
