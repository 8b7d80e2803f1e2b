using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using L2tpd.Linux.Host;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Sockets;

namespace L2tpd.Bench;

/// <summary>
/// The ceiling: frames from TAP to UDP and back with nothing between but four octets that say which TAP. Runtime, loop, batch sizes and
/// socket buffers are l2tpd's.
/// </summary>
internal sealed class CopyProgram : ILoopClient, IReadinessHandler, IDisposable
{
    private const int Prefix = 4;
    private const int Batch = 64;
    private const int LongestPacket = 9_728;

    private readonly EventLoop _events = new();
    private readonly UdpSocket _socket;
    private readonly ReceiveBatch _received = new(Batch, LongestPacket);
    private readonly SendBatch _sending = new(Batch, LongestPacket);
    private readonly List<TapReader> _taps = [];

    /// <param name="local">Address to bind, port 5000.</param>
    /// <param name="remote">The other one's.</param>
    /// <param name="count">TAPs, named copy0 and on.</param>
    public CopyProgram(IPAddress local, IPAddress remote, int count)
    {
        _socket = UdpSocket.Open(new UdpSocketOptions
        {
            Local = SockAddr.From(local, 5000), Remote = SockAddr.From(remote, 5000), ReceiveBuffer = 8 << 20, SendBuffer = 8 << 20,
        });
        _events.Register(_socket.Descriptor, Readiness.Readable, this);
        for (var i = 0; i < count; i++)
        {
            TunTap.TryOpen(string.Create(CultureInfo.InvariantCulture, $"copy{i}"), tap: true, offloads: false, out var tap).ThrowIfError();
            var reader = new TapReader(this, tap!, i);
            _taps.Add(reader);
            _events.Register(tap!.Descriptor, Readiness.Readable, reader);
        }
    }

    public long NextDeadline => long.MaxValue;

    public void Run()
    {
        Console.WriteLine("ready");
        _events.Run(this);
    }

    public void OnReady(Readiness readiness)
    {
        if (_socket.Receive(_received) <= 0)
            return;
        for (var i = 0; i < _received.Count; i++)
        {
            var packet = _received.Payload(i);
            var index = BinaryPrimitives.ReadInt32BigEndian(packet);
            if (index < _taps.Count)
                _ = _taps[index].Tap.Write(default, packet[Prefix..]);
        }
    }

    public void OnTurn(long nowMilliseconds) => Flush();

    public void Dispose()
    {
        foreach (var tap in _taps)
            tap.Tap.Dispose();
        _received.Dispose();
        _sending.Dispose();
        _socket.Dispose();
        _events.Dispose();
    }

    private void Flush()
    {
        // What the socket does not take is lost, as l2tpd would keep it: in these runs the buffers are never full.
        _socket.Send(_sending);
        _sending.Clear();
    }

    private sealed class TapReader(CopyProgram program, TunTap tap, int index) : IReadinessHandler
    {
        public TunTap Tap => tap;

        public void OnReady(Readiness readiness)
        {
            for (var i = 0; i < Batch; i++)
            {
                if (program._sending.IsFull)
                    program.Flush();
                var slot = program._sending.Reserve();
                var count = tap.Read(slot[Prefix..]);
                if (count <= 0)
                    return;
                BinaryPrimitives.WriteInt32BigEndian(slot, index);
                program._sending.Commit(SockAddr.None, SockAddr.None, 0, Prefix + count);
            }
        }
    }
}
