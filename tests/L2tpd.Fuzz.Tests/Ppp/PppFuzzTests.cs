using System.Globalization;
using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;

namespace L2tpd.Fuzz.Tests.Ppp;

/// <summary>Valid conversations with mutated frames in between: nothing throws, nothing grows, every lease is returned.</summary>
public class PppFuzzTests(ITestOutputHelper output)
{
    private const int Conversations = 600;

    // One frame may cost the cryptography of a response and a few strings, never more.
    private const long LargestAllocation = 32 * 1024;
    private const int LargestBurst = 12;

    [Fact]
    public void Mutated_conversations_never_throw_nor_grow()
    {
        var (mutated, up, run) = (0, 0, 0);
        Seeds.ForEach(Conversations, seed =>
        {
            var conversation = new Conversation((int)seed);
            conversation.Run();
            run++;
            mutated += conversation.Mutated;
            up += conversation.WasUp ? 1 : 0;
        });
        output.WriteLine($"{mutated} frames mutated, {up} of {run} conversations came up all the same");
        Assert.True(Seeds.IsReplay || mutated > Conversations, "the mutator must mutate");
        Assert.True(Seeds.IsReplay || up > 0, "some conversations must get past authentication");
    }

    [Fact]
    public void Noise_in_every_phase_is_survived() => Seeds.ForEach(200, seed => new Conversation((int)seed).Noise());

    [Theory]
    [InlineData("# \"")]
    [InlineData("\\")]
    [InlineData("a b \\x")]
    [InlineData("a b \"\\777\" \\")]
    public void Odd_secrets_files_are_read(string text) => Assert.NotNull(SecretsFile.Parse(text));

    [Fact]
    public void Random_secrets_files_are_read()
    {
        var seed = Seeds.One(output.WriteLine);
        var random = new Random(seed);
        const string Alphabet = "ab*\"'\\# \t\n\n@-x019";
        for (var i = 0; i < 5_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(60)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            var file = SecretsFile.Parse(text);
            Assert.InRange(file.Entries.Length + file.Problems.Length, 0, text.Count(c => c == '\n') + 1);
        }
    }

    private sealed class Conversation : IPppEffects, IPppRandom
    {
        private static readonly LocalUsers _users = new([new SecretEntry("u", "*", "p", [])]);
        private readonly Random _random;
        private readonly PppEndpoint _client;
        private readonly PppEndpoint _server;
        private readonly Queue<(PppEndpoint To, byte[] Frame)> _frames = new();
        private readonly Queue<Action> _answers = new();
        private readonly List<byte[]> _seen = [];
        private readonly AddressAllocator _allocator;
        private readonly AddressPool _pool = AddressPool.FromPrefix("p", Ipv4Address.Parse("10.0.0.0"), 29);
        private readonly int _usedBefore;
        private int _ended;
        private int _burst;
        private long _now;

        internal Conversation(int seed)
        {
            _random = new Random(seed);
            _allocator = new AddressAllocator(Ipv4Address.Parse("10.0.0.1"), [_pool], "p");
            _usedBefore = _pool.Used;
            AuthenticationProtocol[] all = [AuthenticationProtocol.Pap, AuthenticationProtocol.ChapMd5, AuthenticationProtocol.MsChapV2];
            _random.Shuffle(all);
            _client = new PppEndpoint(1, new PppProfile { RequestAddressCompression = true }, this, new PppCredentials("u", "p"));
            _server = new PppEndpoint(
                2, new PppProfile { Server = true, RequireFromPeer = [.. all], AuthenticationRetries = _random.Next(2) }, this,
                    new PppCredentials("s", "q"));
        }

        internal int Mutated { get; private set; }

        internal bool WasUp { get; private set; }

        public void Fill(Span<byte> destination) => _random.NextBytes(destination);

        internal void Run()
        {
            _client.Open(_now, this);
            _server.Open(_now, this);
            for (var step = 0; step < 400 && _ended < 2; step++)
                Step();

            Finish();
        }

        internal void Noise()
        {
            _client.Open(_now, this);
            _server.Open(_now, this);
            var calm = _random.Next(40);
            for (var step = 0; step < 300; step++)
            {
                if (step < calm)
                {
                    Step(mutate: false);
                }
                else
                {
                    var noise = new byte[_random.Next(80)];
                    _random.NextBytes(noise);
                    ushort[] protocols = [0xc021, 0xc023, 0xc223, 0x8021, 0x8057, 0x80fd, 0x0021];
                    var protocol = protocols[_random.Next(protocols.Length)];
                    var code = (byte)_random.Next(16);
                    byte[] frame = [0xff, 3, (byte)(protocol >> 8), (byte)protocol, code, (byte)_random.Next(8), 0, (byte)(noise.Length
                        + 4), .. noise];
                    Deliver(_random.Next(2) == 0 ? _client : _server, frame);
                }
            }

            Finish();
        }

        private void Step(bool mutate = true)
        {
            if (_answers.TryDequeue(out var answer))
            {
                answer();
            }
            else if (_frames.TryDequeue(out var next))
            {
                Deliver(next.To, mutate && _random.Next(5) == 0 ? Mutate(next.Frame) : next.Frame);
            }
            else
            {
                _now = Math.Max(_now, Math.Min(_client.NextDeadline, _server.NextDeadline));
                _burst = 0;
                _client.HandleDeadline(_now, this);
                _server.HandleDeadline(_now, this);
            }

            WasUp |= _server.StateOf(PppProtocol.Ipcp) == PppState.Opened && _client.StateOf(PppProtocol.Ipcp) == PppState.Opened;
        }

        private void Finish()
        {
            _client.LowerLayerDown("done", _now, this);
            _server.LowerLayerDown("done", _now, this);
            while (_answers.TryDequeue(out var late))
                late();

            Assert.Equal(2, _ended);
            Assert.Equal(_usedBefore, _pool.Used);
            Assert.Equal(long.MaxValue, Math.Min(_client.NextDeadline, _server.NextDeadline));
        }

        private void Deliver(PppEndpoint to, byte[] frame)
        {
            _burst = 0;
            var before = GC.GetAllocatedBytesForCurrentThread();
            to.HandleFrame(frame, _now, this);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, LargestAllocation);
            Assert.InRange(_burst, 0, LargestBurst);
        }

        private byte[] Mutate(byte[] frame)
        {
            Mutated++;
            byte[] copy = [.. frame];
            switch (_random.Next(7))
            {
                case 0:
                    return copy[.._random.Next(copy.Length)];
                case 1:
                    copy[_random.Next(copy.Length)] = (byte)_random.Next(256);
                    return copy;
                case 2:
                    copy[_random.Next(copy.Length)] ^= (byte)(1 << _random.Next(8));
                    return copy;
                case 3:
                    var tail = new byte[_random.Next(1_600)];
                    _random.NextBytes(tail);
                    return [.. copy, .. tail];
                case 4:
                    return _seen[_random.Next(_seen.Count)];
                case 5 when copy.Length > 8:
                    var length = _random.Next(70_000);
                    copy[^Math.Min(copy.Length, 6)] = (byte)(length >> 8);
                    return copy;
                default:
                    var other = _seen[_random.Next(_seen.Count)];
                    return [.. copy[..(copy.Length / 2)], .. other[(other.Length / 2)..]];
            }
        }

        public void SendFrame(PppEndpoint endpoint, ReadOnlySpan<byte> frame)
        {
            Assert.InRange(frame.Length, 6, 2_400);
            _burst++;
            var copy = frame.ToArray();
            _seen.Add(copy);
            _frames.Enqueue((endpoint == _client ? _server : _client, copy));
        }

        public void RequestAuthentication(PppEndpoint endpoint, uint attempt, AuthenticationRequest facts) =>
            _answers.Enqueue(() => endpoint.HandleAuthentication(attempt, _users.Verify(facts, "x"), _now, this));

        public void RequestAddress(PppEndpoint endpoint, uint attempt, Authorisation? authorisation) =>
            _answers.Enqueue(() => endpoint.HandleAddress(attempt, _allocator.Take(authorisation), _now, this));

        public void ReleaseAddress(PppEndpoint endpoint, AddressGrant grant) => Assert.True(grant.Release());

        public void LinkUp(PppEndpoint endpoint, LinkParameters link)
        {
        }

        public void NetworkUp(PppEndpoint endpoint, PppNetwork network) => Assert.False(network is Ipv4Network { Local.IsNone: true });

        public void NetworkDown(PppEndpoint endpoint, PppNetwork network)
        {
        }

        public void LinkRestarted(PppEndpoint endpoint)
        {
        }

        public void Ended(PppEndpoint endpoint, PppEnd end) => _ended++;
    }
}
