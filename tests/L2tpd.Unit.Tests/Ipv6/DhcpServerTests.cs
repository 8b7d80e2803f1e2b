using System.Collections.Immutable;
using System.Net;
using L2tpd.Ipv6.Dhcp;
using L2tpd.Ipv6.Packets;

namespace L2tpd.Unit.Tests.Ipv6;

/// <summary>The DHCPv6 server of a session against messages of real clients, and each row of RFC 8415 section 18.3.</summary>
public sealed class DhcpServerTests
{
    private const string Client = "0001000a00030001020000000001";
    private const string Server = "0002000e" + DhcpVectors.ServerId;
    private const string OtherServer = "0002000e000200007ed90102030405060709";
    private const string Pd1 = "0019000c000000010000000000000000";
    private const string Pd2 = "0019000c000000020000000000000000";
    private const string Na1 = "0003000c000000010000000000000000";
    private const string OursTail = "3820010db8770000000000000000000000";
    private const string Granted = "00190029" + "00000001" + "00000708" + "00000b40" + "001a0019" + "00000e10" + "00001c20" + OursTail;

    private static readonly DhcpSettings _settings = new() { ServerId = [.. Convert.FromHexString(DhcpVectors.ServerId)] };

    private static readonly DhcpOffer _prefix = new() { Prefixes = [DelegatedPrefix.From(IPNetwork.Parse("2001:db8:7700::/56"))] };

    private static readonly DhcpSettings _kea = _settings with
    {
        PreferredLifetime = 3000,
        ValidLifetime = 4000,
        NameServers = [AddressOf("2001:db8::53"), AddressOf("2001:db8::54")],
        SearchDomains = [.. Convert.FromHexString("076578616d706c65036e657400")],
    };

    [Fact]
    public void Every_message_of_a_real_client_or_server_is_read_and_written_again()
    {
        foreach (var vector in DhcpVectors.All)
        {
            var octets = Convert.FromHexString(vector);
            Assert.True(DhcpClientMessage.TryParse(octets, out var message), vector);
            var copy = new byte[octets.Length];
            var writer = new DhcpWriter(copy);
            writer.Header(message.Type, message.Transaction);
            Copy(message.Options, ref writer);
            Assert.False(writer.Overflowed);
            Assert.Equal(vector, Convert.ToHexStringLower(copy));
        }
    }

    [Theory]
    [InlineData(DhcpVectors.WideSolicit, DhcpVectors.WideAdvertise)]
    [InlineData(DhcpVectors.WideRequest, DhcpVectors.WideReply)]
    public void WIDE_gets_the_answers_of_Kea(string question, string answer)
    {
        // Kea had T1 and T2 of 1000 and 1600 s; ours are half and four fifths of the preferred lifetime.
        var expected = answer.Replace("000003e800000640", "000005dc00000960", StringComparison.Ordinal);
        Assert.Equal(expected, Ask(new DhcpServer(_kea, _prefix), question));
    }

    [Fact]
    public void A_rapid_commit_gets_the_Reply_of_Kea()
    {
        var settings = _kea with { PreferredLifetime = 30, ValidLifetime = 60, SearchDomains = [] };
        var server = new DhcpServer(settings, _prefix with { Addresses = [AddressOf("2001:db8:f:7::1000")] });
        var expected = DhcpVectors.RapidReply.Replace("000000060000000a", "0000000f00000018", StringComparison.Ordinal);
        Assert.Equal(expected, Ask(server, DhcpVectors.RapidSolicit));
        Assert.Equal((true, true), (server.HasPrefixes, server.HasAddresses));
    }

    [Theory]
    [InlineData(DhcpVectors.DhcpcdRequest, DhcpVectors.DhcpcdReply)]
    [InlineData(DhcpVectors.DhcpcdRebind, DhcpVectors.DhcpcdRebindReply)]
    public void Dhcpcd_gets_the_answers_of_Kea(string question, string answer)
    {
        var server = new DhcpServer(_kea with { PreferredLifetime = 30, ValidLifetime = 60 }, _prefix);
        Assert.Equal(answer.Replace("0000000400000007", "0000000f00000018", StringComparison.Ordinal), Ask(server, question));
        Assert.True(server.HasPrefixes);
    }

    [Fact]
    public void An_Advertise_binds_nothing()
    {
        var server = New();
        Assert.StartsWith("02df318f", Ask(server, DhcpVectors.DhcpcdSolicit), StringComparison.Ordinal);
        Assert.False(server.HasPrefixes);
    }

    [Fact]
    public void An_Information_Request_is_answered_with_the_identifiers() =>
        Assert.Equal(DhcpVectors.InformationReply, Ask(New(), DhcpVectors.InformationRequest));

    [Fact]
    public void An_Information_Request_gets_what_it_asks_for() =>
        Assert.Equal(
            "07000001" + Server + "00170020" + "20010db8000000000000000000000053" + "20010db8000000000000000000000054"
            + "0018000d076578616d706c65036e657400" + "0020000400003840",
            Ask(new DhcpServer(_kea, new DhcpOffer()), "0b000001" + "00060006001700180020"));

    [Fact]
    public void A_user_with_name_servers_of_its_own_gets_those()
    {
        var server = new DhcpServer(_kea, new DhcpOffer { NameServers = [AddressOf("2001:db8::99")] });
        Assert.Equal(
            "07000001" + Server + "0017001020010db8000000000000000000000099", Ask(server, "0b000001" + "000600020017"));
    }

    [Theory]
    [InlineData("01", Client + Server)]
    [InlineData("01", "")]
    [InlineData("03", Client)]
    [InlineData("03", Client + OtherServer)]
    [InlineData("03", Server)]
    [InlineData("04", Client + Server)]
    [InlineData("05", Client)]
    [InlineData("06", Client + Server)]
    [InlineData("08", Client)]
    [InlineData("09", Client + OtherServer)]
    [InlineData("0b", Client + OtherServer)]
    [InlineData("02", Client + Server)]
    [InlineData("07", Client + Server)]
    [InlineData("0a", Client + Server)]
    [InlineData("0c", Client)]
    [InlineData("0d", Client)]
    [InlineData("00", Client)]
    [InlineData("ff", Client)]
    [InlineData("01", Client + Client)]
    [InlineData("01", "00010000")]
    [InlineData("01", Client + "0019000b0000000100000000000000")]
    [InlineData("01", Client + "0019000c00000001000000000000")]
    [InlineData("01", Client + "00190010000000010000000000000000001a0001")]
    [InlineData("01", Client + "0019001400000001000000000000000000" + "1a000401020304")]
    [InlineData("01", Client + "00")]
    [InlineData("01", Client + Pd1 + Pd1 + Pd1 + Pd1 + Pd1 + Pd1 + Pd1 + Pd1 + Pd1)]
    public void A_message_that_breaks_a_rule_is_not_answered(string type, string options)
    {
        var server = New();
        Assert.Equal("", Ask(server, type + "000001" + options + (options.Contains(Pd1, StringComparison.Ordinal) ? "" : Pd1)));
        Assert.False(server.HasPrefixes);
    }

    [Fact]
    public void An_Information_Request_with_an_association_is_not_answered() => Assert.Equal("", Ask(New(), "0b000001" + Pd1));

    [Fact]
    public void A_router_that_was_replaced_gets_the_same_prefix()
    {
        var server = New();
        Assert.Contains(Granted, Ask(server, "03000001" + Client + Server + Pd1), StringComparison.Ordinal);
        var other = Ask(server, "03000002" + "0001000a00030001020000000002" + Server + Pd2);
        var granted = Granted.Replace("00190029" + "00000001", "00190029" + "00000002", StringComparison.Ordinal);
        Assert.Contains(granted, other, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_one_association_of_a_message_gets_the_prefix()
    {
        var server = New();
        var none = "00190028" + "00000002" + "0000000000000000" + "000d0018" + "0006" + Ascii("no prefix is available");
        Assert.EndsWith(Granted + none, Ask(server, "03000001" + Client + Server + Pd1 + Pd2), StringComparison.Ordinal);
        // The one that has it keeps it, whatever the order.
        Assert.EndsWith(none + Granted, Ask(server, "05000002" + Client + Server + Pd2 + Pd1), StringComparison.Ordinal);
        Assert.EndsWith(
            Granted + none.Replace("00190028" + "00000002", "00190028" + "00000001", StringComparison.Ordinal),
            Ask(server, "05000003" + Client + Server + Pd1 + Pd1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("001a0019" + "00000000" + "00000000" + "30" + "00000000000000000000000000000000")]
    [InlineData("001a0019" + "00000000" + "00000000" + "00" + "00000000000000000000000000000000")]
    [InlineData("001a0019" + "00000000" + "00000000" + "38" + "20010db8123400000000000000000000")]
    [InlineData("001a0019" + "00000000" + "00000000" + "ff" + "20010db8123400000000000000000000")]
    public void A_hint_does_not_change_what_is_given(string hint) =>
        Assert.EndsWith(
            Granted, Ask(New(), "01000001" + Client + "00190029" + "00000001" + "0000000000000000" + hint), StringComparison.Ordinal);

    [Theory]
    [InlineData("05", Client + Server)]
    [InlineData("06", Client)]
    public void A_prefix_of_a_former_session_is_withdrawn_and_the_new_one_given(string type, string ids)
    {
        const string Former = "3820010db8990000000000000000000000";
        var answer = Ask(New(), type + "000001" + ids
            + "00190029" + "00000001" + "0000000000000000" + "001a0019" + "00000e10" + "00001c20" + Former);
        var both = Granted.Replace("00190029", "00190046", StringComparison.Ordinal) + "001a0019" + "0000000000000000" + Former;
        Assert.EndsWith(both, answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_anything_to_give_clients_are_told_to_ask_seldom()
    {
        var server = new DhcpServer(_settings, new DhcpOffer());
        var answer = Ask(server, "01000001" + Client + "000600020052" + Na1 + Pd1);
        Assert.Equal(
            "02000001" + Client + Server
            + "00030029" + "00000001" + "0000000000000000" + "000d0019" + "0002" + Ascii("no address is available")
            + "00190028" + "00000001" + "0000000000000000" + "000d0018" + "0006" + Ascii("no prefix is available")
            + "0052000400000e10",
            answer);
    }

    /// <summary>WIDE dhcp6c begins again for ever if a Reply to its Solicit refuses one of its associations.</summary>
    [Fact]
    public void A_rapid_commit_of_which_a_part_is_refused_becomes_an_Advertise()
    {
        var server = New();
        var answer = Ask(server, "01000001" + Client + "000e0000" + Na1 + Pd1);
        Assert.StartsWith("02000001", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("000e0000", answer, StringComparison.Ordinal);
        Assert.Contains(Granted, answer, StringComparison.Ordinal);
        Assert.False(server.HasPrefixes);
    }

    [Fact]
    public void A_rapid_commit_is_an_Advertise_where_it_is_not_permitted()
    {
        var server = new DhcpServer(_settings with { RapidCommit = false }, _prefix);
        Assert.StartsWith("02", Ask(server, "01000001" + Client + "000e0000" + Pd1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2001:db8:f:7::1000", "0000")]
    [InlineData("2001:db8:f:8::5", "0000")]
    [InlineData("2001:db8:f:9::5", "0004")]
    public void Confirm_says_whether_an_address_is_of_the_link(string address, string status)
    {
        var server = new DhcpServer(_settings, new DhcpOffer
        {
            Addresses = [AddressOf("2001:db8:f:7::1000")],
            OnLink = [DelegatedPrefix.From(IPNetwork.Parse("2001:db8:f:8::/64"))],
        });
        var lease = "00050018" + Convert.ToHexStringLower(IPAddress.Parse(address).GetAddressBytes()) + "0000000000000000";
        var answer = Ask(server, "04000001" + Client + "00030028" + "00000001" + "0000000000000000" + lease);
        Assert.StartsWith("07000001" + Client + Server + "000d", answer, StringComparison.Ordinal);
        Assert.Equal(status, answer.Substring(("07000001" + Client + Server).Length + 8, 4));
        Assert.False(server.HasAddresses);
    }

    [Fact]
    public void Confirm_without_an_address_is_not_answered() => Assert.Equal("", Ask(New(), "04000001" + Client + Na1));

    [Fact]
    public void Release_ends_the_binding_and_a_second_one_finds_none()
    {
        var server = new DhcpServer(_kea, _prefix);
        Ask(server, DhcpVectors.WideRequest);
        Assert.True(server.HasPrefixes);
        var head = DhcpVectors.WideReply[..100].Replace("07054324", "07322c1d", StringComparison.Ordinal);
        var done = head[..(8 + 36 + 36)] + "000d0006" + "0000" + Ascii("done");
        Assert.Equal(done, Ask(server, DhcpVectors.WideRelease));
        Assert.False(server.HasPrefixes);
        Assert.Equal(
            done + "0019001c" + "00000001" + "0000000000000000" + "000d000c" + "0003" + Ascii("no binding"),
            Ask(server, DhcpVectors.WideRelease));
        // The prefix stays the session's.
        Ask(server, DhcpVectors.WideRequest);
        Assert.True(server.HasPrefixes);
    }

    [Fact]
    public void A_declined_address_is_not_given_again()
    {
        var server = new DhcpServer(_settings, new DhcpOffer { Addresses = [AddressOf("2001:db8:f:7::1000")] });
        Ask(server, "03000001" + Client + Server + Na1);
        Assert.True(server.HasAddresses);
        Assert.Contains("000d0006" + "0000", Ask(server, "09000002" + Client + Server + Na1), StringComparison.Ordinal);
        Assert.False(server.HasAddresses);
        Assert.Contains("000d0019" + "0002", Ask(server, "03000003" + Client + Server + Na1), StringComparison.Ordinal);
        Assert.False(server.HasAddresses);
    }

    [Fact]
    public void Several_prefixes_are_in_one_association()
    {
        var server = new DhcpServer(_settings, new DhcpOffer
        {
            Prefixes = [.. new[] { "2001:db8:1::/48", "2001:db8:2::/56" }.Select(text => DelegatedPrefix.From(IPNetwork.Parse(text)))],
        });
        Assert.EndsWith(
            "00190046" + "00000001" + "00000708" + "00000b40"
            + "001a0019" + "00000e10" + "00001c20" + "3020010db8000100000000000000000000"
            + "001a0019" + "00000e10" + "00001c20" + "3820010db8000200000000000000000000",
            Ask(server, "03000001" + Client + Server + Pd1), StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_that_does_not_fit_is_not_sent_and_binds_nothing()
    {
        var server = New();
        var question = Convert.FromHexString("03000001" + Client + Server + Pd1);
        for (var size = 0; size < 81; size++)
        {
            Assert.Equal(0, server.Answer(question, new byte[size]));
            Assert.False(server.HasPrefixes);
        }

        Assert.Equal(4 + 14 + 18 + 45, server.Answer(question, new byte[1232]));
    }

    [Fact]
    public void The_identifier_survives_its_file()
    {
        var duid = Duid.FromRandom([.. Enumerable.Range(0, 16).Select(static i => (byte)i)]);
        Assert.Equal("0004" + "0001020304054607" + "88090a0b0c0d0e0f", Convert.ToHexStringLower(duid));
        Assert.Equal(duid, Duid.Parse(Duid.Format(duid)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0004")]
    [InlineData("00040")]
    [InlineData("000x00")]
    [InlineData("00 04 00")]
    public void A_text_that_is_no_identifier_is_refused(string text) => Assert.Null(Duid.Parse(text));

    [Theory]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::1", false)]
    [InlineData("::/0", "2001:db9::1", true)]
    [InlineData("2001:db8::1/128", "2001:db8::1", true)]
    [InlineData("2001:db8::1/128", "2001:db8::2", false)]
    public void A_prefix_contains_its_addresses(string prefix, string address, bool contains) =>
        Assert.Equal(contains, DelegatedPrefix.From(IPNetwork.Parse(prefix)).Contains(AddressOf(address)));

    private static DhcpServer New() => new(_settings, _prefix);

    private static string Ask(DhcpServer server, string message)
    {
        var answer = new byte[1232];
        return Convert.ToHexStringLower(answer, 0, server.Answer(Convert.FromHexString(message), answer));
    }

    private static Ipv6Address AddressOf(string text) => Ipv6Address.From(IPAddress.Parse(text));

    private static string Ascii(string text) => Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(text));

    // Options within options are taken apart and put together again.
    private static void Copy(ReadOnlySpan<byte> options, ref DhcpWriter writer)
    {
        var reader = new DhcpOptionReader(options);
        while (reader.MoveNext())
        {
            var head = reader.Code switch
            {
                DhcpOption.AddressAssociation or DhcpOption.PrefixAssociation => DhcpClientMessage.AssociationSize,
                DhcpOption.Address => DhcpClientMessage.AddressSize,
                DhcpOption.Prefix => DhcpClientMessage.PrefixSize,
                _ => reader.Data.Length,
            };
            var place = writer.Begin(reader.Code);
            writer.Octets(reader.Data[..head]);
            Copy(reader.Data[head..], ref writer);
            writer.End(place);
        }

        Assert.False(reader.IsMalformed);
    }
}
