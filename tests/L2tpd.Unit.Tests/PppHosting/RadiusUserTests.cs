using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Linux;
using L2tpd.Ppp;
using L2tpd.Radius.Wire;
using L2tpd.Unit.Tests.Radius;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>What an Access-Accept gives the session of its user, with a server that the test plays.</summary>
public sealed class RadiusUserTests
{
    private static readonly PppProfile Client = BuiltInRig.Client;

    private static readonly PppProfile Server = new()
    {
        Name = "p", Backend = PppBackend.BuiltIn, Authentication = [PppAuthentication.Chap], Local = IPAddress.Parse("10.99.0.1"),
        Pool = [new AddressRange(IPAddress.Parse("10.99.0.10"), IPAddress.Parse("10.99.0.20"))], Access = AccessChoice.Radius,
        EchoInterval = TimeSpan.Zero,
    };

    [Theory]
    [InlineData("p", "10.99.0.10")]
    [InlineData("gold", "10.2.0.5")]
    [InlineData("silver", null)]
    public void An_address_comes_from_the_pool_that_is_named(string pool, string? address)
    {
        var (rig, radius) = Use(Client, Server);
        using var _ = rig;
        rig.Lns.Profiles.ReplaceShared(rig.Lns.Profiles.NamedPools.Add(
            "gold", [new AddressRange(IPAddress.Parse("10.2.0.5"), IPAddress.Parse("10.2.0.5"))]), null);
        rig.Lns.Backend.Prepare();
        rig.Start(0);
        Accept(radius, (ref PacketBuilder packet) => packet.AddText(AttributeType.FramedPool, pool));
        rig.Run();
        Assert.Equal(address, rig.Lns.Ups.SingleOrDefault()?.PeerAddress);
        rig.Pass(20_000);
        if (address is null)
        {
            Assert.Equal("the peer failed authentication: there is no pool `silver`: add it to `pools`",
                Assert.Single(rig.Lns.Ends).Reason);
        }
    }

    [Fact]
    public void Routes_lead_to_the_session_while_its_network_is_up()
    {
        var (rig, radius) = Use(Client, Server);
        using var _ = rig;
        rig.Start(0);
        Accept(radius, static (ref PacketBuilder packet) =>
        {
            packet.AddUInt32(AttributeType.FramedIpAddress, 0x0a630709);
            packet.AddUInt32(AttributeType.FramedIpNetmask, 0xffff_fff8);
            packet.AddText(AttributeType.FramedRoute, "198.51.100.0/24 10.99.7.9 3");
            packet.AddText(AttributeType.FramedRoute, "0.0.0.0/0");
            packet.AddText(AttributeType.FramedIpv6Route, "2001:db8:5::/48");
        });
        rig.Run();
        var link = rig.Lns.Links[0];
        Assert.Equal(["10.99.7.8/29", "198.51.100.0/24"], link.Routes.Select(static route => route.ToString()));
        Assert.Equal(
            ["10.99.7.8/29 0 installed ", "198.51.100.0/24 3 installed ",
                "0.0.0.0/0 0 refused it is a default route (`framed-routes: { covering: true }` permits it)"],
            Routes(rig).Select(static view => $"{view.Destination} {view.Metric} {view.State} {view.Problem}"));
        Assert.Equal("10.99.7.8/29 198.51.100.0/24", string.Join(' ', Subscriber(rig).Routes!));
        rig.Lns.Stop(0);
        rig.Pass(2_000);
        Assert.Empty(link.Routes);
    }

    [Fact]
    public void A_route_that_another_session_has_waits_for_its_end()
    {
        var server = Server with { Access = AccessChoice.Local, Users = [User("user") with { Routes = [Route("198.51.100.0/24")] }] };
        using var rig = new BuiltInRig(Client, server, sessions: 2);
        rig.Start(0);
        rig.Start(1);
        Assert.Equal((1, 0), (rig.Lns.Links[0].Routes.Count, rig.Lns.Links[1].Routes.Count));
        Assert.Equal($"waiting session {rig.Lns.Links[0].Observer switch { IAccessSession session => session.Name, _ => "" }} has it",
            string.Join(",", Routes(rig, 1).Select(static view => $"{view.State} {view.Problem}")));
        rig.Lns.Stop(0);
        rig.Pass(2_000);
        Assert.Equal("installed", Assert.Single(Routes(rig, 1)).State);
        Assert.Single(rig.Lns.Links[1].Routes);
    }

    [Fact]
    public void A_route_that_the_kernel_refuses_is_shown_with_its_error_and_the_session_stays_up()
    {
        var server = Server with { Access = AccessChoice.Local, Users = [User("user") with { Routes = [Route("198.51.100.0/24")] }] };
        using var rig = new BuiltInRig(Client, server);
        rig.Start(0, then => then.Lns.Links[0].RouteError = new LinuxError(Errno.EEXIST, "route", "198.51.100.0/24"));
        Assert.StartsWith("failed ", string.Concat(Routes(rig).Select(static view => $"{view.State} {view.Problem}")));
        Assert.Single(rig.Lns.Ups);
    }

    [Fact]
    public void A_change_of_routes_from_outside_leaves_those_that_stay()
    {
        var server = Server with
        {
            Access = AccessChoice.Local, Users = [User("user") with { Routes = [Route("198.51.100.0/24"), Route("198.51.101.0/24")] }],
        };
        using var rig = new BuiltInRig(Client, server);
        rig.Start(0);
        var link = rig.Lns.Links[0];
        var session = (IAccessSession)link.Observer;
        var outcome = session.Change(
            new AccessAnswer.Change(1, new SessionIdentification(), "test", new AuthorisationChange
            {
                Routes = [Route("198.51.101.0/24"), Route("198.51.102.0/24")],
            }), 0);
        rig.Run();
        Assert.Equal((ControlOutcome.Done, "198.51.101.0/24 198.51.102.0/24"), (outcome, string.Join(' ', link.Routes)));
    }

    [Fact]
    public void Port_Limit_is_the_number_of_sessions_of_the_user()
    {
        var (rig, radius) = Use(Client, Server, sessions: 3);
        using var _ = rig;
        for (var i = 0; i < 3; i++)
        {
            rig.Start(i);
            Accept(radius, static (ref PacketBuilder packet) => packet.AddUInt32(AttributeType.PortLimit, 2));
            rig.Run();
        }

        Assert.Equal(2, rig.Lns.Ups.Length);
        rig.Pass(20_000);
        Assert.Equal("the peer failed authentication: the user has 2 sessions, its Port-Limit, already",
            Assert.Single(rig.Lns.Ends).Reason);
    }

    [Fact]
    public void At_the_end_of_its_time_a_user_proves_itself_again_under_the_same_session_id_and_stays()
    {
        var (rig, radius) = Use(Client, Server);
        using var _ = rig;
        rig.Start(0);
        var id = radius.Sent(AttributeType.AcctSessionId);
        Accept(radius, static (ref PacketBuilder packet) =>
        {
            packet.AddUInt32(AttributeType.SessionTimeout, 100);
            packet.AddUInt32(AttributeType.TerminationAction, 1);
            packet.Add(AttributeType.State, [0xab]);
        });
        rig.Run();
        rig.Pass(60_000);
        Assert.Equal((40.0, true), (Subscriber(rig).SessionSecondsLeft, Subscriber(rig).ReauthenticatesThen));
        rig.Pass(41_000);
        Assert.Empty(rig.Lns.Ends);
        var again = radius.Sockets.Sent.Last(static sent => sent.Packet[0] == 1).Packet;
        Assert.Equal((Assert.Single(id), "ab"), (Assert.Single(AccessRig.ValuesOf(again, AttributeType.AcctSessionId)),
            Assert.Single(AccessRig.ValuesOf(again, AttributeType.State))));

        // The second answer says nothing of a Termination-Action: its time is the last one.
        Accept(radius, static (ref PacketBuilder packet) => packet.AddUInt32(AttributeType.SessionTimeout, 50));
        rig.Run();
        rig.Pass(48_000);
        Assert.Empty(rig.Lns.Ends);
        rig.Pass(5_000);
        Assert.Equal("the session timeout was reached", Assert.Single(rig.Lns.Ends).Reason);
    }

    [Fact]
    public void A_user_who_is_rejected_then_loses_the_session()
    {
        var (rig, radius) = Use(Client, Server);
        using var _ = rig;
        rig.Start(0);
        Accept(radius, Reauthenticated);
        rig.Run();
        rig.Pass(101_000);
        radius.Answer(RadiusCode.AccessReject, to: radius.Sockets.Sent.Last(static sent => sent.Packet[0] == 1));
        rig.Run();
        rig.Pass(5_000);
        Assert.Equal("the peer failed authentication: RADIUS server server0 rejected it", Assert.Single(rig.Lns.Ends).Reason);
    }

    [Fact]
    public void PAP_has_no_second_proof_and_its_session_ends()
    {
        var (rig, radius) = Use(Client, Server with { Authentication = [PppAuthentication.Pap] });
        using var _ = rig;
        rig.Start(0);
        Accept(radius, Reauthenticated);
        rig.Run();
        rig.Pass(101_000);
        Assert.Equal("the session timeout was reached", Assert.Single(rig.Lns.Ends).Reason);
    }

    [Fact]
    public void A_wrong_password_by_MSCHAPv2_may_be_followed_by_a_right_one_under_the_challenge_of_the_server()
    {
        var (rig, radius) = Use(Client, Server with { Authentication = [PppAuthentication.MsChapV2], AuthenticationRetries = 1 });
        using var _ = rig;
        rig.Start(0);
        radius.Answer(RadiusCode.AccessReject, static (ref PacketBuilder packet) => packet.AddVendor(
            VendorId.Microsoft, 2, "\u0001E=691 R=1 C=000102030405060708090a0b0c0d0e0f V=3 M=try again"u8),
            to: radius.Sockets.Sent.Last(static sent => sent.Packet[0] == 1));
        rig.Run();
        var failure = rig.Lns.Links[0].Sent.Single(static frame => frame.StartsWith("c22304", StringComparison.Ordinal));
        Assert.Contains("R=1 C=000102030405060708090A0B0C0D0E0F", System.Text.Encoding.ASCII.GetString(Convert.FromHexString(failure)),
            StringComparison.Ordinal);
    }

    private static void Reauthenticated(ref PacketBuilder packet)
    {
        packet.AddUInt32(AttributeType.SessionTimeout, 100);
        packet.AddUInt32(AttributeType.TerminationAction, 1);
    }

    private static void Accept(AccessRig radius, Attributes attributes) =>
        radius.Answer(RadiusCode.AccessAccept, attributes, to: radius.Sockets.Sent.Last(static sent => sent.Packet[0] == 1));

    private static SecretEntry User(string name) => new(name, SecretEntry.Any, "pass", []);

    private static FramedRoute Route(string network) => new(IPNetwork.Parse(network), null, 0);

    private static IReadOnlyList<L2tpd.Control.RouteView> Routes(BuiltInRig rig, int number = 0) =>
        rig.Lns.Backend.RoutesOf(rig.Lns.KeyOf(number), "1/1");

    private static L2tpd.Control.SubscriberView Subscriber(BuiltInRig rig) => rig.Lns.Backend.SubscriberOf(rig.Lns.KeyOf(0))!;

    private static (BuiltInRig Rig, AccessRig Radius) Use(PppProfile client, PppProfile server, int sessions = 1)
    {
        var rig = new BuiltInRig(client, server, sessions);
        var radius = new AccessRig();
        rig.Lns.Backend.AccessOf = _ => radius.Access;
        return (rig, radius);
    }
}
