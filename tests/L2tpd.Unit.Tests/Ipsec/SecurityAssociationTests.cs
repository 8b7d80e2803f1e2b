using System.Net;
using L2tpd.Ipsec;
using L2tpd.Ipsec.Associations;
using L2tpd.Ipsec.Vici;

namespace L2tpd.Unit.Tests.Ipsec;

public sealed class SecurityAssociationTests
{
    private static readonly IPAddress Peer = IPAddress.Parse("198.51.100.1");

    private readonly SecurityAssociations _table = new();
    private readonly List<string> _seen = [];

    public SecurityAssociationTests()
    {
        _table.Started += sa => _seen.Add($"+{sa.ChildId}");
        _table.Ended += (sa, isLost) => _seen.Add($"-{sa.ChildId}{(isLost ? " lost" : "")}");
    }

    [Fact]
    public void An_association_is_read_with_identity_selectors_marks_and_algorithms()
    {
        _table.TakeUpDown(UpDown(true, 7));
        var association = Assert.Single(_table.At(Peer));
        Assert.Equal("10.1.1.10", association.PeerIdentity);
        Assert.Equal((1701, 1701, 4500), (association.RemotePort, association.LocalPort, association.EncapsulationPort));
        Assert.Equal((0x2au, 0x2au), (association.MarkIn, association.MarkOut));
        Assert.Equal("AES_CBC-256/HMAC_SHA1_96", association.Algorithms);
    }

    [Fact]
    public void An_association_starts_and_ends_once()
    {
        _table.TakeUpDown(UpDown(true, 7));
        _table.TakeUpDown(UpDown(true, 7));
        _table.TakeUpDown(UpDown(false, 7));
        _table.TakeUpDown(UpDown(false, 7));
        Assert.Equal(["+7", "-7"], _seen);
        Assert.Equal(0, _table.Count);
        Assert.Null(_table.Find(Peer, 1701));
    }

    [Fact]
    public void Rekeying_is_neither_start_nor_end()
    {
        _table.TakeUpDown(UpDown(true, 7));
        Rekey(7, 8);
        Assert.Equal(["+7"], _seen);
        Assert.Equal((8u, 7u), (_table.Find(Peer, 1701)!.ChildId, _table.Find(Peer, 1701)!.Origin));
        Assert.Equal(1, _table.Count);
    }

    [Fact]
    public void What_was_replaced_is_remembered_up_to_a_limit_and_given_once()
    {
        _table.TakeUpDown(UpDown(true, 100));
        for (uint id = 100; id < 120; id++)
            Rekey(id, id + 1);
        var newest = Assert.Single(_table.At(Peer));
        Assert.Equal((120u, 100u), (newest.ChildId, newest.Origin));
        Assert.Equal(Enumerable.Range(104, SecurityAssociation.MaxReplaced).Select(static id => (uint)id), _table.TakeReplaced(newest));
        Assert.Empty(_table.TakeReplaced(newest));
        Assert.Empty(Assert.Single(_table.At(Peer)).Replaced);
        _table.TakeUpDown(UpDown(false, 120));
        Assert.Empty(_table.TakeReplaced(newest));
    }

    [Fact]
    public void The_list_after_a_connect_ends_what_it_does_not_name()
    {
        _table.TakeUpDown(UpDown(true, 7));
        _table.TakeUpDown(UpDown(true, 8));
        _table.BeginList();
        _table.AddListed(new ViciSection().Add("l2tp", Ike(new ViciSection().Add("l2tp-8", Child(8)).Add("l2tp-9", Child(9)))));
        _table.TakeUpDown(UpDown(true, 10));
        _table.EndList();
        Assert.Equal(["+7", "+8", "+10", "+9", "-7 lost"], _seen);
    }

    [Theory]
    [InlineData("INSTALLED", true)]
    [InlineData("REKEYING", true)]
    [InlineData("UPDATING", true)]
    [InlineData("REKEYED", false)]
    [InlineData("DELETING", false)]
    [InlineData("DELETED", false)]
    [InlineData("INSTALLING", false)]
    public void Of_a_list_those_through_which_packets_go_are_taken(string state, bool isTaken)
    {
        _table.BeginList();
        _table.AddListed(new ViciSection().Add("l2tp", Ike(new ViciSection().Add("l2tp-8", Child(8).Add("state", state)))));
        _table.EndList();
        Assert.Equal(isTaken ? ["+8"] : [], _seen);
    }

    [Fact]
    public void A_number_that_a_new_strongswan_gives_again_is_another_association()
    {
        _table.TakeUpDown(UpDown(true, 1, spi: "c1000001"));
        _table.BeginList();
        _table.AddListed(new ViciSection().Add("l2tp", Ike(new ViciSection().Add("l2tp-1", Child(1).Add("spi-in", "c1000001")))));
        _table.EndList();
        Assert.Equal(["+1"], _seen);
        _table.BeginList();
        _table.TakeUpDown(UpDown(true, 1, spi: "c2000002"));
        _table.EndList();
        Assert.Equal(["+1", "+1", "-1 lost"], _seen);
        Assert.Equal(0xc2000002u, Assert.Single(_table.At(Peer)).Spi);
    }

    [Fact]
    public void The_newest_association_of_an_address_and_port_is_found_and_the_mark_tells_two_apart()
    {
        _table.TakeUpDown(UpDown(true, 7, mark: "1"));
        _table.TakeUpDown(UpDown(true, 8, mark: "2"));
        Assert.Equal(8u, _table.Find(Peer, 1701)!.ChildId);
        Assert.Equal(7u, _table.Find(Peer, 1701, 1)!.ChildId);
        Assert.Null(_table.Find(Peer, 1701, 3));
        Assert.Null(_table.Find(IPAddress.Parse("198.51.100.9"), 1701));
        Assert.True(_table.MayHaveSibling(_table.At(Peer)[0]));
    }

    [Fact]
    public void With_marks_the_only_association_of_an_address_is_that_of_any_port()
    {
        _table.TakeUpDown(UpDown(true, 7, mark: "1"));
        Assert.Equal(7u, _table.Find(Peer, 43_190)!.ChildId);
        _table.TakeUpDown(UpDown(true, 8, mark: "2"));
        Assert.Null(_table.Find(Peer, 43_190));
        Assert.True(_table.MayCover(Peer, 43_190));
        _table.TakeUpDown(UpDown(false, 7));
        _table.TakeUpDown(UpDown(false, 8));
        Assert.False(_table.MayCover(Peer, 43_190));
    }

    [Theory]
    [InlineData("198.51.100.1/32[udp/1701]", 1701)]
    [InlineData("198.51.100.1/32[udp/l2f]", 1701)]
    [InlineData("198.51.100.1/32[udp/l2tp]", 1701)]
    [InlineData("198.51.100.1/32[udp]", 0)]
    [InlineData("198.51.100.1/32[115]", 0)]
    [InlineData("198.51.100.1/32", 0)]
    [InlineData("dynamic[udp/99999]", 0)]
    [InlineData("[", 0)]
    public void The_port_of_a_selector_is_read(string selector, int port) => Assert.Equal(port, TrafficSelector.Port([selector]));

    [Fact]
    public void An_event_without_numbers_or_addresses_changes_nothing()
    {
        _table.TakeUpDown(new ViciSection().Add("up", "yes").Add("l2tp", new ViciSection()
            .Add("child-sas", new ViciSection().Add("a", new ViciSection()))));
        Assert.Empty(_seen);
    }

    [Theory]
    [InlineData("the pre-shared keys of the two ends differ", "invalid HASH_V1 payload length, decryption failed?",
        "could not decrypt payloads", "giving up after 2 retransmits", "establishing IKE_SA failed, peer not responding")]
    [InlineData("the peer does not answer: UDP ports 500 and 4500 must be open on the way", "sending retransmit 1 of request message ID 0",
        "establishing IKE_SA failed, peer not responding")]
    [InlineData("the two ends have no proposal in common: see `proposals`, `ike-proposals` and `esp-proposals`",
        "received NO_PROPOSAL_CHOSEN error notify")]
    [InlineData("the kernel refuses the security association: is the module esp4 or esp6 loaded?",
        "unable to add SAD entry with SPI ceb21489 (FAILED)", "unable to install inbound and outbound IPsec SA (SAD) in kernel")]
    [InlineData("strongSwan lacks an algorithm that the two ends agreed on: install libstrongswan-standard-plugins and restart strongSwan",
        "negotiated DH group not supported", "received NO_PROPOSAL_CHOSEN error notify")]
    [InlineData("strongSwan lacks an algorithm that the two ends agreed on: install libstrongswan-standard-plugins and restart strongSwan",
        "negotiated key exchange method ECP_384 not supported")]
    [InlineData("strongSwan lacks an algorithm that the two ends agreed on: install libstrongswan-standard-plugins and restart strongSwan",
        "ENCRYPTION_ALGORITHM 3DES_CBC (key size 192) not supported!")]
    [InlineData(null, "received DPD vendor ID")]
    [InlineData(null, "no shared key found for '10.254.0.1'[10.254.0.1] - '%any'[10.254.0.2]")]
    [InlineData("strongSwan has no pre-shared key for these addresses or identities", "no shared key found for 10.254.0.1 - 10.254.0.2")]
    public void A_failure_is_told_in_words(string? expected, params string[] lines)
    {
        var failure = new IkeFailure();
        foreach (var line in lines)
            failure.Take(line);
        Assert.Equal(expected, failure.Text);
    }

    [Fact]
    public void Tries_to_reach_strongswan_grow_apart_up_to_five_seconds()
    {
        var interval = new RetryInterval();
        var waits = Enumerable.Range(0, 8).Select(_ => (int)interval.Next(0).TotalMilliseconds);
        Assert.Equal([100, 200, 400, 800, 1600, 3200, 5000, 5000], waits);
        Assert.Equal(2501, (int)interval.Next(2499).TotalMilliseconds);
        interval.Reset();
        Assert.Equal(100, (int)interval.Next(0).TotalMilliseconds);
    }

    private void Rekey(uint former, uint renewed) => _table.TakeRekey(new ViciSection().Add("l2tp", Ike(new ViciSection()
        .Add($"l2tp-{former}", new ViciSection().Add("old", Child(former)).Add("new", Child(renewed))))));

    private static ViciSection UpDown(bool up, uint child, string mark = "2a", string spi = "c0000001")
    {
        var message = new ViciSection();
        if (up)
            message.Add("up", "yes");
        return message.Add("l2tp", Ike(new ViciSection().Add($"l2tp-{child}", Child(child, mark).Add("spi-in", spi))));
    }

    private static ViciSection Ike(ViciSection children) => new ViciSection()
        .Add("uniqueid", "3").Add("local-host", "198.51.100.2").Add("remote-host", "198.51.100.1").Add("remote-port", "4500")
        .Add("remote-id", "10.1.1.10").Add("child-sas", children);

    private static ViciSection Child(uint id, string mark = "2a") => new ViciSection()
        .Add("uniqueid", $"{id}").Add("encap", "yes").Add("mark-in", mark).Add("mark-out", mark)
        .Add("encr-alg", "AES_CBC").Add("encr-keysize", "256").Add("integ-alg", "HMAC_SHA1_96")
        .Add("local-ts", ["198.51.100.2/32[udp/l2f]"]).Add("remote-ts", ["198.51.100.1/32[udp/l2f]"]);
}
