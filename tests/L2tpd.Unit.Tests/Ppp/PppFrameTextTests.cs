using System.Text;
using L2tpd.Ppp.Text;

namespace L2tpd.Unit.Tests.Ppp;

public sealed class PppFrameTextTests(ITestOutputHelper output)
{
    public static TheoryData<string, string, string[]> Frames => new()
    {
        { "ff03 c021 01 07 0012 0104 05dc 0304 c023 0506 01020304", "LCP Configure-Request id 7",
            ["Maximum-Receive-Unit: 1500", "Authentication-Protocol: PAP", "Magic-Number: 0x01020304"] },
        { "c021 04 07 000d 0305 c22381 0702 6302", "LCP Configure-Reject id 7",
            ["Authentication-Protocol: MS-CHAPv2", "Protocol-Field-Compression", "option 99"] },
        { "c021 01 01 0006 0109", "LCP Configure-Request id 1", ["malformed options, 2 octets"] },
        { "c021 09 02 0008 0a0b0c0d", "LCP Echo-Request id 2", ["Magic-Number: 0x0a0b0c0d"] },
        { "c021 05 03 0008 62796521", "LCP Terminate-Request id 3", ["Reason: \"bye!\""] },
        { "c023 01 01 000d 03626f62 0470617373", "PAP Authenticate-Request id 1", ["Peer-ID: \"bob\"", "Password: 4 octets, not shown"] },
        { "c023 03 01 0008 036e6f21", "PAP Authenticate-Nak id 1", ["Message: \"no!\""] },
        { "c223 01 02 000a 03 010203 4c53", "CHAP Challenge id 2", ["Challenge: 010203", "Name: \"LS\""] },
        { "c223 02 02 000b 03 010203 626f62", "CHAP Response id 2", ["Response: 3 octets, not shown", "Name: \"bob\""] },
        { "c223 03 02 0006 4f4b", "CHAP Success id 2", ["Message: \"OK\""] },
        { "c227 02 03 0008 01 626f62", "EAP Response id 3", ["Identity: \"bob\""] },
        { "c227 02 03 0009 04 03010203", "EAP Response id 3", ["type 4: 4 octets, not shown"] },
        { "8021 01 01 0010 0306 0a000001 8106 08080808", "IPCP Configure-Request id 1",
            ["IP-Address: 10.0.0.1", "Primary-DNS: 8.8.8.8"] },
        { "8057 02 01 000e 010a 0102030405060708", "IPV6CP Configure-Ack id 1", ["Interface-Identifier: 0x0102030405060708"] },
        { "80fd 01 01 0004", "CCP Configure-Request id 1", [] },
        { "0021 45000014", "IPv4, 4 octets", [] },
        { "c021 08 01 000a c023 0101 0004", "LCP Protocol-Reject id 1", ["Rejected: PAP"] },
        { "c021 01", "LCP, malformed, 1 octets", [] },
        { "ff03", "malformed PPP frame of 2 octets", [] },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_frame_is_told_by_protocol_code_and_options(string hex, string summary, string[] details)
    {
        var frame = Octets(hex);
        Assert.Equal(summary, PppFrameText.Summary(frame));
        Assert.Equal(details, PppFrameText.Details(frame));
        PppFrameSecrets.Remove(frame);
        Assert.Equal(summary, PppFrameText.Summary(frame) is "malformed PPP frame of 2 octets" ? summary : PppFrameText.Summary(frame));
        Assert.Equal(details, PppFrameText.Details(frame));
    }

    /// <summary>S, the secret, is 73656372657421.</summary>
    [Theory]
    [InlineData("c023 01 01 0010 03626f62 07 S", "c023 01 01 0010 03626f62 07 00000000000000")]
    [InlineData("ff03 c023 01 01 0010 03626f62 07 S S", "ff03 c023 01 01 0010 03626f62 07 00000000000000 00000000000000")]
    [InlineData("c023 01 01 0010 ff626f62 07 S", "c023 01 01 0010 00000000 00 00000000000000")]
    [InlineData("c023 01 01 ffff 03626f62 07 S", "c023 01 01 ffff 00000000 00 00000000000000")]
    [InlineData("c023 09 01 000b S", "c023 09 01 000b 00000000000000")]
    [InlineData("c223 02 02 000f 07 S 626f62", "c223 02 02 000f 07 00000000000000 626f62")]
    [InlineData("c223 02 02 000c ff S", "c223 02 02 000c 00 00000000000000")]
    [InlineData("c223 03 02 000d 533d S", "c223 03 02 000d 533d 00000000000000")]
    [InlineData("c223 07 02 000b S", "c223 07 02 000b 00000000000000")]
    [InlineData("c227 02 03 000c 04 S", "c227 02 03 000c 04 00000000000000")]
    [InlineData("c021 08 01 0016 c023 01 01 0010 03626f62 07 S", "c021 08 01 0016 c023 01 01 0010 03626f62 07 00000000000000")]
    [InlineData("c021 08 01 0013 c023 01 01 0010 03626f S", "c021 08 01 0013 c023 01 01 0010 000000 00000000000000")]
    [InlineData("c029 S", "c029 00000000000000")]
    [InlineData("003d S", "003d 00000000000000")]
    [InlineData("0021 4500001b0000000040110000c0000201c0000202 S", "0021 4500001b0000000040110000c0000201c0000202 00000000000000")]
    public void Passwords_and_answers_are_removed(string with, string without)
    {
        var frame = Octets(with.Replace("S", "73656372657421", StringComparison.Ordinal));
        PppFrameSecrets.Remove(frame);
        Assert.Equal(Convert.ToHexStringLower(Octets(without)), Convert.ToHexStringLower(frame));
    }

    [Theory]
    [InlineData("c023 01 01 000d 03626f62 0470617373", "bob")]
    [InlineData("c223 02 02 000b 03 010203 626f62", "bob")]
    [InlineData("c227 02 03 0008 01 626f62", "bob")]
    [InlineData("c223 01 02 000a 03 010203 4c53", null)]
    [InlineData("c023 01 01 0008 ff626f62", null)]
    public void The_name_of_who_claims_to_be_a_user(string hex, string? name) =>
        Assert.Equal(name, PppFrameText.ClaimedName(Octets(hex)));

    [Fact]
    public void No_octets_throw()
    {
        var random = new Random(Seeds.One(output.WriteLine));
        var frames = Frames.Select(static row => Octets((string)((ITheoryDataRow)row).GetData()[0]!)).ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var frame = frames[random.Next(frames.Length)];
            frame = frame[..random.Next(frame.Length + 1)];
            for (var change = random.Next(4); change > 0 && frame.Length > 0; change--)
                frame[random.Next(frame.Length)] = (byte)random.Next(256);
            _ = PppFrameText.Summary(frame);
            _ = PppFrameText.Details(frame);
            _ = PppFrameText.ClaimedName(frame);
            PppFrameSecrets.Remove(frame);
        }
    }

    private static byte[] Octets(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
