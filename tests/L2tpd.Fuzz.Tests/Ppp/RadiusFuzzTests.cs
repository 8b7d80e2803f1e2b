using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Fuzz.Tests.Ppp;

/// <summary>
/// Answers of RADIUS servers to authentication and accounting, mutated, over sockets and connections: nothing throws, what does not verify
/// is no answer, and each request ends once.
/// </summary>
public sealed class RadiusFuzzTests(ITestOutputHelper output)
{
    private static readonly byte[] Secret = "testing123"u8.ToArray();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Mutated_answers_end_no_request(bool isStream)
    {
        long dropped = 0;
        var answered = 0;
        Seeds.ForEach(60, TimeSpan.FromSeconds(5), output.WriteLine, seed =>
        {
            var rig = new Rig(new SeededRandom(seed), isStream);
            for (ulong i = 0; i < 60; i++)
                rig.Exchange(i);
            rig.End();
            dropped += rig.Dropped;
            answered += rig.Answered;
        });
        output.WriteLine($"{dropped} dropped, {answered} answered");
        Assert.True(Seeds.IsReplay || (dropped > 300 && answered > 100), "the draws test nothing");
    }

    [Fact]
    public void Any_octets_are_framed_or_end_the_connection() => Seeds.ForEach(200, TimeSpan.FromSeconds(5), output.WriteLine, seed =>
    {
        var random = new SeededRandom(seed);
        var framer = new PacketFramer();
        var packets = new List<byte[]>();
        var total = 0;
        for (var i = 0; i < 50; i++)
        {
            var octets = new byte[random.Below(300)];
            random.Fill(octets);
            // Lengths that are possible, now and then.
            if (octets.Length > 4)
                octets[2] = (byte)random.Below(3);
            total += octets.Length;
            if (!framer.TryAdd(octets, packets))
                break;
        }

        Assert.All(packets, static packet => Assert.InRange(packet.Length, 20, 4_096));
        Assert.True(packets.Sum(static packet => packet.Length) <= total);
    });

    private sealed class Rig : IRadiusEffects, IRadiusRandom
    {
        private readonly SeededRandom _random;
        private readonly RadiusClient _client;
        private readonly double _mutation;
        private readonly List<(ServerSocket Socket, byte[] Packet)> _sent = [];
        private readonly HashSet<ulong> _ended = [];
        private readonly Queue<ServerSocket> _connecting = new();
        private long _now;
        private ulong _submitted;

        public Rig(SeededRandom random, bool isStream)
        {
            _random = random;
            // One that is not authentic ends a connection, and then nothing is sent for a while.
            _mutation = isStream ? 0.2 : 1;
            _client = new RadiusClient(
                [new RadiusServer { Name = "a", Secret = Secret, IsStream = isStream, HasStatusServer = true }], "lns", this, this);
            _client.Start();
        }

        public int Answered { get; private set; }

        public long Dropped
        {
            get
            {
                var counters = _client.CountersOf(0);
                return counters.Malformed + counters.BadAuthenticators + counters.Unexpected + counters.MissingMessageAuthenticators;
            }
        }

        public void Exchange(ulong id)
        {
            Connect();
            _submitted++;
            var service = _random.Chance(0.5) ? RadiusService.Authentication : RadiusService.Accounting;
            _client.Submit(id, new Request(service), new ServerGroup([0]), _now);
            if (_sent.Count > 0 && _random.Chance(_mutation))
                Mutate();
            Connect();
            if (_random.Chance(0.5) && _sent.Count > 0)
                _client.Receive(_sent[^1].Socket, AnswerTo(_sent[^1].Packet), _now);
            Advance(_random.Below(2_000));
        }

        private void Mutate()
        {
            var (socket, packet) = _sent[_random.Below(_sent.Count)];
            var answer = AnswerTo(packet);
            var ended = _ended.Count;
            for (var flips = 1 + _random.Below(3); flips > 0; flips--)
                answer[_random.Below(answer.Length)] ^= (byte)(1 << _random.Below(8));
            if (_random.Chance(0.2))
                answer = answer[.._random.Below(answer.Length)];
            // Several flips may undo each other: then it is an answer.
            if (answer.SequenceEqual(AnswerTo(packet)))
                return;
            _client.Receive(socket, answer, _now);
            Assert.Equal(ended, _ended.Count);
        }

        /// <summary>All requests end, each once.</summary>
        public void End()
        {
            Advance(60_000);
            Assert.Equal(0, _client.Outstanding);
            Assert.Equal((int)_submitted, _ended.Count);
        }

        void IRadiusEffects.Send(ServerSocket socket, ReadOnlySpan<byte> packet) => _sent.Add((socket, packet.ToArray()));

        void IRadiusEffects.Connect(ServerSocket socket) => _connecting.Enqueue(socket);

        void IRadiusEffects.Disconnect(ServerSocket socket) => _sent.Clear();

        void IRadiusEffects.Answered(ulong requestId, int server, in RadiusPacket answer, ReadOnlySpan<byte> authenticator)
        {
            Answered++;
            Assert.True(_ended.Add(requestId));
        }

        void IRadiusEffects.Unanswered(ulong requestId) => Assert.True(_ended.Add(requestId));

        void IRadiusRandom.Fill(Span<byte> octets) => _random.Fill(octets);

        private static byte[] AnswerTo(byte[] packet)
        {
            var code = packet[0] == (byte)RadiusCode.AccountingRequest ? RadiusCode.AccountingResponse : RadiusCode.AccessAccept;
            var builder = new PacketBuilder(new byte[200], code, packet[1], Secret, packet.AsSpan(4, 16), true);
            builder.AddText(AttributeType.ReplyMessage, "welcome");
            return builder.Seal().ToArray();
        }

        private void Connect()
        {
            while (_connecting.TryDequeue(out var socket))
                _client.Connected(socket, _now);
        }

        private void Advance(long milliseconds)
        {
            var end = _now + milliseconds;
            for (var next = _client.NextDeadline; next <= end; next = _client.NextDeadline)
            {
                _now = Math.Max(_now, next);
                _client.HandleDeadline(_now);
                Connect();
            }

            _now = end;
        }

        private sealed class Request(RadiusService service) : RadiusRequest
        {
            public override RadiusService Service => service;

            public override void Write(ref PacketBuilder packet, int server, long delay) =>
                packet.AddText(AttributeType.UserName, "alice");
        }
    }
}
