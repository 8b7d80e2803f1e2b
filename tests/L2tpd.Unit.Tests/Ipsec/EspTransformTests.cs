using L2tpd.Ipsec.Associations;
using L2tpd.Ipsec.Connections;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.Protocol;

namespace L2tpd.Unit.Tests.Ipsec;

/// <summary>
/// What ESP leaves of a packet, computed by hand: the path, less IP (20, 40), UDP of NAT traversal (8), ESP (8), the initialisation vector
/// and the check value, down to a multiple of the block, less pad length and next header (2).
/// </summary>
public sealed class EspTransformTests
{
    [Theory]
    // 1500 - 20 - 8 - 16 - 12 = 1444 -> 1440 - 2
    [InlineData("AES_CBC-256/HMAC_SHA1_96", false, false, 1438)]
    // 1500 - 20 - 8 - 8 - 16 - 12 = 1436 -> 1424 - 2
    [InlineData("AES_CBC-256/HMAC_SHA1_96", false, true, 1422)]
    // 1500 - 40 - 8 - 16 - 12 = 1424 - 2
    [InlineData("AES_CBC-128/HMAC_SHA1_96", true, false, 1422)]
    // 1500 - 20 - 8 - 16 - 16 = 1440 - 2
    [InlineData("AES_CBC-256/HMAC_SHA2_256_128", false, false, 1438)]
    // 1500 - 20 - 8 - 8 - 16 - 16 = 1432 -> 1424 - 2
    [InlineData("AES_CBC-256/HMAC_SHA2_256_128", false, true, 1422)]
    // 1500 - 40 - 8 - 16 - 16 = 1420 -> 1408 - 2
    [InlineData("AES_CBC-256/HMAC_SHA2_256_128", true, false, 1406)]
    // 1500 - 20 - 8 - 8 - 16 = 1448 - 2
    [InlineData("AES_GCM_16-256", false, false, 1446)]
    // 1500 - 20 - 8 - 8 - 8 - 16 = 1440 - 2
    [InlineData("AES_GCM_16-128", false, true, 1438)]
    // 1500 - 40 - 8 - 8 - 16 = 1428 - 2
    [InlineData("AES_GCM_16-256", true, false, 1426)]
    // 1500 - 20 - 8 - 8 - 8 = 1456 - 2
    [InlineData("AES_GCM_8-256", false, false, 1454)]
    [InlineData("CHACHA20_POLY1305-256", false, false, 1446)]
    // 1500 - 20 - 8 - 8 - 12 = 1452 -> 1448 - 2
    [InlineData("3DES_CBC/HMAC_SHA1_96", false, false, 1446)]
    // 1500 - 20 - 8 - 8 - 8 - 12 = 1444 -> 1440 - 2
    [InlineData("3DES_CBC/HMAC_SHA1_96", false, true, 1438)]
    // 1500 - 40 - 8 - 8 - 12 = 1432 - 2
    [InlineData("3DES_CBC/HMAC_MD5_96", true, false, 1430)]
    // 1500 - 20 - 8 - 8 - 16 - 32 = 1416 -> 1408 - 2
    [InlineData("AES_CBC-256/HMAC_SHA2_512_256", false, true, 1406)]
    [InlineData("AES_CTR-128/HMAC_SHA2_384_192", false, false, 1438)]
    // 1500 - 20 - 8 - 0 - 12 = 1460 - 2
    [InlineData("NULL/HMAC_SHA1_96", false, false, 1458)]
    // What is not known is taken for the longest.
    [InlineData("QUANTUM_9/HMAC_SHA1_96", false, true, 1406)]
    [InlineData("", false, true, 1406)]
    public void The_longest_payload_of_a_path_of_1500(string algorithms, bool isIPv6, bool isInUdp, int expected)
    {
        var transform = EspTransform.OfAlgorithms(algorithms);
        Assert.Equal(expected, transform.LargestPayload(1500, isIPv6, isInUdp));
        Assert.Equal(expected + (isIPv6 ? 40 : 20), transform.LargestPacket(1500, isIPv6, isInUdp));
        // One octet more of the path never makes more than one block more, and the result always fits.
        for (var mtu = 576; mtu <= 1600; mtu++)
        {
            var payload = transform.LargestPayload(mtu, isIPv6, isInUdp);
            var around = (isIPv6 ? 40 : 20) + (isInUdp ? 8 : 0) + 8 + transform.VectorSize + transform.CheckSize;
            Assert.Equal(0, (payload + 2) % transform.BlockSize);
            Assert.InRange(mtu - around - payload - 2, 0, transform.BlockSize - 1);
        }
    }

    [Theory]
    [InlineData("aes256-sha1", 16, 16, 12)]
    [InlineData("aes256-sha256", 16, 16, 16)]
    [InlineData("aes128-sha256_96", 16, 16, 12)]
    [InlineData("aes256-sha1-sha384-modp2048", 16, 16, 24)]
    [InlineData("3des-sha1", 8, 8, 12)]
    [InlineData("3des-aes128-sha1", 16, 16, 12)]
    [InlineData("aes256gcm16", 8, 4, 16)]
    [InlineData("aes128gcm96-x25519", 8, 4, 12)]
    [InlineData("aes256ccm64", 8, 4, 8)]
    [InlineData("chacha20poly1305", 8, 4, 16)]
    [InlineData("aes256ctr-aesxcbc", 8, 4, 12)]
    [InlineData("default", 16, 16, 32)]
    public void A_proposal_of_swanctl(string proposal, int vector, int block, int check) =>
        Assert.Equal(new EspTransform(vector, block, check), EspTransform.OfProposals([proposal]));

    [Fact]
    public void Of_several_proposals_the_one_that_leaves_least_room_counts()
    {
        Assert.Equal(new EspTransform(16, 16, 16), EspTransform.OfProposals(ProposalLists.ModernEsp));
        Assert.Equal(EspTransform.Largest, EspTransform.OfProposals([]));
        Assert.Equal(new EspTransform(16, 16, 12), EspTransform.OfProposals(["aes256gcm16", "3des-sha1", "aes128-sha1"]));
    }

    // What is left for PPP of the payload: less UDP 8, L2TP with Length, Ns and Nr 12 (v2) or 20 (v3), PPP 4.
    [Theory]
    [InlineData("AES_CBC-256/HMAC_SHA1_96", false, false, ProtocolVersion.V2, 1414)]
    [InlineData("AES_CBC-256/HMAC_SHA1_96", false, true, ProtocolVersion.V2, 1398)]
    [InlineData("AES_CBC-256/HMAC_SHA2_256_128", true, false, ProtocolVersion.V2, 1382)]
    [InlineData("AES_GCM_16-256", false, true, ProtocolVersion.V2, 1414)]
    [InlineData("AES_GCM_16-256", false, true, ProtocolVersion.V3, 1406)]
    [InlineData("3DES_CBC/HMAC_SHA1_96", false, true, ProtocolVersion.V2, 1414)]
    public void The_PPP_payload_of_a_path_of_1500(string algorithms, bool isIPv6, bool isInUdp, ProtocolVersion version, int expected)
    {
        var packet = EspTransform.OfAlgorithms(algorithms).LargestPacket(1500, isIPv6, isInUdp);
        Assert.Equal(expected, PathLimits.PayloadOf(packet, isIPv6, version));
    }
}
