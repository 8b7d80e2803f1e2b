using L2tpd.Engine.Addressing;
using L2tpd.Protocol.Data;

namespace L2tpd.Runtime.Sockets;

/// <summary>Takes data messages from the daemon's own sockets. Loop thread only.</summary>
public interface IDataMessages
{
    /// <summary>Takes one data message: a datagram whose T bit is clear, or an L2TP/IP packet whose Session ID is not 0.</summary>
    /// <param name="carrier">UDP or IP protocol 115.</param>
    /// <param name="source">The sender; port 0 over IP.</param>
    /// <param name="packet">The packet from the flag word or the Session ID on; valid during the call.</param>
    /// <returns><c>false</c> if it belongs to no session.</returns>
    bool TryReceive(DataCarrier carrier, in Endpoint source, ReadOnlySpan<byte> packet);

    /// <summary>Sends what is queued, at the end of a turn of the loop.</summary>
    void Flush();
}
