using L2tpd.Linux.Offload;
using L2tpd.Unit.Tests.Engine;

namespace L2tpd.Unit.Tests.Linux.Offload;

/// <summary>Segments on their way to a device, joined only if the receiver cannot see the difference.</summary>
public sealed class TcpCoalescerTests
{
    private static readonly byte[] Ethernet4 = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];

    private readonly TcpCoalescer _coalescer = new();
    private readonly Device _device = new(isEthernet: false);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Segments_that_follow_each_other_are_one_write(bool ipv6)
    {
        var segments = Run(ipv6, count: 40, size: 1_348);
        foreach (var segment in segments)
            _coalescer.Write(_device, segment);
        Assert.Empty(_device.Writes);
        _coalescer.Flush();
        Assert.Single(_device.Writes);
        Assert.Equal(segments, _device.Segments());
    }

    [Fact]
    public void A_run_is_no_longer_than_a_packet_can_be()
    {
        var segments = Run(false, count: 100, size: 1_400);
        foreach (var segment in segments)
            _coalescer.Write(_device, segment);
        _coalescer.Flush();
        Assert.Equal(3, _device.Writes.Count);
        Assert.All(_device.Writes, write => Assert.True(write.Packet.Length <= 65_535));
        Assert.Equal(segments, _device.Segments());
    }

    [Fact]
    public void Push_and_a_short_segment_end_a_run_at_once()
    {
        var pushed = TcpPackets.Make(false, new byte[100], 1100, TcpPackets.Ack | TcpPackets.Push, id: 8);
        _coalescer.Write(_device, TcpPackets.Make(false, new byte[100]));
        _coalescer.Write(_device, pushed);
        Assert.Single(_device.Writes);
        _coalescer.Write(_device, TcpPackets.Make(false, new byte[100]));
        _coalescer.Write(_device, TcpPackets.Make(false, new byte[50], 1100, id: 8));
        Assert.Equal(2, _device.Writes.Count);
        Assert.Equal(pushed, _device.Segments()[1]);
    }

    public static TheoryData<string> Breaks =>
        ["sequence", "port", "id", "longer", "flags", "corrupt payload", "corrupt header", "acknowledgement"];

    [Theory]
    [MemberData(nameof(Breaks))]
    public void What_does_not_follow_is_not_joined(string what)
    {
        var first = TcpPackets.Make(false, new byte[100]);
        var second = what switch
        {
            "sequence" => TcpPackets.Make(false, new byte[100], 1101, id: 8),
            "port" => TcpPackets.Make(false, new byte[100], 1100, id: 8, port: 4001),
            "id" => TcpPackets.Make(false, new byte[100], 1100, id: 9),
            "longer" => TcpPackets.Make(false, new byte[101], 1100, id: 8),
            "flags" => TcpPackets.Make(false, new byte[100], 1100, TcpPackets.Ack | TcpPackets.Fin, id: 8),
            "acknowledgement" => TcpPackets.Make(false, [], 1100, id: 8),
            _ => TcpPackets.Make(false, new byte[100], 1100, id: 8),
        };
        if (what == "corrupt payload")
            second[^1] ^= 1;
        if (what == "corrupt header")
            second[8] ^= 1;
        _coalescer.Write(_device, first);
        _coalescer.Write(_device, second);
        _coalescer.Flush();
        Assert.Equal(2, _device.Writes.Count);
        Assert.Equal([first, second], _device.Segments());
        // Unchanged, with nothing left to the kernel: a wrong checksum stays wrong.
        Assert.All(_device.Writes, write => Assert.Equal(new byte[10], write.Header));
    }

    [Fact]
    public void Many_flows_and_devices_keep_their_order_and_every_octet() => Seeds.ForEach(20, Mix);

    [Fact]
    public void A_device_without_offloads_gets_every_packet_at_once()
    {
        var plain = new Device(false) { HasOffloads = false };
        foreach (var segment in Run(false, 3, 100))
            _coalescer.Write(plain, segment);
        Assert.Equal(3, plain.Writes.Count);
        Assert.All(plain.Writes, write => Assert.Empty(write.Header));
    }

    [Fact]
    public void A_refused_write_is_told_once_and_a_forgotten_device_gets_nothing()
    {
        var refused = 0;
        _device.Answer = 5;
        foreach (var segment in Run(false, 3, 100))
            _coalescer.Write(_device, segment, () => refused++);
        _coalescer.Flush();
        Assert.Equal(1, refused);
        var other = new Device(false);
        _coalescer.Write(other, TcpPackets.Make(false, new byte[100]));
        _coalescer.Forget(other);
        _coalescer.Flush();
        Assert.Empty(other.Writes);
    }

    private static List<byte[]> Run(bool ipv6, int count, int size) =>
    [
        .. Enumerable.Range(0, count).Select(i => TcpPackets.Make(
            ipv6, TcpPackets.Octets(new Random(i), size), (uint)(uint.MaxValue - 3_000 + (i * size)), id: (ushort)(65_530 + i))),
    ];

    private void Mix(ulong seed)
    {
        var random = new Random((int)seed);
        Device[] devices = [new(false), new(true), new(false)];
        var given = devices.Select(static _ => new List<byte[]>()).ToArray();
        var next = new uint[devices.Length * 2];
        var ids = new ushort[devices.Length * 2];
        for (var round = 0; round < 300; round++)
        {
            var device = random.Next(devices.Length);
            var flow = random.Next(2);
            var state = (device * 2) + flow;
            for (var burst = random.Next(1, 12); burst > 0; burst--)
            {
                var size = random.Next(4) == 0 ? random.Next(1, 500) : 500;
                var flags = (byte)(TcpPackets.Ack | (random.Next(10) == 0 ? TcpPackets.Push : 0));
                var packet = TcpPackets.Make(
                    flow == 1, TcpPackets.Octets(random, size), next[state], flags, ids[state]++, (ushort)(1000 + flow),
                    link: devices[device].IsEthernet ? [.. Ethernet4[..12], .. flow == 1 ? new byte[] { 0x86, 0xdd } : [8, 0]] : null);
                next[state] += (uint)size;
                if (random.Next(20) == 0)
                    packet[random.Next(packet.Length)] ^= (byte)random.Next(1, 256);
                given[device].Add(packet);
                _coalescer.Write(devices[device], packet);
            }

            if (random.Next(3) == 0)
                _coalescer.Flush();
        }

        _coalescer.Flush();
        var writes = devices.Sum(static device => device.Writes.Count);
        Assert.True(writes < given.Sum(static list => list.Count) * 3 / 4, $"{writes} writes joined too little");
        for (var i = 0; i < devices.Length; i++)
        {
            var got = devices[i].Segments();
            Assert.True(given[i].Count == got.Count, $"device {i} got {got.Count} of {given[i].Count}");
            for (var j = 0; j < got.Count; j++)
                Assert.True(given[i][j].AsSpan().SequenceEqual(got[j]), $"device {i}, packet {j}");
        }
    }

    private sealed class Device(bool isEthernet) : IOffloadDevice
    {
        public List<(byte[] Header, byte[] Packet)> Writes { get; } = [];

        public int Answer { get; set; }

        public bool HasOffloads { get; init; } = true;

        public bool IsEthernet => isEthernet;

        public int Write(ReadOnlySpan<byte> header, ReadOnlySpan<byte> packet)
        {
            Writes.Add((header.ToArray(), packet.ToArray()));
            return Answer;
        }

        /// <summary>The written packets, segmented again as the kernel would do it.</summary>
        public List<byte[]> Segments()
        {
            var segments = new List<byte[]>();
            foreach (var (header, packet) in Writes)
            {
                Assert.True(SegmentedPacket.TryParse([.. header, .. packet], isEthernet, out var run));
                for (var i = 0; i < run.Count; i++)
                {
                    var segment = new byte[run.LengthOf(i)];
                    run.Write(i, segment);
                    segments.Add(segment);
                }
            }

            return segments;
        }
    }
}
