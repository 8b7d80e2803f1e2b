using System.Text;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;

namespace L2tpd.Unit.Tests.Ppp;

/// <summary>The interface identifier that a peer gets which asks for one, by 0 or without the option (RFC 5072 section 4.1).</summary>
public sealed class PeerIdentifierTests
{
    private const ulong UniversalBit = 0x0200_0000_0000_0000;
    private const ulong Ours = 1;
    private static readonly byte[] _secret = [1, 2, 3];

    [Fact]
    public void A_user_gets_the_same_identifier_on_every_connection()
    {
        var first = SuggestionTo("user", _secret, randomStart: 0x10);
        Assert.Equal(first, SuggestionTo("user", _secret, randomStart: 0x80));
        Assert.Equal(0ul, first & UniversalBit);
        Assert.NotEqual(0ul, first);
    }

    [Fact]
    public void Other_users_and_other_secrets_have_other_identifiers()
    {
        var first = SuggestionTo("user", _secret, randomStart: 0x10);
        Assert.NotEqual(first, SuggestionTo("usez", _secret, randomStart: 0x10));
        Assert.NotEqual(first, SuggestionTo("user", [1, 2, 4], randomStart: 0x10));
    }

    [Theory]
    [InlineData("user", new byte[0])]
    [InlineData("", new byte[] { 1, 2, 3 })]
    public void Without_a_secret_or_a_name_it_is_random(string user, byte[] secret) =>
        Assert.NotEqual(SuggestionTo(user, secret, randomStart: 0x10), SuggestionTo(user, secret, randomStart: 0x80));

    [Fact]
    public void An_identifier_that_the_peer_chose_stays()
    {
        var rig = Authenticated("user", _secret, randomStart: 0x10);
        rig.Receive(PppProtocol.Ipv6cp, 1, 1, "010a 0000000000000005");
        Assert.Equal("80570201" + "000e" + "010a0000000000000005", rig.Sent());
    }

    private static ulong SuggestionTo(string user, byte[] secret, byte randomStart)
    {
        var rig = Authenticated(user, secret, randomStart);
        rig.Receive(PppProtocol.Ipv6cp, 1, 1, "010a 0000000000000000");
        var nak = rig.Sent();
        Assert.StartsWith("80570301000e010a", nak, StringComparison.Ordinal);
        rig.Receive(PppProtocol.Ipv6cp, 1, 2, "");
        Assert.Equal("80570302" + nak[8..], rig.Sent());
        return Convert.ToUInt64(nak[16..], 16);
    }

    private static PppRig Authenticated(string user, byte[] secret, byte randomStart)
    {
        var profile = new PppProfile
        {
            Server = true, Ipv4 = false, EchoInterval = 0, InterfaceIdentifier = Ours, IdentifierSecret = secret,
            RequireFromPeer = [AuthenticationProtocol.Pap],
        };
        var rig = new PppRig(profile, randomStart: randomStart);
        rig.OpenLcp();
        var name = Convert.ToHexStringLower(Encoding.UTF8.GetBytes(user));
        rig.Receive(PppProtocol.Pap, 1, 5, $"{user.Length:x2} {name} 02 7077");
        rig.Endpoint.HandleAuthentication(rig.Proofs[^1].Attempt, new AuthenticationResult { Accepted = true }, rig.Now, rig);
        rig.Frames.Clear();
        return rig;
    }
}
