using System.Collections.Immutable;
using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;
using L2tpd.Unit.Tests.Radius;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>Sessions of the built-in PPP whose users are in RADIUS, with a server that the test plays.</summary>
public sealed class RadiusSessionTests
{
    private static readonly PppProfile Client = new()
    {
        Name = "p", Backend = PppBackend.BuiltIn, User = "alice", Password = new Secret("alice-secret"),
    };

    private static readonly PppProfile Server = new()
    {
        Name = "p", Backend = PppBackend.BuiltIn, Authentication = [PppAuthentication.Chap], Local = IPAddress.Parse("10.99.0.1"),
        Pool = [new AddressRange(IPAddress.Parse("10.99.0.10"), IPAddress.Parse("10.99.0.20"))], Access = AccessChoice.Radius,
    };

    [Fact]
    public void A_session_waits_for_the_server_and_has_its_address_and_its_accounting()
    {
        using var rig = new BuiltInRig(Client, Server);
        var radius = Use(rig);
        rig.Lns.Backend.Prepare();
        Assert.Equal("00000007", Status(radius));
        radius.Answer(RadiusCode.AccountingResponse);
        rig.Start(0);
        rig.Pass(1_500);
        Assert.Empty(rig.Lns.Ups);
        radius.Answer(RadiusCode.AccessAccept, static (ref PacketBuilder packet) =>
        {
            packet.AddUInt32(AttributeType.FramedIpAddress, 0x0a630707);
            packet.Add(AttributeType.Class, [1]);
        });
        rig.Run();
        Assert.Equal("10.99.7.7", Assert.Single(rig.Lns.Ups).PeerAddress?.ToString());
        Assert.Equal(("00000001", "0a630707", "01"),
            (Status(radius), Assert.Single(radius.Sent(AttributeType.FramedIpAddress)), Assert.Single(radius.Sent(AttributeType.Class))));
        radius.Answer(RadiusCode.AccountingResponse);
        rig.Lns.Stop(0);
        rig.Pass(100);
        Assert.Equal(("00000002", 1), (Status(radius), rig.Lns.Backend.Running));
        radius.Answer(RadiusCode.AccountingResponse, to: radius.Sockets.Sent.Last(static sent => sent.Packet[0] == 4));
        rig.Run();
        Assert.Equal(0, rig.Lns.Backend.Running);
    }

    [Theory]
    [InlineData("p", true)]
    [InlineData("gold", false)]
    public void A_pool_is_named_by_the_profile_and_an_unknown_one_gives_no_address(string pool, bool isUp)
    {
        using var rig = new BuiltInRig(Client, Server);
        var radius = Use(rig);
        rig.Start(0);
        radius.Answer(RadiusCode.AccessAccept, (ref PacketBuilder packet) => packet.AddText(AttributeType.FramedPool, pool),
            to: radius.Sockets.Sent.Last(static sent => sent.Packet[0] == 1));
        rig.Run();
        Assert.Equal(isUp ? ["10.99.0.10"] : [], rig.Lns.Ups.Select(static up => up.PeerAddress?.ToString()));
    }

    [Fact]
    public void A_reload_that_removes_RADIUS_leaves_the_accounting_of_a_session_to_it_and_the_end_sends_Off()
    {
        AccessRig radius;
        using (var rig = new BuiltInRig(Client, Server))
        {
            radius = Use(rig);
            rig.Lns.Backend.Prepare();
            radius.Answer(RadiusCode.AccountingResponse);
            rig.Start(0);
            radius.Answer(RadiusCode.AccessAccept);
            rig.Run();
            radius.Answer(RadiusCode.AccountingResponse);
            rig.Lns.Backend.AccessOf = null;
            rig.Lns.Reload(Server with { Access = AccessChoice.Local, Users = [new SecretEntry("alice", "*", "alice-secret", [])] });
            rig.Lns.Backend.Prepare();
            rig.Lns.Stop(0);
            rig.Pass(2_500);
            Assert.Equal("00000002", Status(radius));
        }

        // No answer came to the Stop: the back end is in use until the end, and says that it ends.
        Assert.Equal("00000008", Status(radius));
    }

    private static string Status(AccessRig radius) => Assert.Single(radius.Sent(AttributeType.AcctStatusType));

    private static AccessRig Use(BuiltInRig rig)
    {
        var radius = new AccessRig();
        rig.Lns.Backend.AccessOf = _ => radius.Access;
        return radius;
    }
}
