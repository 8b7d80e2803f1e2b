using System.Buffers.Binary;
using L2tpd.Engine.Addressing;
using L2tpd.Linux.Sockets;
using L2tpd.Runtime.Loop;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Runtime.Sockets;

/// <summary>Takes L2TP/IP data messages from raw sockets, for a userspace data plane. Loop thread only.</summary>
public interface IIpDataHandler
{
    /// <summary>Takes a data message.</summary>
    /// <param name="path">The addresses it was received with.</param>
    /// <param name="owner">The tunnel whose own socket received it, none for a listener. Two sockets may each receive a copy; only the
    /// owner's copy counts.</param>
    /// <param name="packet">The packet from the session id on, which is not 0; valid during the call.</param>
    void OnData(in Path path, TunnelKey owner, ReadOnlySpan<byte> packet);
}

/// <summary>
/// Separates the messages of a raw socket of IP protocol 115: control messages go to the engine without their four zero octets, data
/// messages to the data plane.
/// </summary>
public sealed class IpMessages(EngineLoop engine)
{
    /// <summary>Octets of the session id before every message of a raw socket (RFC 3931 section 4.1.2).</summary>
    public const int SessionIdSize = 4;

    /// <summary>Takes data messages; <c>null</c> if they are dropped.</summary>
    public IIpDataHandler? Data { get; set; }

    /// <summary>Delivers a received batch.</summary>
    public void Deliver(Transport transport, ReceiveBatch batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            if (batch.IsTruncated(i))
                continue;
            var destination = batch.Destination(i);
            var path = new Path(
                transport.Number, destination.IsNone ? transport.Local
                    : destination.ToEndpointOverIp(), transport.RemoteOf(batch.Source(i)));
            if (transport.Socket is RawL2tpSocket raw)
                DeliverRaw(transport, path, raw.Contents(batch.Payload(i)));
            else
                engine.DeliverOne(new Datagram(path, batch.Payload(i)));
        }
    }

    private void DeliverRaw(Transport transport, in Path path, ReadOnlySpan<byte> packet)
    {
        if (packet.Length <= SessionIdSize)
            return;
        if (BinaryPrimitives.ReadUInt32BigEndian(packet) != 0)
            Data?.OnData(path, transport.Owner, packet);
        else if (IsFor(transport, packet[SessionIdSize..]))
            engine.DeliverOne(new Datagram(path, packet[SessionIdSize..]));
    }

    /// <summary>
    /// A tunnel's own raw socket also receives the messages of its peer to other tunnels. Their own sockets receive them as well, so they
    /// are ignored here.
    /// </summary>
    private static bool IsFor(Transport transport, ReadOnlySpan<byte> message) =>
        transport.Owner.IsNone
        || (message.Length >= ConnectionIdEnd
            && BinaryPrimitives.ReadUInt32BigEndian(message[(ConnectionIdEnd - sizeof(uint))..]) == transport.Owner.LocalId.Value);

    private const int ConnectionIdEnd = 8;
}
