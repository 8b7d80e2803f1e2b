using System.Buffers.Binary;
using System.Security.Cryptography;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// Proxy LCP and authentication in the ICCN of another implementation's LAC (RFC 2661 section 4.4.5), and the daemon's answers to the
/// subscriber: the example configuration on the userspace data plane, frames octet by octet.
/// </summary>
public sealed class ProxyAvpTests
{
    private const string Lns = "192.0.2.2";
    private const string Challenge = "000102030405060708090a0b0c0d0e0f";
    private const string LacMagic = "01020304";
    private const string SubscriberMagic = "0a0b0c0d";
    private const string ChapSent = "010405d4" + "0305c22305" + "0506" + LacMagic;
    private const string PapSent = "010405d4" + "0304c023" + "0506" + LacMagic;
    private const string Received = "01040514" + "0506" + SubscriberMagic;

    // The options that this LNS asks for if the LAC negotiated none: the MRU 1400 of its profile, CHAP with MD5, a magic number.
    private const string OwnLcp = "01040578" + "0305c22305" + "0506";

    [Theory]
    [InlineData("chap", ChapSent, "c223032a")]
    [InlineData("pap", PapSent, "c023022a")]
    public void Acceptable_state_is_taken_over_and_the_subscriber_hears_no_lcp(string method, string sent, string success)
    {
        using var pair = new NamespacePair();
        using var lns = StartLns(pair);
        using var lac = ScriptedLac.Connect(pair.First, Lns, "test");
        lac.Call([.. Lcp(sent, Received), .. method == "pap" ? Pap("test") : Chap("test")]);

        // It waits for the result of what it sent to the LAC; this is not a new negotiation.
        Assert.StartsWith(success, lac.NextFrame(), StringComparison.Ordinal);
        ComeUp(lac);
        lac.SendFrame(Octets("c021 09 05 0008" + SubscriberMagic));
        Assert.Equal("c0210a050008" + LacMagic, Next(lac));
        AssertPings(lac);
        // The subscriber repeats its response: the same answer, and no second request.
        lac.SendFrame(method == "pap" ? PapRequest("test") : ChapResponse(0x2a, "test", Octets(Challenge)));
        Assert.StartsWith(success, Next(lac), StringComparison.Ordinal);
        lac.HangUp();
        lns.WaitFor("PPP of test ended");
        Assert.Contains(lns.Lines, line =>
            line.Contains("LCP taken over from the LAC: send up to 1300 octets, receive up to 1492", StringComparison.Ordinal));
        Assert.Single(lns.Lines, line => line.Contains("user test is authenticated", StringComparison.Ordinal));
        AssertEndsWell(lns, lac);
    }

    [Theory]
    [InlineData("chap", ChapSent, "c223042a", "c223")]
    [InlineData("pap", PapSent, "c023032a", "c023")]
    public void A_wrong_proof_is_refused_with_the_codes_of_both_protocols(string method, string sent, string failure, string protocol)
    {
        using var pair = new NamespacePair();
        using var lns = StartLns(pair);
        using var lac = ScriptedLac.Connect(pair.First, Lns, "test");
        lac.Call([.. Lcp(sent, Received), .. method == "pap" ? Pap("wrong") : Chap("wrong")]);

        Assert.StartsWith(failure, lac.NextFrame(), StringComparison.Ordinal);
        var terminate = lac.NextFrame();
        Assert.StartsWith("c02105", terminate, StringComparison.Ordinal);
        lac.SendFrame(Octets("c021 06" + terminate[6..8] + "0004"));
        var avps = lac.WaitForCallDisconnect();
        // Result 3; PPP disconnect cause 16, at the peer (RFC 3145 section 2.1).
        Assert.Equal(3, BinaryPrimitives.ReadUInt16BigEndian(avps[1]));
        Assert.StartsWith("0010" + protocol + "01", Convert.ToHexStringLower(avps[46]), StringComparison.Ordinal);
        AssertEndsWell(lns, lac);
        Assert.DoesNotContain("network is up", lns.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_proof_only_the_authentication_follows()
    {
        using var pair = new NamespacePair();
        using var lns = StartLns(pair);
        using var lac = ScriptedLac.Connect(pair.First, Lns, "test");
        lac.Call(Lcp(ChapSent, Received));
        Authenticate(lac);
        ComeUp(lac);
        AssertPings(lac);
        AssertEndsWell(lns, lac);
    }

    [Fact]
    public void Renegotiate_starts_LCP_anew_and_believes_no_proof()
    {
        using var pair = new NamespacePair();
        using var lns = StartLns(pair, "lcp: renegotiate");
        using var lac = ScriptedLac.Connect(pair.First, Lns, "test");
        lac.Call([.. Lcp(ChapSent, Received), .. Chap("test")]);
        Negotiate(lac);
        Authenticate(lac);
        ComeUp(lac);
        AssertPings(lac);
        AssertEndsWell(lns, lac);
    }

    [Theory]
    [InlineData("01042328" + "0305c22305" + "0506" + LacMagic, Received, "an MRU beyond what anybody takes")]
    [InlineData("0304c227" + "0506" + LacMagic, Received, "EAP")]
    [InlineData("0506" + LacMagic, Received, "no authentication")]
    [InlineData(ChapSent + "110405dc", Received, "multilink")]
    [InlineData(ChapSent, "0305c22305" + "0506" + SubscriberMagic, "a proof of ours")]
    [InlineData(ChapSent, "0506" + LacMagic, "the same magic number")]
    [InlineData(ChapSent, "01040010", "a tiny MRU")]
    [InlineData(ChapSent, "0105", "a broken list")]
    [InlineData(ChapSent, null, "half of it")]
    public void Unacceptable_state_starts_LCP_anew(string sent, string? received, string what)
    {
        using var pair = new NamespacePair();
        using var lns = StartLns(pair);
        using var lac = ScriptedLac.Connect(pair.First, Lns, "test");
        lac.Call([.. Lcp(sent, received), .. Chap("test")]);
        Negotiate(lac);
        Authenticate(lac);
        ComeUp(lac);
        AssertEndsWell(lns, lac);
        Assert.True(lns.Lines.Any(line => line.Contains("user test is authenticated by ChapMd5", StringComparison.Ordinal)), what);
        Assert.DoesNotContain("taken over", lns.Output, StringComparison.Ordinal);
    }

    private static DaemonProcess StartLns(NamespacePair pair, string more = "lcp: proxy") => DaemonProcess.Start(
        UserspacePppTests.Example().Replace("level: information", "level: debug", StringComparison.Ordinal)
            .Replace("    backend: built-in\n", $"    backend: built-in\n    {more}\n", StringComparison.Ordinal),
            networkNamespace: pair.Second);

    /// <summary>The subscriber's part if LCP starts again.</summary>
    private static void Negotiate(ScriptedLac lac)
    {
        var request = lac.NextFrame();
        Assert.StartsWith("c02101", request, StringComparison.Ordinal);
        Assert.Equal(OwnLcp, request[12..^8]);
        Assert.NotEqual(LacMagic, request[^8..]);
        lac.SendFrame(Octets("c02102" + request[6..]));
        lac.SendFrame(Octets("c021 01 01 000a 0506" + SubscriberMagic));
        Assert.Equal("c0210201000a" + "0506" + SubscriberMagic, lac.NextFrame());
    }

    /// <summary>The subscriber is challenged and authenticates.</summary>
    private static void Authenticate(ScriptedLac lac)
    {
        var challenge = Octets(lac.NextFrame());
        Assert.Equal("c2230110", $"{Convert.ToHexStringLower(challenge.AsSpan(0, 3))}{challenge[6]:x2}");
        Assert.NotEqual(Challenge, Convert.ToHexStringLower(challenge.AsSpan(7, 16)));
        lac.SendFrame(ChapResponse(challenge[3], "test", challenge.AsSpan(7, 16)));
        Assert.StartsWith($"c22303{challenge[3]:x2}", lac.NextFrame(), StringComparison.Ordinal);
    }

    /// <summary>IPCP: the subscriber gets 10.99.0.2.</summary>
    private static void ComeUp(ScriptedLac lac)
    {
        var request = Next(lac);
        Assert.StartsWith("802101", request, StringComparison.Ordinal);
        Assert.EndsWith("000a" + "03060a630001", request, StringComparison.Ordinal);
        lac.SendFrame(Octets("802102" + request[6..]));
        lac.SendFrame(Octets("8021 01 01 000a 0306 00000000"));
        Assert.Equal("80210301000a" + "03060a630002", Next(lac));
        lac.SendFrame(Octets("8021 01 02 000a 0306 0a630002"));
        Assert.Equal("80210202000a" + "03060a630002", Next(lac));
    }

    /// <summary>An ICMP echo to the LNS comes back through its interface.</summary>
    private static void AssertPings(ScriptedLac lac)
    {
        var packet = Octets("45000024 00000000 4001 0000 0a630002 0a630001 0800 0000 1234 0001 6c327470 6f6b6179");
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Sum(packet.AsSpan(0, 20)));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), Sum(packet.AsSpan(20)));
        lac.SendFrame([0x00, 0x21, .. packet]);
        var reply = Octets(Next(lac));
        Assert.Equal("0021" + "45", Convert.ToHexStringLower(reply.AsSpan(0, 3)));
        Assert.Equal("0a6300010a6300020000", Convert.ToHexStringLower(reply.AsSpan(14, 10)));
        Assert.Equal("123400016c3274706f6b6179", Convert.ToHexStringLower(reply.AsSpan(26)));
    }

    private static void AssertEndsWell(DaemonProcess lns, ScriptedLac lac)
    {
        lns.Signal(DaemonProcess.Term);
        lac.WaitForStop();
        Assert.Equal(0, lns.WaitForExit());
        Assert.DoesNotContain("Internal error", lns.Output, StringComparison.Ordinal);
    }

    /// <summary>The next frame that is not IPv6CP: this subscriber does not use IPv6.</summary>
    private static string Next(ScriptedLac lac)
    {
        while (true)
        {
            var frame = lac.NextFrame();
            if (!frame.StartsWith("8057", StringComparison.Ordinal))
                return frame;
        }
    }

    private static (int Type, byte[] Value)[] Lcp(string sent, string? received) =>
        received is null ? [(26, Octets(Received)), (27, Octets(sent))]
            : [(26, Octets(received)), (27, Octets(sent)), (28, Octets(received))];

    private static (int Type, byte[] Value)[] Chap(string password) =>
        [(29, [0, 2]), (30, "test"u8.ToArray()), (31, Octets(Challenge)), (32, [0, 0x2a]),
            (33, ChapValue(0x2a, password, Octets(Challenge)))];

    private static (int Type, byte[] Value)[] Pap(string password) =>
        [(29, [0, 3]), (30, "test"u8.ToArray()), (32, [0, 0x2a]), (33, System.Text.Encoding.ASCII.GetBytes(password))];

    private static byte[] ChapResponse(byte id, string password, ReadOnlySpan<byte> challenge) =>
        [0xc2, 0x23, 2, id, 0, 25, 16, .. ChapValue(id, password, challenge), .. "test"u8];

    private static byte[] PapRequest(string password) =>
        [0xc0, 0x23, 1, 0x2a, 0, (byte)(10 + password.Length), 4, .. "test"u8, (byte)password.Length,
            .. System.Text.Encoding.ASCII.GetBytes(password)];

    private static byte[] ChapValue(byte id, string password, ReadOnlySpan<byte> challenge) =>
        MD5.HashData([id, .. System.Text.Encoding.ASCII.GetBytes(password), .. challenge]);

    private static ushort Sum(ReadOnlySpan<byte> octets)
    {
        var sum = 0;
        for (var i = 0; i < octets.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(octets[i..]);
        return (ushort)~((sum & 0xffff) + (sum >> 16));
    }

    private static byte[] Octets(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
