using System.Buffers.Binary;
using System.Net;
using L2tpd.Access;
using L2tpd.Radius.DynamicAuthorization;
using L2tpd.Radius.Wire;

namespace L2tpd.Fuzz.Tests.Ppp;

/// <summary>
/// CoA- and Disconnect-Requests with any content. Without the secret nothing happens at all; with it each request is answered once, and
/// what is carried out names a session.
/// </summary>
public sealed class DynamicRequestFuzzTests(ITestOutputHelper output)
{
    private const long Now = 0x68a0_0000;

    private static readonly byte[] _secret = "testing123"u8.ToArray();
    private static readonly RequestSource _source = RequestSource.Of(IPAddress.Parse("192.0.2.1"), 40_000);

    // Vectors 12 to 15 of radius.md section 12, and one request with what a CoA may change.
    private static readonly byte[][] _samples =
    [
        .. new[]
        {
            "2b7e0054e5cd441fd95876c6462705d2710bbfdd2c0a30303030303030310107616c69636520066c6e73311b06000000780b0b353030302f"
                + "39303030370668a000005012f61a4c7eba85baef2444b9c68c68ae19",
            "2b0800368b4c0e15563fb3e64d952a617bb8202f501245af9d06aa4314ae7231e1cec758d5092c0a30303030303030311b0600000078",
            "284700239b5d29ece6a45ff1c158239e21ef98e32c0a64656164626565662105707831",
            "2809001e0c9312d68326b2958c63f9d4680af3af2c0a3030303030303031",
        }.Select(Convert.FromHexString),
        Wide(),
    ];

    [Fact]
    public void Without_the_secret_a_request_changes_a_counter_and_allocates_nothing()
    {
        var dropped = 0L;
        Seeds.ForEach(100, TimeSpan.FromSeconds(0.7), output.WriteLine, seed =>
        {
            var (random, server) = (new SeededRandom(seed), New());
            for (var i = 0; i < 50; i++)
            {
                var datagram = Mutate(random);
                if (RadiusPacket.TryParse(datagram, out var packet) == RadiusDecodeError.None
                    && Authenticators.VerifyRequest(packet, _secret))
                {
                    continue;
                }

                var before = GC.GetAllocatedBytesForCurrentThread();
                Assert.Null(server.Receive(_source, datagram, 0, Now, out var repeated));
                // What the runtime makes once is included.
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_096);
                Assert.True(repeated.IsEmpty);
            }

            Assert.Equal((0L, 0), (server.Counters.Requests, server.Remembered));
            dropped += server.Counters.Malformed + server.Counters.BadAuthenticators;
        });
        Assert.True(Seeds.IsReplay || dropped > 500, $"the draws test nothing: {dropped} dropped");
    }

    [Fact]
    public void With_the_secret_a_request_is_answered_once_and_carried_out_only_if_it_names_a_session()
    {
        var (done, refused) = (0, 0);
        Seeds.ForEach(100, TimeSpan.FromSeconds(0.7), output.WriteLine, seed =>
        {
            var (random, server) = (new SeededRandom(seed), New());
            for (var i = 0; i < 50; i++)
            {
                var datagram = Seal(Mutate(random));
                if (server.Receive(_source, datagram, i, Now, out _) is not { } request)
                    continue;

                var outcome = DynamicRequestReader.Read(request.Packet, 1, "main", IsOurs, out var wanted);
                Assert.Equal(outcome == ControlOutcome.Done, wanted is not null);
                Assert.False(wanted is AccessAnswer.Change { Selector.IsEmpty: true } or AccessAnswer.Disconnect { Selector.IsEmpty: true }
                    or AccessAnswer.Change { Authorisation.IsEmpty: true });
                (done, refused) = wanted is null ? (done, refused + 1) : (done + 1, refused);
                Check(server, request, datagram, wanted is null ? 401u : 0u);
            }
        });
        Assert.True(Seeds.IsReplay || (done > 100 && refused > 100), $"the draws test nothing: {done} done, {refused} refused");
    }

    private static bool IsOurs(IPAddress address) => address.Equals(IPAddress.Loopback);

    private static DynamicAuthorizationServer New() => new([new("main", IPAddress.Parse("192.0.2.1"), _secret)]);

    /// <summary>The answer verifies, is no longer than a packet, and comes again for a duplicate.</summary>
    private static void Check(DynamicAuthorizationServer server, DynamicRequest request, byte[] datagram, uint cause)
    {
        var answer = server.Answer(request, cause);
        Assert.Equal(RadiusDecodeError.None, RadiusPacket.TryParse(answer.Span, out var packet));
        Assert.True(Authenticators.VerifyAnswer(packet, datagram.AsSpan(4, 16), _secret));
        Assert.Null(server.Receive(_source, datagram, 0, Now, out var repeated));
        Assert.True(repeated.Span.SequenceEqual(answer.Span));
    }

    private static byte[] Mutate(SeededRandom random)
    {
        var octets = (byte[])_samples[random.Below(_samples.Length)].Clone();
        for (var times = 1 + random.Below(3); times > 0 && octets.Length > 20; times--)
        {
            switch (random.Below(6))
            {
                case 0:
                    octets[random.Below(octets.Length)] ^= (byte)(1 << random.Below(8));
                    break;
                case 1:
                    octets = octets[..random.Below(octets.Length + 1)];
                    break;
                case 2:
                    octets = [.. octets, .. _samples[random.Below(_samples.Length)].AsSpan(20)];
                    break;
                case 3:
                    octets = [.. octets, .. Attribute(random)];
                    break;
                case 4:
                    octets[20 + random.Below(octets.Length - 20)] = (byte)random.Next();
                    break;
                default:
                    octets[0] = (byte)(random.Chance(0.5) ? RadiusCode.CoaRequest : RadiusCode.DisconnectRequest);
                    break;
            }

            if (octets.Length >= 4 && random.Chance(0.9))
                BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(2), (ushort)octets.Length);
        }

        return octets;
    }

    private static byte[] Attribute(SeededRandom random)
    {
        var attribute = new byte[2 + random.Below(random.Chance(0.8) ? 20 : 254)];
        random.Fill(attribute);
        attribute[0] = (byte)random.Below(180);
        attribute[1] = (byte)attribute.Length;
        return attribute;
    }

    /// <summary>The packet with the authenticators that a client would have written.</summary>
    private static byte[] Seal(byte[] octets)
    {
        if (RadiusPacket.TryParse(octets, out var packet) == RadiusDecodeError.None)
            Authenticators.Seal(octets.AsSpan(0, packet.Octets.Length), _secret, stackalloc byte[16]);
        return octets;
    }

    private static byte[] Wide()
    {
        var builder = new PacketBuilder(new byte[500], RadiusCode.CoaRequest, 9, _secret, new byte[16], true);
        builder.AddText(AttributeType.AcctSessionId, "00000001");
        builder.AddUInt32(AttributeType.SessionTimeout, 600);
        builder.AddUInt32(AttributeType.AcctInterimInterval, 300);
        builder.AddText(AttributeType.FilterId, "web-only");
        builder.AddText(AttributeType.FramedRoute, "198.51.100.0/24 0.0.0.0 1");
        builder.AddText(AttributeType.FramedIpv6Route, "2001:db8:5::/48 :: 1");
        builder.AddVendor(VendorId.Mikrotik, 8, "5M/10M"u8);
        return builder.Seal().ToArray();
    }
}
