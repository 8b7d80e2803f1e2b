using System.Net;
using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>Accounting by RADIUS: what each record says, and that none is lost or out of order.</summary>
public sealed class RadiusAccountingTests
{
    private static readonly AccountingRecord Start = new()
    {
        Status = AccountingStatus.Start, Session = AccessRig.Session, UserName = "alice", Address = new Ipv4Address(0x0a630008),
        InterfaceIdentifier = 5, Class = [[1, 2], [3]], ChargeableUserIdentity = [9], AuthenticatedBy = AuthenticationSource.Radius,
        Ipv6Addresses = [IPAddress.Parse("2001:db8:a::5")],
        Ipv6Prefixes = [IPNetwork.Parse("2001:db8:f:7::/64")], DelegatedPrefixes = [IPNetwork.Parse("2001:db8:7700::/56")],
    };

    private static AccountingRecord Interim(ulong octets) =>
        Start with { Status = AccountingStatus.Interim, Counters = new SessionCounters(octets, 0, 0, 0) };

    private static AccountingRecord Stop => Start with
    {
        Status = AccountingStatus.Stop, SessionTime = 75_999, Counters = new SessionCounters(0x1_0000_0010, 0x2_0000_0020, 5, 6),
        TerminateCause = TerminateCause.NasError,
    };

    [Fact]
    public void A_Stop_has_counters_gigawords_cause_and_the_time_of_the_event()
    {
        var rig = new AccessRig();
        rig.Access.Account(1, Stop, rig.Now);
        var packet = rig.Sockets.Sent[0].Packet;
        Assert.Equal(RadiusDecodeError.None, RadiusPacket.TryParse(packet, out var parsed));
        Assert.True(Authenticators.VerifyRequest(parsed, "testing123"u8));
        foreach (var (type, value) in new (AttributeType, string)[]
        {
            (AttributeType.AcctStatusType, "00000002"), (AttributeType.AcctSessionTime, "0000004b"),
            (AttributeType.AcctInputOctets, "00000010"), (AttributeType.AcctInputGigawords, "00000001"),
            (AttributeType.AcctOutputOctets, "00000020"), (AttributeType.AcctOutputGigawords, "00000002"),
            (AttributeType.AcctInputPackets, "00000005"), (AttributeType.AcctOutputPackets, "00000006"),
            (AttributeType.AcctTerminateCause, "00000009"), (AttributeType.EventTimestamp, $"{AccessRig.Epoch + 5:x8}"),
            (AttributeType.AcctDelayTime, "00000000"), (AttributeType.AcctAuthentic, "00000001"),
            (AttributeType.FramedIpAddress, "0a630008"), (AttributeType.FramedInterfaceId, "0000000000000005"),
            (AttributeType.FramedIpv6Prefix, "004020010db8000f0007"), (AttributeType.DelegatedIpv6Prefix, "003820010db87700" + "00"),
            (AttributeType.FramedIpv6Address, "20010db8000a00000000000000000005"),
            (AttributeType.ChargeableUserIdentity, "09"), (AttributeType.AcctTunnelConnection, "3432"),
        })
        {
            Assert.Equal((type, value), (type, Assert.Single(rig.Sent(type))));
        }

        Assert.Equal(["0102", "03"], rig.Sent(AttributeType.Class));
        rig.Answer(RadiusCode.AccountingResponse);
        Assert.Equal(new AccessAnswer.Accounted(1, null), Assert.Single(rig.Take()));
    }

    [Fact]
    public void Records_of_a_LAC_have_both_names_and_the_assignment_id_which_no_Access_Request_has()
    {
        var rig = new AccessRig();
        var session = AccessRig.Session with { TunnelServerName = "lns1", TunnelAssignmentId = "\u0001grp" };
        rig.Access.Account(1, Start with { Session = session }, rig.Now);
        Assert.Equal(["006c616331", "006c6e7331", "0001677270"],
            new[] { AttributeType.TunnelClientAuthId, AttributeType.TunnelServerAuthId, AttributeType.TunnelAssignmentId }
                .SelectMany(rig.Sent));
        rig.Access.Authenticate(2, new AccessRequest(session, AccessRig.Pap()), rig.Now);
        Assert.Single(rig.Sent(AttributeType.TunnelServerAuthId));
        Assert.Empty(rig.Sent(AttributeType.TunnelAssignmentId));
    }

    [Fact]
    public void The_line_of_the_subscriber_is_in_every_record_one_attribute_each()
    {
        var rig = new AccessRig();
        rig.Access.Account(1, Start with { Session = AccessRig.Session with { LineAttributes = "010341" + "8106000F4240" } }, rig.Now);
        Assert.Equal(["00000de9010341", "00000de98106000f4240"], rig.Sent(AttributeType.VendorSpecific));
    }

    [Fact]
    public void A_Start_has_no_counters_and_the_server_is_told_when_it_starts_and_stops()
    {
        var rig = new AccessRig();
        rig.Access.Account(1, Start with { AuthenticatedBy = AuthenticationSource.Local }, rig.Now);
        Assert.Empty(rig.Sent(AttributeType.AcctInputGigawords));
        Assert.Empty(rig.Sent(AttributeType.AcctTerminateCause));
        Assert.Equal("00000002", Assert.Single(rig.Sent(AttributeType.AcctAuthentic)));
        var server = new SessionAttributes { SessionId = "run", NasIdentifier = "lns1" };
        rig.Access.Account(2, new AccountingRecord { Status = AccountingStatus.On, Session = server }, rig.Now);
        Assert.Equal(("00000007", "0000000b"),
            (Assert.Single(rig.Sent(AttributeType.AcctStatusType)), Assert.Single(rig.Sent(AttributeType.AcctTerminateCause))));
        rig.Access.Account(3, new AccountingRecord { Status = AccountingStatus.Off, Session = server }, rig.Now);
        Assert.Equal("00000008", Assert.Single(rig.Sent(AttributeType.AcctStatusType)));
        Assert.Empty(rig.Sent(AttributeType.NasPort));
        Assert.Equal(3, rig.Sockets.Sent.Count);
    }

    [Fact]
    public void The_records_of_a_session_go_out_in_order_and_only_the_newest_Interim_waits()
    {
        var rig = new AccessRig();
        rig.Access.Account(1, Start, rig.Now);
        rig.Access.Account(2, Interim(100), rig.Now);
        rig.Access.Account(3, Interim(200), rig.Now);
        Assert.Single(rig.Sockets.Sent);
        rig.Answer(RadiusCode.AccountingResponse);
        Assert.Equal("000000c8", Assert.Single(rig.Sent(AttributeType.AcctInputOctets)));
        rig.Access.Account(4, Interim(300), rig.Now);
        rig.Access.Account(5, Stop, rig.Now);
        rig.Answer(RadiusCode.AccountingResponse);
        Assert.Equal("00000002", Assert.Single(rig.Sent(AttributeType.AcctStatusType)));
        rig.Answer(RadiusCode.AccountingResponse);
        Assert.Equal([2ul, 1, 4, 3, 5], rig.Take().Select(static answer => answer.RequestId));
        Assert.All(rig.Answers, static answer => Assert.Null(((AccessAnswer.Accounted)answer).Error));
        Assert.Equal(3, rig.Sockets.Sent.Count);
    }

    [Fact]
    public void Sessions_do_not_wait_for_each_other()
    {
        var rig = new AccessRig();
        rig.Access.Account(1, Start, rig.Now);
        rig.Access.Account(2, Start with { Session = AccessRig.Session with { SessionId = "2" } }, rig.Now);
        Assert.Equal(2, rig.Sockets.Sent.Count);
    }

    [Fact]
    public void A_Stop_is_sent_until_a_server_has_it_with_the_time_that_passed_since_the_event()
    {
        var rig = new AccessRig();
        rig.Access.Account(1, Stop, rig.Now);
        rig.Pass(600_000);
        Assert.Empty(rig.Take());
        Assert.True(rig.Sockets.Sent.Count > 20);
        Assert.Equal($"{AccessRig.Epoch + 5:x8}", Assert.Single(rig.Sent(AttributeType.EventTimestamp)));
        Assert.InRange(Convert.ToInt32(Assert.Single(rig.Sent(AttributeType.AcctDelayTime)), 16), 560, 600);
        // The same octets to the same server: its cache of duplicates knows the packet.
        Assert.Equal(rig.Sockets.Sent[0].Packet, rig.Sockets.Sent[1].Packet);
        Assert.NotEqual(rig.Sockets.Sent[0].Packet, rig.Sockets.Sent[2].Packet);
        for (var sent = rig.Sockets.Sent.Count; rig.Sockets.Sent.Count == sent;)
            rig.Pass(100);
        rig.Answer(RadiusCode.AccountingResponse);
        rig.Pass(100_000);
        Assert.Equal(new AccessAnswer.Accounted(1, null), Assert.Single(rig.Take()));
        Assert.Equal(long.MaxValue, rig.Access.NextDeadline);
    }

    [Fact]
    public void An_Interim_that_no_server_answered_is_reported_and_the_next_record_follows()
    {
        var rig = new AccessRig();
        rig.Access.Account(1, Interim(100), rig.Now);
        rig.Access.Account(2, Stop, rig.Now);
        rig.Pass(5_000);
        Assert.Equal(new AccessAnswer.Accounted(1, "Interim of alice (00000001): no RADIUS server answered"), Assert.Single(rig.Take()));
        Assert.Equal("00000002", Assert.Single(rig.Sent(AttributeType.AcctStatusType)));
    }

    [Fact]
    public void Records_are_bounded_and_the_host_is_told_of_those_beyond()
    {
        var rig = new AccessRig();
        for (var i = 0; i <= 65_536; i++)
            rig.Access.Account((ulong)i, Start with { Session = AccessRig.Session with { SessionId = $"s{i}" } }, rig.Now);
        Assert.Equal(new AccessAnswer.Accounted(65_536, "65536 records wait already, and no RADIUS server answers"),
            Assert.Single(rig.Take()));
    }
}
