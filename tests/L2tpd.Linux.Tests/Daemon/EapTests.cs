using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using L2tpd.Ppp.Cryptography;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// EAP through the daemon to FreeRADIUS: the test is the subscriber, with methods written from the RFCs. The daemon knows none of them.
/// </summary>
public sealed class EapTests
{
    private const byte Identity = 1, Nak = 3, Md5 = 4, Tls = 13, MsChapV2Type = 26;
    private const string Password = "alice-secret";
    private const string Users = $"""
        alice Cleartext-Password := "{Password}"
            Framed-IP-Address = 10.99.7.7, User-Name = "alice@isp"

        """;

    [Fact]
    public void A_subscriber_comes_in_by_EAP_MD5_and_again_after_the_interval()
    {
        using var world = new World("md5", "rechallenge-interval: 1s");
        world.Negotiate();
        world.Converse(static (id, request) => [Md5, 16, .. MD5.HashData([id, .. "alice-secret"u8, .. request[2..18]])]);
        world.ComeUp();
        Assert.Equal("alice@isp", world.Radius.WaitForRecord("Start")["User-Name"]);
        world.Converse(static (id, request) => [Md5, 16, .. MD5.HashData([id, .. "alice-secret"u8, .. request[2..18]])]);
        Assert.Single(world.Lns.Lines, static line => line.Contains("user alice is authenticated by Eap"));
        world.EndsWell();
        Assert.Equal("alice@isp", world.Radius.WaitForRecord("Stop")["User-Name"]);
    }

    [Fact]
    public void A_method_is_agreed_by_Nak_and_MSCHAPv2_proves_both_ends()
    {
        using var world = new World("md5");
        world.Negotiate();
        var proof = new byte[24];
        var challenge = new byte[16];
        world.Converse((_, request) => Answer(request, proof, challenge));
        world.ComeUp();
        world.EndsWell();

        static byte[] Answer(byte[] request, byte[] proof, byte[] challenge)
        {
            if (request[0] == Md5)
                return [Nak, MsChapV2Type];
            Assert.Equal(MsChapV2Type, request[0]);
            if (request[1] == 3)
            {
                var expected = MsChapV2.AuthenticatorResponse("alice-secret"u8, proof, new byte[16], challenge, "alice"u8);
                Assert.StartsWith(expected, System.Text.Encoding.ASCII.GetString(request, 5, request.Length - 5), StringComparison.Ordinal);
                return [MsChapV2Type, 3];
            }

            request.AsSpan(6, 16).CopyTo(challenge);
            MsChapV2.NtResponse(challenge, new byte[16], "alice"u8, "alice-secret"u8, proof);
            return [MsChapV2Type, 2, request[2], 0, 59, 49, .. new byte[24], .. proof, 0, .. "alice"u8];
        }
    }

    [Fact]
    public void Certificates_of_EAP_TLS_go_through_in_fragments_both_ways()
    {
        using var world = new World("tls");
        using var client = new EapTlsClient(world.Certificate!);
        world.Negotiate();
        world.Converse((_, request) =>
        {
            Assert.Equal(Tls, request[0]);
            return client.Respond(request);
        });
        Assert.True(client.Fragments >= 2, "both certificates need more than one packet");
        world.ComeUp();
        world.EndsWell();
    }

    [Fact]
    public void A_wrong_password_gets_EAPs_failure()
    {
        using var world = new World("md5");
        world.Negotiate();
        var end = world.Converse(static (_, _) => [Md5, 16, .. new byte[16]], success: false);
        Assert.StartsWith("c22704", end, StringComparison.Ordinal);
        world.Lns.WaitFor("the peer failed authentication: RADIUS server main rejected it");
    }

    /// <summary>FreeRADIUS, the daemon as LNS, and a LAC with one subscriber.</summary>
    private sealed class World : IDisposable
    {
        private const string Magic = "0a0b0c0d";

        private readonly NamespacePair _pair = new();
        private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-eap-").FullName;
        private readonly ScriptedLac _lac;

        public World(string method, string more = "mtu: 1400")
        {
            Certificate = method == "tls" ? EapTlsClient.MakeCertificates(_directory) : null;
            Radius = new FreeRadius(_pair.Second, Users, change: text => Configure(text, method));
            Lns = DaemonProcess.Start(
                $$"""
                data-plane: userspace
                listen: 192.0.2.2
                log: { level: information, format: console }
                peers: { any: { secret: test, lns: { ppp: p } } }
                radius: { servers: { main: { address: 127.0.0.1, secret: {{FreeRadius.Secret}} } } }
                ppp: { p: { name: lns1, interface: { shared: ppptest0 }, auth: [eap, chap], local: 10.99.0.1, access: radius, {{more}} } }

                """, networkNamespace: _pair.Second);
            _lac = ScriptedLac.Connect(_pair.First, "192.0.2.2", "test");
            _lac.Call();
        }

        /// <summary>The subscriber's; only with EAP-TLS.</summary>
        public X509Certificate2? Certificate { get; }

        public FreeRadius Radius { get; }

        public DaemonProcess Lns { get; }

        /// <summary>LCP: the daemon asks for EAP.</summary>
        public void Negotiate()
        {
            var request = _lac.NextFrame();
            Assert.Contains("0304c227", request, StringComparison.Ordinal);
            _lac.SendFrame(Octets("c02102" + request[6..]));
            _lac.SendFrame(Octets("c0210101000a0506" + Magic));
            Assert.Equal("c0210201000a0506" + Magic, _lac.NextFrame());
        }

        /// <summary>Answers EAP requests until the verdict, which it returns. Both begin with the type.</summary>
        public string Converse(Func<byte, byte[], byte[]> method, bool success = true)
        {
            while (true)
            {
                var frame = Next("c227");
                if (!frame.StartsWith("c22701", StringComparison.Ordinal))
                {
                    Assert.True(frame.StartsWith("c22703", StringComparison.Ordinal) == success, $"{frame}\n{Radius.Output}");
                    return frame;
                }

                var octets = Octets(frame);
                var answer = octets[6] == Identity ? [Identity, .. "alice"u8] : method(octets[3], octets[6..]);
                _lac.SendFrame([0xc2, 0x27, 2, octets[3], (byte)((4 + answer.Length) >> 8), (byte)(4 + answer.Length), .. answer]);
            }
        }

        /// <summary>IPCP: the subscriber gets the address of the server.</summary>
        public void ComeUp()
        {
            var request = Next("8021");
            _lac.SendFrame(Octets("802102" + request[6..]));
            _lac.SendFrame(Octets("80210101000a030600000000"));
            Assert.Equal("80210301000a03060a630707", Next("8021"));
            _lac.SendFrame(Octets("80210102000a03060a630707"));
            Assert.Equal("80210202000a03060a630707", Next("8021"));
            Lns.WaitFor("network is up on ppptest0");
        }

        public void EndsWell()
        {
            Lns.Signal(DaemonProcess.Term);
            _lac.WaitForStop();
            Assert.Equal(0, Lns.WaitForExit());
            Assert.DoesNotContain("Internal error", Lns.Output, StringComparison.Ordinal);
        }

        public void Dispose()
        {
            _lac.Dispose();
            Lns.Dispose();
            Radius.Dispose();
            Certificate?.Dispose();
            _pair.Dispose();
            Directory.Delete(_directory, recursive: true);
        }

        private string Next(string protocol)
        {
            while (true)
            {
                var frame = _lac.NextFrame();
                if (frame.StartsWith(protocol, StringComparison.Ordinal))
                    return frame;
            }
        }

        private string Configure(string text, string method) => text
            .Replace("mschap {", $$"""
                eap {
                    default_eap_type = {{method}}
                    md5 {
                    }
                    mschapv2 {
                    }
                    {{(method == "tls" ? TlsModule : "")}}
                }
                mschap {
                """, StringComparison.Ordinal)
            .Replace("authorize {", "authorize {\n eap", StringComparison.Ordinal)
            .Replace("authenticate {", "authenticate {\n eap", StringComparison.Ordinal);

        private string TlsModule => $$"""
            tls-config common {
                private_key_file = {{_directory}}/server.key
                certificate_file = {{_directory}}/server.pem
                ca_file = {{_directory}}/ca.pem
                fragment_size = 700
                tls_max_version = "1.2"
                ecdh_curve = "prime256v1"
            }
            tls {
                tls = common
            }
            """;

        private static byte[] Octets(string hex) => Convert.FromHexString(hex);
    }
}
