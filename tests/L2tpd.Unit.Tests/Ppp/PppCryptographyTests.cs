using System.Text;
using L2tpd.Ppp.Cryptography;

namespace L2tpd.Unit.Tests.Ppp;

/// <summary>The vectors of RFC 1320, RFC 1994, RFC 2759 and FIPS 46-3.</summary>
public class PppCryptographyTests
{
    private static readonly byte[] _authenticatorChallenge = Convert.FromHexString("5b5d7c7d7b3f2f3e3c2c602132262628");
    private static readonly byte[] _peerChallenge = Convert.FromHexString("21402324255e262a28295f2b3a337c7e");
    private static readonly byte[] _ntResponse = Convert.FromHexString("82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df");

    [Theory]
    [InlineData("", "31d6cfe0d16ae931b73c59d7e0c089c0")]
    [InlineData("a", "bde52cb31de33e46245e05fbdbd6fb24")]
    [InlineData("abc", "a448017aaf21d8525fc10ae87aa6729d")]
    [InlineData("message digest", "d9130a8164549fe818874806e1c7014b")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "043f8582f241db351ce627e153e7f0e4")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345678901234567890", "e33b4ddc9c38f2199c3e7b164fcc0536")]
    public void MD4_hashes_as_rfc1320(string message, string digest)
    {
        var actual = new byte[16];
        Md4.Hash(Encoding.ASCII.GetBytes(message), actual);
        Assert.Equal(digest, Convert.ToHexStringLower(actual));
    }

    [Theory]
    [InlineData("133457799bbcdff1", "0123456789abcdef", "85e813540f0ab405")]
    [InlineData("0101010101010101", "8000000000000000", "95f8a5e5dd31d900")]
    [InlineData("8001010101010101", "0000000000000000", "95a8d72813daa94d")]
    [InlineData("7ca110454a1a6e57", "01a1d6d039776742", "690f5b0d9a26939b")]
    public void DES_encrypts_known_blocks(string key8, string plain, string cipher)
    {
        ulong key = 0;
        foreach (var octet in Convert.FromHexString(key8))
            key = (key << 7) | (uint)(octet >> 1);

        byte[] key7 = [.. Enumerable.Range(0, 7).Select(i => (byte)(key >> (48 - (8 * i))))];
        var actual = new byte[8];
        Des.EncryptBlock(key7, Convert.FromHexString(plain), actual);
        Assert.Equal(cipher, Convert.ToHexStringLower(actual));
    }

    [Fact]
    public void CHAP_MD5_response()
    {
        byte[] challenge = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];
        var response = new byte[16];
        ChapMd5.Response(0x2a, "password"u8, challenge, response);
        Assert.Equal("3e0949a5572c2d338c182b7f6377471d", Convert.ToHexStringLower(response));
        Assert.True(ChapMd5.Verify(0x2a, "password"u8, challenge, response));
        Assert.False(ChapMd5.Verify(0x2b, "password"u8, challenge, response));
        Assert.False(ChapMd5.Verify(0x2a, "Password"u8, challenge, response));
    }

    [Fact]
    public void MS_CHAP_v2_steps_as_rfc2759()
    {
        var challenge = new byte[8];
        var hash = new byte[16];
        var hashHash = new byte[16];
        var response = new byte[24];
        MsChapV2.ChallengeHash(_peerChallenge, _authenticatorChallenge, "User"u8, challenge);
        MsChapV2.PasswordHash("clientPass"u8, hash);
        Md4.Hash(hash, hashHash);
        MsChapV2.NtResponse(_authenticatorChallenge, _peerChallenge, "User"u8, "clientPass"u8, response);

        Assert.Equal("d02e4386bce91226", Convert.ToHexStringLower(challenge));
        Assert.Equal("44ebba8d5312b8d611474411f56989ae", Convert.ToHexStringLower(hash));
        Assert.Equal("41c00c584bd2d91c4017a2a12fa59f3f", Convert.ToHexStringLower(hashHash));
        Assert.Equal(Convert.ToHexString(_ntResponse), Convert.ToHexString(response));
        Assert.Equal(
            "S=407A5589115FD0D6209F510FE9C04566932CDA56",
            MsChapV2.AuthenticatorResponse("clientPass"u8, _ntResponse, _peerChallenge, _authenticatorChallenge, "User"u8));
    }

    [Theory]
    [InlineData("User", "clientPass", true)]
    [InlineData("DOMAIN\\User", "clientPass", true)]
    [InlineData("user", "clientPass", false)]
    [InlineData("User", "clientpass", false)]
    public void MS_CHAP_v2_verifies(string user, string password, bool accepted)
    {
        byte[] value = [.. _peerChallenge, .. new byte[8], .. _ntResponse, 0];
        Assert.Equal(accepted, MsChapV2.Verify(_authenticatorChallenge, value, Encoding.UTF8.GetBytes(user),
            Encoding.UTF8.GetBytes(password)));
        Assert.False(MsChapV2.Verify(_authenticatorChallenge, value.AsSpan(0, 48), Encoding.UTF8.GetBytes(user),
            Encoding.UTF8.GetBytes(password)));
    }

    [Fact]
    public void MS_CHAP_v2_keys_for_mppe_come_from_the_same_hash()
    {
        // RFC 3079 section 3.4: the master key proves HashHash and NT-Response once more.
        var hash = new byte[16];
        var hashHash = new byte[16];
        MsChapV2.PasswordHash("clientPass"u8, hash);
        Md4.Hash(hash, hashHash);
        var master = System.Security.Cryptography.SHA1.HashData([.. hashHash, .. _ntResponse, .. "This is the MPPE Master Key"u8]);
        Assert.Equal("fdece3717a8c838cb388e527ae3cdd31", Convert.ToHexStringLower(master.AsSpan(0, 16)));
        Assert.Equal(
            "d5f0e9521e3ea9589645e86051c82226",
            StartKey(master, "On the client side, this is the send key; on the server side, it is the receive key."));
        Assert.Equal(
            "8b7cdc149b993a1ba118cb153f56dccb",
            StartKey(master, "On the client side, this is the receive key; on the server side, it is the send key."));
    }

    private static string StartKey(byte[] master, string magic)
    {
        var pad1 = new byte[40];
        byte[] pad2 = [.. Enumerable.Repeat((byte)0xf2, 40)];
        var digest = System.Security.Cryptography.SHA1.HashData([.. master[..16], .. pad1, .. Encoding.ASCII.GetBytes(magic), .. pad2]);
        return Convert.ToHexStringLower(digest.AsSpan(0, 16));
    }
}
