using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace L2tpd.TestKit;

/// <summary>
/// An off-path attacker: sends UDP datagrams over IPv4 with any source address and port, from a raw socket in a network namespace of the
/// test's own. It cannot read answers. Needs root.
/// </summary>
internal sealed class ForgedSources : IDisposable
{
    private const int HeaderSize = 28;

    private readonly Socket _socket;
    private readonly byte[] _packet = new byte[2_048];

    public ForgedSources(string networkNamespace)
    {
        // IPPROTO_RAW: the IP header is ours; the kernel fills in its checksum and identification.
        _socket = NetworkNamespace.Make(networkNamespace, static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw));
        _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
        _socket.SendBufferSize = 4 << 20;
    }

    /// <summary>Sends one datagram; the UDP checksum is left out, as IPv4 allows.</summary>
    /// <param name="payload">At most 2,020 octets.</param>
    public void Send(IPEndPoint source, IPEndPoint target, ReadOnlySpan<byte> payload)
    {
        var packet = _packet.AsSpan(0, HeaderSize + payload.Length);
        packet[..HeaderSize].Clear();
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = 17;
        source.Address.TryWriteBytes(packet[12..], out _);
        target.Address.TryWriteBytes(packet[16..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(packet[20..], (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(packet[22..], (ushort)target.Port);
        BinaryPrimitives.WriteUInt16BigEndian(packet[24..], (ushort)(8 + payload.Length));
        payload.CopyTo(packet[HeaderSize..]);
        _socket.SendTo(packet, new IPEndPoint(target.Address, 0));
    }

    public void Dispose() => _socket.Dispose();
}
