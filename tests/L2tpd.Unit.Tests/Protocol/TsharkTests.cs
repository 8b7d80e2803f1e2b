using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Digests;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>An independent dissector reads our messages: every message type, clear and hidden, without an error.</summary>
public class TsharkTests(ITestOutputHelper output)
{
    private const int MessagesPerType = 20;
    private const int LinkTypeRawIp = 101;
    private const int L2tpPort = 1701;
    private const string NotKnownToTshark = "vendor-specific avp data";

    private const string Secret = "l2tpd-secret";

    private static readonly byte[] Key = "l2tpd-secret"u8.ToArray();

    [Fact]
    public void Tshark_finds_nothing_malformed_in_v2() => AssertClean(RandomPackets(ProtocolVersion.V2, digest: null), []);

    [Fact]
    public void Tshark_finds_nothing_malformed_in_v3() => AssertClean(RandomPackets(ProtocolVersion.V3, digest: null), []);

    [Theory]
    [InlineData(DigestType.HmacMd5)]
    [InlineData(DigestType.HmacSha1)]
    public void Tshark_accepts_our_digests(DigestType digest)
    {
        string[] options = ["-o", $"l2tp.shared_secret:{Secret}"];
        AssertClean(Conversation(digest, Secret), options);
        if (Dissect(Conversation(digest, "another"), options) is string[] lines)
            Assert.All(lines, line => Assert.Contains("incorrect digest", Marks(line), StringComparison.Ordinal));
    }

    [Fact]
    public void Tshark_finds_nothing_malformed_in_a_dual_sccrq() =>
        AssertClean([Wire.Encode(DualSccrqTests.Dual, 0)], []);

    [Fact]
    public void Tshark_marks_a_message_we_break_on_purpose()
    {
        var broken = Wire.Encode(new Icrq { LocalSessionId = new(1) }, 1);
        broken[21] = 0xFF;
        if (Dissect([broken], []) is string[] lines)
            Assert.NotEqual("", Marks(Assert.Single(lines)));
    }

    private List<byte[]> RandomPackets(ProtocolVersion version, DigestType? digest)
    {
        var seed = Seeds.One(output.WriteLine);
        var messages = new RandomMessages(new Random(seed), version) { Printable = true };
        List<byte[]> packets = [];
        foreach (var type in RandomMessages.Types(version))
        {
            for (var i = 0; i < MessagesPerType; i++)
            {
                var options = i % 2 == 0 ? new EncodeOptions(Digest: digest) : new EncodeOptions(Key, new byte[16], digest);
                packets.Add(Wire.Encode(messages.Draw(type), 1, options, version));
            }
        }

        return packets;
    }

    /// <summary>A control connection from SCCRQ to an ICRQ, from which tshark learns the nonces as a peer would.</summary>
    private static List<byte[]> Conversation(DigestType digest, string secret)
    {
        var keys = ControlMessageKeys.FromSecret(System.Text.Encoding.ASCII.GetBytes(secret));
        byte[] a = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
        byte[] b = [.. Enumerable.Range(101, 16).Select(i => (byte)i)];
        PseudowireType[] types = [PseudowireType.Ethernet];
        return
        [
            Seal(new Sccrq { HostName = "a", AssignedTunnelId = new(0x11111111), RouterId = 1, PseudowireCapabilities = types, Nonce = a },
                0, a, b),
            Seal(new Sccrp { HostName = "b", AssignedTunnelId = new(0x22222222), RouterId = 2, PseudowireCapabilities = types, Nonce = b },
                0x11111111, b, a),
            Seal(new Scccn(), 0x22222222, a, b),
            Seal(Ack.Instance, 0x11111111, b, a),
            Seal(new Icrq { LocalSessionId = new(7), PseudowireType = PseudowireType.Ethernet, RemoteEndId = "pw-1"u8.ToArray() },
                0x22222222, a, b),
            Seal(Hello.Instance, 0x11111111, b, a),
        ];

        byte[] Seal(ControlMessage message, uint tunnelId, byte[] local, byte[] remote)
        {
            var octets = Wire.Encode(message, tunnelId, new EncodeOptions(Digest: digest), ProtocolVersion.V3);
            ControlHeader.PatchSequence(octets, 3, 4);
            MessageDigest.Seal(octets, keys, local, remote);
            return octets;
        }
    }

    private void AssertClean(List<byte[]> packets, string[] options)
    {
        if (Dissect(packets, options) is not string[] lines)
            return;
        Assert.Equal(packets.Count, lines.Length);
        for (var i = 0; i < lines.Length; i++)
        {
            Assert.StartsWith("l2tp", lines[i].Split('\t')[0], StringComparison.Ordinal);
            Assert.True(Marks(lines[i]).Length == 0, $"{Marks(lines[i])}: {Convert.ToHexString(packets[i])}");
        }

        output.WriteLine($"tshark read {lines.Length} messages");
    }

    /// <summary>The errors that tshark reports. "undecoded" AVPs are not errors: tshark does not know the later RFCs.</summary>
    private static string Marks(string line) =>
        string.Join('|', line.Split('\t', '|').Skip(1).Where(mark => mark is not ("" or NotKnownToTshark)));

    /// <summary>
    /// One line per packet: the protocol, then the errors of tshark. <c>null</c> if there is no tshark, which is a failure in CI.
    /// </summary>
    private string[]? Dissect(List<byte[]> packets, string[] options)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, Pcap(packets));
            var start = new ProcessStartInfo("tshark") { RedirectStandardOutput = true, RedirectStandardError = true };
            string[] fields = ["-T", "fields", "-E", "aggregator=|", "-e", "_ws.col.Protocol", "-e", "_ws.malformed", "-e",
                "_ws.expert.message"];
            foreach (var argument in (string[])["-r", file, .. options, .. fields])
                start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var text = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(TimeSpan.FromSeconds(60)))
            {
                process.Kill();
                Assert.Fail("tshark did not end within 60 s");
            }

            Assert.Equal(0, process.ExitCode);
            return [.. text.GetAwaiter().GetResult().Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.ToLowerInvariant())];
        }
        catch (Win32Exception)
        {
            output.WriteLine("tshark is not installed: nothing was checked");
            Assert.NotEqual("true", Environment.GetEnvironmentVariable("CI"));
            return null;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>A capture of IPv4/UDP packets from port 1701 to port 1701, alternating between the two hosts.</summary>
    private static byte[] Pcap(List<byte[]> payloads)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (var word in (uint[])[0xA1B2C3D4, 0x00040002, 0, 0, 65535, LinkTypeRawIp])
            writer.Write(word);
        for (var i = 0; i < payloads.Count; i++)
        {
            var payload = payloads[i];
            var packet = new byte[28 + payload.Length];
            packet[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
            packet[8] = 64;
            packet[9] = 17;
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), i % 2 == 0 ? 0xC0000201 : 0xC0000202);
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), i % 2 == 0 ? 0xC0000202 : 0xC0000201);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(20), L2tpPort);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), L2tpPort);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), (ushort)(8 + payload.Length));
            payload.CopyTo(packet, 28);
            foreach (var word in (uint[])[0, 0, (uint)packet.Length, (uint)packet.Length])
                writer.Write(word);
            writer.Write(packet);
        }

        writer.Flush();
        return stream.ToArray();
    }
}
