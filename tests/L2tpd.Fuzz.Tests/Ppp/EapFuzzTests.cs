using L2tpd.Ppp;
using L2tpd.Ppp.Wire;

namespace L2tpd.Fuzz.Tests.Ppp;

/// <summary>
/// EAP between a peer and a server that both send anything: nothing throws, an octet of the peer never costs a second request to the
/// server, and every conversation ends.
/// </summary>
public class EapFuzzTests(ITestOutputHelper output)
{
    private const int Conversations = 300;
    private const int Steps = 200;
    private const long LargestAllocation = 32 * 1_024;

    [Fact]
    public void Peers_and_servers_that_send_anything_are_survived()
    {
        var (rounds, accepted) = (0, 0);
        Seeds.ForEach(Conversations, seed =>
        {
            var conversation = new Conversation((int)seed);
            conversation.Run();
            rounds += conversation.Requests;
            accepted += conversation.WasAccepted ? 1 : 0;
        });
        output.WriteLine($"{rounds} requests to the server, {accepted} peers accepted");
        Assert.True(Seeds.IsReplay || rounds > Conversations, "conversations must get past the identity");
        Assert.True(Seeds.IsReplay || accepted > 0, "some must be accepted");
    }

    private sealed class Conversation : IPppEffects, IPppRandom
    {
        private readonly Random _random;
        private readonly PppEndpoint _endpoint;
        private (uint Attempt, AuthenticationRequest Request)? _open;
        private byte[] _lastRequest = [];
        private byte[] _acknowledgement = [];
        private long _now;
        private bool _ended;

        public Conversation(int seed)
        {
            _random = new Random(seed);
            _endpoint = new PppEndpoint(1, new PppProfile
            {
                Server = true, RequireFromPeer = [AuthenticationProtocol.Eap], RechallengeInterval = _random.Next(2) * 5_000,
            }, this);
        }

        public int Requests { get; private set; }

        public bool WasAccepted { get; private set; }

        public void Run()
        {
            _endpoint.Open(_now, this);
            _endpoint.HandleFrame(_acknowledgement, _now, this);
            Receive(0xc021, 1, 1, []);
            for (var step = 0; step < Steps && !_ended; step++)
                Step();

            _endpoint.LowerLayerDown("done", _now, this);
            Assert.True(_ended);
            Assert.Equal(long.MaxValue, _endpoint.NextDeadline);
        }

        private void Step()
        {
            var asked = Requests;
            if (_open is { } open && _random.Next(3) > 0)
            {
                _open = null;
                _endpoint.HandleAuthentication(open.Attempt, Answer(open.Request), _now, this);
            }
            else if (_random.Next(6) == 0)
            {
                _now = Math.Max(_now, Math.Min(_endpoint.NextDeadline, _now + 60_000));
                _endpoint.HandleDeadline(_now, this);
            }
            else
            {
                var data = new byte[_random.Next(3) == 0 ? _random.Next(3_100) : _random.Next(1, 40)];
                _random.NextBytes(data);
                if (data.Length > 0 && _random.Next(2) == 0)
                    data[0] = (byte)EapType.Identity;
                var id = _lastRequest.Length > 1 && _random.Next(4) > 0 ? _lastRequest[1] : (byte)_random.Next(256);
                Receive(0xc227, _random.Next(8) == 0 ? (byte)_random.Next(8) : (byte)2, id, data);
            }

            Assert.InRange(Requests - asked, 0, 1);
        }

        private AuthenticationResult Answer(AuthenticationRequest request)
        {
            Assert.InRange(request.Response.Length, 5, 3_000);
            switch (_random.Next(12))
            {
                case 0:
                    WasAccepted = true;
                    return new AuthenticationResult { Accepted = true };
                case 1:
                    return AuthenticationResult.Refuse("no");
            }

            var packet = new byte[_random.Next(10) == 0 ? _random.Next(2_000) : _random.Next(5, 60)];
            _random.NextBytes(packet);
            if (packet.Length >= 4 && _random.Next(10) > 0)
                (packet[0], packet[2], packet[3]) = (1, (byte)(packet.Length >> 8), (byte)packet.Length);
            return new AuthenticationResult
            {
                Accepted = false, Challenge = new AuthenticationChallenge(packet, [1], _random.NextInt64(-5, 100_000)),
            };
        }

        private void Receive(ushort protocol, byte code, byte id, byte[] data)
        {
            var length = data.Length + 4;
            byte[] frame = [0xff, 3, (byte)(protocol >> 8), (byte)protocol, code, id, (byte)(length >> 8), (byte)length, .. data];
            var before = GC.GetAllocatedBytesForCurrentThread();
            _endpoint.HandleFrame(frame, _now, this);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, LargestAllocation);
        }

        public void Fill(Span<byte> destination) => _random.NextBytes(destination);

        public void SendFrame(PppEndpoint endpoint, ReadOnlySpan<byte> frame)
        {
            var rest = PppFrame.WithoutAddressAndControl(frame).ToArray();
            if (rest is [0xc0, 0x21, 1, ..])
                _acknowledgement = [0xff, 3, .. rest[..2], 2, .. rest[3..]];
            else if (rest is [0xc2, 0x27, 1, ..])
                _lastRequest = rest[2..];
            Assert.InRange(rest.Length, 4, 1_502);
        }

        public void RequestAuthentication(PppEndpoint endpoint, uint attempt, AuthenticationRequest request)
        {
            _open = (attempt, request);
            Requests++;
        }

        public void RequestAddress(PppEndpoint endpoint, uint attempt, Authorisation? authorisation)
        {
            // No address follows: the network layers are tested elsewhere.
        }

        public void ReleaseAddress(PppEndpoint endpoint, AddressGrant grant) => Assert.Fail("nothing was granted");

        public void LinkUp(PppEndpoint endpoint, LinkParameters link)
        {
            // The conversation starts.
        }

        public void NetworkUp(PppEndpoint endpoint, PppNetwork network)
        {
            // No layer is opened by this peer.
        }

        public void NetworkDown(PppEndpoint endpoint, PppNetwork network)
        {
            // As above.
        }

        public void LinkRestarted(PppEndpoint endpoint) => _open = null;

        public void Ended(PppEndpoint endpoint, PppEnd end) => _ended = true;
    }
}
