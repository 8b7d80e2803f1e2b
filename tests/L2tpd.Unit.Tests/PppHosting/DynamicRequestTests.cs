using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Ppp;
using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;
using L2tpd.Unit.Tests.Radius;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>Requests from outside for sessions of any profile: CoA, Disconnect, and changes by hand.</summary>
public sealed class DynamicRequestTests
{
    private static readonly PppProfile Client = new()
    {
        Name = "p", Backend = PppBackend.BuiltIn, User = "alice", Password = new Secret("alice-secret"),
    };

    private static readonly PppProfile Server = new()
    {
        Name = "p", Backend = PppBackend.BuiltIn, ServerName = "lns1", Authentication = [PppAuthentication.Chap],
        Local = IPAddress.Parse("10.99.0.1"),
        Pool = [new AddressRange(IPAddress.Parse("10.99.0.10"), IPAddress.Parse("10.99.0.20"))], Access = AccessChoice.Radius,
    };

    [Fact]
    public void A_session_is_meant_by_what_its_records_say_and_by_nothing_else()
    {
        using var rig = new BuiltInRig(Client, Server);
        var (radius, source) = Up(rig);
        var id = System.Text.Encoding.ASCII.GetString(Convert.FromHexString(Assert.Single(radius.Sent(AttributeType.AcctSessionId))));
        (SessionIdentification Selector, ControlOutcome Outcome)[] table =
        [
            (new SessionIdentification { SessionId = id }, ControlOutcome.Done),
            (new SessionIdentification { SessionId = id, UserName = "alice", Address = Ipv4Address.Parse("10.99.7.7"), NasPort = 1 },
                ControlOutcome.Done),
            (new SessionIdentification { ChargeableUserIdentity = "09" }, ControlOutcome.Done),
            (new SessionIdentification { Ipv6Prefix = IPNetwork.Parse("2001:db8:7::/64") }, ControlOutcome.Done),
            (new SessionIdentification { SessionId = id, NasIdentifier = "lns1" }, ControlOutcome.Done),
            (new SessionIdentification { SessionId = id, NasIdentifier = "lns2" }, ControlOutcome.NasIdentificationMismatch),
            (new SessionIdentification { NasIdentifier = "lns1" }, ControlOutcome.MissingAttribute),
            (new SessionIdentification { SessionId = id, UserName = "bob" }, ControlOutcome.SessionNotFound),
            (new SessionIdentification { SessionId = id, MultiSessionId = id }, ControlOutcome.SessionNotFound),
            (new SessionIdentification { Address = Ipv4Address.Parse("10.99.7.8") }, ControlOutcome.SessionNotFound),
            (new SessionIdentification { NasPort = 2 }, ControlOutcome.SessionNotFound),
            (new SessionIdentification { CalledNumber = "1" }, ControlOutcome.SessionNotFound),
            (new SessionIdentification { CallingNumber = "1" }, ControlOutcome.SessionNotFound),
            (new SessionIdentification { NasPortId = "1" }, ControlOutcome.SessionNotFound),
            (new SessionIdentification { ChargeableUserIdentity = "0A" }, ControlOutcome.SessionNotFound),
            (new SessionIdentification { InterfaceIdentifier = 1 }, ControlOutcome.SessionNotFound),
            (new SessionIdentification { Ipv6Prefix = IPNetwork.Parse("2001:db8:8::/64") }, ControlOutcome.SessionNotFound),
            (new SessionIdentification { DelegatedPrefix = IPNetwork.Parse("2001:db8:8::/56") }, ControlOutcome.SessionNotFound),
            (new SessionIdentification { Ipv6Address = IPAddress.IPv6Loopback }, ControlOutcome.SessionNotFound),
        ];
        for (var i = 0; i < table.Length; i++)
        {
            source.Requests.Enqueue(
                new AccessAnswer.Change((ulong)i, table[i].Selector, "main", new AuthorisationChange { IdleTimeout = 0 }));
        }

        rig.Run();
        Assert.Equal(table.Select(static (row, i) => ((ulong)i, row.Outcome)), source.Outcomes);
    }

    [Fact]
    public void A_changed_Class_is_in_the_next_records_and_a_time_limit_counts_from_now()
    {
        using var rig = new BuiltInRig(Client, Server);
        var (radius, source) = Up(rig);
        source.Requests.Enqueue(new AccessAnswer.Change(
            1, new SessionIdentification { UserName = "alice" }, "main",
            new AuthorisationChange { Class = [[5], [6]], SessionTimeout = 4_000 }));
        rig.Run();
        rig.Pass(3_000);
        Assert.Empty(rig.Lns.Ends);
        rig.Pass(4_000);
        Assert.Equal(["05", "06"], Stop(radius, AttributeType.Class));
        Assert.Equal("00000005", Assert.Single(Stop(radius, AttributeType.AcctTerminateCause)));
    }

    [Theory]
    [InlineData(TerminateCause.None, "00000006")]
    [InlineData(TerminateCause.NasRequest, "0000000a")]
    public void A_disconnect_gives_the_Stop_its_cause_and_Class(TerminateCause cause, string expected)
    {
        using var rig = new BuiltInRig(Client, Server);
        var (radius, source) = Up(rig);
        var alice = new SessionIdentification { UserName = "alice" };
        source.Requests.Enqueue(new AccessAnswer.Disconnect(1, alice, "main") { Cause = cause, Class = [[9]] });
        rig.Pass(3_000);
        Assert.Equal([(1ul, ControlOutcome.Done)], source.Outcomes);
        Assert.Equal("disconnected by main", Assert.Single(rig.Lns.Ends).Reason);
        Assert.Equal((expected, "09"),
            (Assert.Single(Stop(radius, AttributeType.AcctTerminateCause)), Assert.Single(Stop(radius, AttributeType.Class))));
    }

    [Fact]
    public void What_cannot_be_changed_changes_nothing()
    {
        using var rig = new BuiltInRig(Client, Server);
        var (_, source) = Up(rig);
        source.Requests.Enqueue(new AccessAnswer.Change(1, new SessionIdentification { UserName = "alice" }, "main",
            new AuthorisationChange { SessionTimeout = 1_000, Filters = ["no-such-filter"] }));
        rig.Pass(3_000);
        Assert.Equal([(1ul, ControlOutcome.UnsupportedAttribute)], source.Outcomes);
        Assert.Empty(rig.Lns.Ends);
    }

    private static (AccessRig Radius, PlayedRequests Source) Up(BuiltInRig rig)
    {
        var radius = new AccessRig();
        var source = new PlayedRequests();
        rig.Lns.Backend.AccessOf = _ => radius.Access;
        rig.Lns.Backend.TakeRequests(source);
        rig.Lns.Backend.Prepare();
        radius.Answer(RadiusCode.AccountingResponse);
        rig.Start(0);
        rig.Pass(1_500);
        radius.Answer(RadiusCode.AccessAccept, static (ref PacketBuilder packet) =>
        {
            packet.AddUInt32(AttributeType.FramedIpAddress, 0x0a63_0707);
            packet.Add(AttributeType.ChargeableUserIdentity, [9]);
            packet.Add(AttributeType.FramedIpv6Prefix, [0, 64, 0x20, 1, 0xd, 0xb8, 0, 7, 0, 0]);
        });
        rig.Run();
        radius.Answer(RadiusCode.AccountingResponse);
        return (radius, source);
    }

    private static string[] Stop(AccessRig radius, AttributeType type) => AccessRig.ValuesOf(
        radius.Sockets.Sent.Last(static sent => AccessRig.ValuesOf(sent.Packet, AttributeType.AcctStatusType) is ["00000002"]).Packet,
        type);

    private sealed class PlayedRequests : IRequestSource
    {
        public Queue<AccessAnswer> Requests { get; } = new();

        public List<(ulong Id, ControlOutcome Outcome)> Outcomes { get; } = [];

        public bool TryTake(out AccessAnswer? request) => Requests.TryDequeue(out request);

        public void Answer(ulong requestId, ControlOutcome outcome) => Outcomes.Add((requestId, outcome));
    }
}
