using System.Globalization;
using L2tpd.Access;
using L2tpd.Ppp;

namespace L2tpd.Fuzz.Tests.Ppp;

/// <summary>
/// Proxy AVPs with any content (RFC 2661 section 4.4.5): used completely or not at all, nothing throws, no lease is lost.
/// </summary>
public sealed class ProxyFuzzTests(ITestOutputHelper output)
{
    private const long LargestAllocation = 32 * 1024;

    private static readonly LocalUsers _users = new([new SecretEntry("u", "*", "p", [])]);

    private static readonly byte[][] _options =
    [
        [1, 4, 5, 0xd4], [1, 4, 0x23, 0x28], [2, 6, 0, 0, 0, 0], [3, 5, 0xc2, 0x23, 5], [3, 5, 0xc2, 0x23, 0x81], [3, 4, 0xc0, 0x23], [3, 4,
            0xc2, 0x27],
        [5, 6, 1, 2, 3, 4], [5, 6, 9, 8, 7, 6], [7, 2], [8, 2], [17, 4, 5, 0xdc],
    ];

    [Fact]
    public void Proxy_state_is_taken_over_wholly_or_not_at_all()
    {
        var adopted = 0;
        var accepted = 0;
        Seeds.ForEach(200, TimeSpan.FromSeconds(10), output.WriteLine, seed =>
        {
            var random = new SeededRandom(seed);
            for (var i = 0; i < 50; i++)
            {
                var subscriber = new Line(random);
                subscriber.Run();
                adopted += subscriber.WasAdopted ? 1 : 0;
                accepted += subscriber.WasAccepted ? 1 : 0;
            }
        });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{adopted} adopted, {accepted} of these accepted"));
        Assert.True(Seeds.IsReplay || (adopted > 100 && accepted > 10),
            "the draws test nothing");
    }

    private sealed class Line(SeededRandom random) : IPppEffects, IPppRandom
    {
        private readonly List<string> _sent = [];
        private int _granted;
        private int _ended;
        private int _links;

        internal bool WasAdopted { get; private set; }

        internal bool WasAccepted { get; private set; }

        internal void Run()
        {
            AuthenticationProtocol[] all = [AuthenticationProtocol.Pap, AuthenticationProtocol.ChapMd5, AuthenticationProtocol.MsChapV2];
            var endpoint = new PppEndpoint(1, new PppProfile { Server = true, RequireFromPeer = random.Chance(0.8) ? [.. all] : [] }, this);
            var proxy = Draw();
            var before = GC.GetAllocatedBytesForCurrentThread();
            endpoint.Open(0, this, proxy);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, LargestAllocation);

            // Adopted: Opened at once, and nothing is asked of the subscriber's LCP. Else that is what comes first.
            Assert.Equal(WasAdopted, _links == 1);
            Assert.Equal(!WasAdopted, _sent.Exists(static frame => frame.StartsWith("ff03c02101", StringComparison.Ordinal)));
            var noise = new byte[60];
            for (var i = 0; i < 10; i++)
            {
                random.Fill(noise);
                byte[] protocols = [0x21, 0x23, 0x23, 0x21];
                byte[] high = [0xc0, 0xc0, 0xc2, 0x80];
                var kind = random.Below(4);
                (noise[0], noise[1], noise[2], noise[3], noise[4]) = (high[kind], protocols[kind], (byte)(1 + random.Below(6)),
                    (byte)random.Below(4), 0);
                endpoint.HandleFrame(noise, i, this);
            }

            endpoint.LowerLayerDown("over", 100, this);
            Assert.Equal((1, 0), (_ended, _granted));
            Assert.Equal(long.MaxValue, endpoint.NextDeadline);
        }

        void IPppRandom.Fill(Span<byte> destination) => random.Fill(destination);

        void IPppEffects.SendFrame(PppEndpoint endpoint, ReadOnlySpan<byte> frame)
        {
            Assert.True(_sent.Count < 200);
            _sent.Add(Convert.ToHexStringLower(frame));
        }

        void IPppEffects.RequestAuthentication(PppEndpoint endpoint, uint attempt, AuthenticationRequest facts)
        {
            Assert.False(facts.Proxied && !WasAdopted);
            var result = _users.Verify(facts, "lns");
            WasAccepted |= result.Accepted;
            endpoint.HandleAuthentication(attempt, result, 0, this);
        }

        void IPppEffects.RequestAddress(PppEndpoint endpoint, uint attempt, Authorisation? authorisation)
        {
            _granted++;
            endpoint.HandleAddress(attempt, new AddressGrant(Ipv4Address.Parse("10.0.0.1"), Ipv4Address.Parse("10.0.0.2")), 0, this);
        }

        void IPppEffects.ReleaseAddress(PppEndpoint endpoint, AddressGrant grant) => _granted--;

        void IPppEffects.LinkUp(PppEndpoint endpoint, LinkParameters link)
        {
            _links++;
            WasAdopted |= link.Proxied;
        }

        void IPppEffects.NetworkUp(PppEndpoint endpoint, PppNetwork network)
        {
        }

        void IPppEffects.NetworkDown(PppEndpoint endpoint, PppNetwork network)
        {
        }

        void IPppEffects.LinkRestarted(PppEndpoint endpoint)
        {
        }

        void IPppEffects.Ended(PppEndpoint endpoint, PppEnd end) => _ended++;

        private ProxyState Draw()
        {
            var proof = random.Below(3);
            var challenge = Octets(random.Chance(0.7) ? 16 : random.Below(40));
            var id = (byte)random.Next();
            return new ProxyState
            {
                LastSentOptions = Options(proof switch { 0 => 3, 1 => 5, _ => 4 }),
                LastReceivedOptions = Options(8),
                AuthenticationType = random.Chance(0.8) ? (ushort)(proof == 1 ? 3 : 2) : (ushort)random.Below(9),
                Name = random.Chance(0.8) ? "u"u8.ToArray() : Octets(random.Below(300)),
                Challenge = random.Chance(0.9) ? challenge : null,
                Id = random.Chance(0.9) ? id : null,
                Response = random.Below(5) switch
                {
                    0 => Octets(random.Below(60)),
                    1 => null,
                    _ when proof == 1 => "p"u8.ToArray(),
                    _ when proof == 0 => System.Security.Cryptography.MD5.HashData([id, .. "p"u8, .. challenge]),
                    _ => Octets(49),
                },
            };
        }

        private byte[]? Options(int wanted)
        {
            if (random.Chance(0.05))
                return null;
            List<byte> list = [.. random.Chance(0.8) ? _options[wanted] : [], .. wanted != 8 && random.Chance(0.8) ? _options[7] : []];
            for (var more = random.Below(3); more > 0; more--)
                list.AddRange(random.Chance(0.6) ? _options[random.Chance(0.5) ? 0 : 9] : _options[random.Below(_options.Length)]);
            if (random.Chance(0.2) && list.Count > 0)
                list[random.Below(list.Count)] = (byte)random.Next();
            if (random.Chance(0.05))
                list.AddRange(Octets(random.Below(1_500)));
            return [.. random.Chance(0.1) ? list.Take(random.Below(list.Count + 1)) : list];
        }

        private byte[] Octets(int count)
        {
            var octets = new byte[count];
            random.Fill(octets);
            return octets;
        }
    }
}
