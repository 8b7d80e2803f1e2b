using System.Buffers.Binary;
using System.Net;
using System.Numerics;
using L2tpd.Access;
using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Fuzz.Tests.Ppp;

/// <summary>
/// Files of the accounting spool with any content, with checksums that are right and wrong: nothing throws, reading ends, and what is
/// replayed of it are whole packets.
/// </summary>
public sealed class SpoolFuzzTests(ITestOutputHelper output) : ISpoolObserver
{
    [Fact]
    public void Any_file_is_read_to_an_end_and_replayed_as_whole_packets()
    {
        var (read, sent) = (0, 0);
        Seeds.ForEach(60, TimeSpan.FromSeconds(1), output.WriteLine, seed =>
        {
            var random = new SeededRandom(seed);
            var rig = new Rig(random, this);
            var file = Mutate(random, [.. Enumerable.Range(0, 20).SelectMany(_ => Frame(random))]);
            read += rig.Recover(file);
            rig.Replay();
            sent += rig.Sent;
        });
        Assert.True(Seeds.IsReplay || (read > 200 && sent > 200), $"the draws test nothing: {read} read, {sent} sent");
    }

    void ISpoolObserver.OnSpoolFilling()
    {
    }

    void ISpoolObserver.OnSpoolEmpty(long delivered)
    {
    }

    void ISpoolObserver.OnSpoolError(string error)
    {
    }

    void ISpoolObserver.OnRecordsLost(long count, string why)
    {
    }

    private static byte[] Frame(SeededRandom random)
    {
        var attributes = new byte[random.Chance(0.9) ? random.Below(300) : random.Below(4_076)];
        random.Fill(attributes);
        // Lengths that are possible, now and then.
        for (var at = 1; at < attributes.Length && random.Chance(0.9); at += attributes[at])
            attributes[at] = (byte)(2 + random.Below(random.Chance(0.5) ? 10 : 254));
        var frame = SpoolFrame.Write(new SpoolRecord(
            (AccountingStatus)random.Below(20), (uint)random.Next(), $"s{random.Below(9)}", random.Chance(0.5) ? "main" : "", attributes));
        if (random.Chance(0.3))
            return WithChecksum(frame, random);
        return frame;
    }

    /// <summary>A frame that somebody changed who knows the format.</summary>
    private static byte[] WithChecksum(byte[] frame, SeededRandom random)
    {
        frame[SpoolFrame.HeaderSize + random.Below(Math.Min(frame.Length - SpoolFrame.HeaderSize, 20))] = (byte)random.Next();
        var crc = uint.MaxValue;
        foreach (var octet in frame.AsSpan(1, 4))
            crc = BitOperations.Crc32C(crc, octet);
        foreach (var octet in frame.AsSpan(SpoolFrame.HeaderSize))
            crc = BitOperations.Crc32C(crc, octet);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(5), ~crc);
        return frame;
    }

    private static byte[] Mutate(SeededRandom random, byte[] file)
    {
        // The rest of a damaged file is not read: damage is near the end, and not always there.
        if (random.Chance(0.3))
            file[file.Length - 1 - random.Below(file.Length / 2)] ^= (byte)(1 << random.Below(8));
        return random.Chance(0.3) ? file[..^random.Below(file.Length / 2)] : file;
    }

    private sealed class Rig : IRadiusRandom, IRadiusObserver, IRadiusSockets, ISpoolStore
    {
        private readonly SeededRandom _random;
        private readonly RadiusExchange _exchange;
        private readonly AccountingSpool _spool;
        private readonly Queue<Action> _calls = new();
        private readonly Dictionary<int, SpoolRecord> _records = [];
        private readonly HashSet<int> _done = [];
        private readonly Queue<(ServerSocket Socket, byte[] Packet)> _sent = new();
        private long _now = 1_000;

        public Rig(SeededRandom random, ISpoolObserver observer)
        {
            _random = random;
            _exchange = new RadiusExchange(this, this);
            _exchange.Replace([new RadiusServer { Name = "main", Secret = "x"u8.ToArray() }], 20_000, "lns", this);
            _exchange.Spool = _spool = new AccountingSpool(_exchange, this, () => uint.MaxValue / 2, observer) { MaxAge = uint.MaxValue };
        }

        public int Sent { get; private set; }

        public int Recover(ReadOnlySpan<byte> file)
        {
            var entries = new List<SpoolEntry>();
            var offset = 0;
            while (SpoolFrame.TryRead(file[offset..], out var record, out var isDone, out var size))
            {
                Assert.InRange(size, SpoolFrame.HeaderSize, SpoolFrame.MaxSize);
                if (!isDone)
                    entries.Add(new SpoolEntry(new SpoolPlace(1, offset, size), record!.Status, record.Timestamp, record.SessionId));
                _records[offset] = record!;
                offset += size;
            }

            _spool.Recover(entries);
            return entries.Count;
        }

        /// <summary>The server answers most of what it gets, until nothing waits.</summary>
        public void Replay()
        {
            for (var turns = 0; _spool.Count > 0; turns++)
            {
                Assert.True(turns < 2_000, $"{_spool.Count} records wait for ever");
                _exchange.HandleDeadline(_now);
                while (_calls.TryDequeue(out var call))
                    call();
                while (_sent.TryDequeue(out var sent))
                    Answer(sent.Socket, sent.Packet);
                _now += 500;
            }

            Assert.True(_done.IsSubsetOf(_records.Keys));
        }

        void IRadiusRandom.Fill(Span<byte> octets) => _random.Fill(octets);

        void IRadiusObserver.OnServerState(string server, ServerState state)
        {
        }

        void IRadiusObserver.OnAnswerDropped(string server, string why)
        {
        }

        void IRadiusSockets.Send(ServerSocket socket, ReadOnlySpan<byte> packet) => _sent.Enqueue((socket, packet.ToArray()));

        void IRadiusSockets.Connect(ServerSocket socket)
        {
        }

        void IRadiusSockets.Disconnect(ServerSocket socket)
        {
        }

        void IRadiusSockets.Flush()
        {
        }

        IPAddress? IRadiusSockets.LocalAddress(int server) => IPAddress.Loopback;

        void ISpoolStore.Append(ulong token, byte[] frame) => Assert.Fail("nothing is accounted here");

        void ISpoolStore.Read(ulong token, SpoolPlace place) =>
            _calls.Enqueue(() => _spool.OnRead(token, _random.Chance(0.95) ? _records[place.Offset] : null, _now));

        void ISpoolStore.MarkDone(SpoolPlace place) => Assert.True(_done.Add(place.Offset), "a record is done once");

        void IDisposable.Dispose()
        {
        }

        private void Answer(ServerSocket socket, byte[] packet)
        {
            Assert.Equal(RadiusDecodeError.None, RadiusPacket.TryParse(packet, out var request));
            Assert.Equal(RadiusCode.AccountingRequest, request.Code);
            Sent++;
            if (_random.Chance(0.1))
                return;
            var builder = new PacketBuilder(new byte[20], RadiusCode.AccountingResponse, packet[1], "x"u8, packet.AsSpan(4, 16), false);
            _exchange.Receive(this, socket, builder.Seal(), _now);
        }
    }
}
