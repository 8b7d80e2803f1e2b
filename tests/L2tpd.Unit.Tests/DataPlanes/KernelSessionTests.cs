using L2tpd.DataPlanes.Interfaces;
using L2tpd.DataPlanes.Kernel;
using L2tpd.Engine.Effects;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Unit.Tests.Linux;
using static L2tpd.Unit.Tests.DataPlanes.KernelAnswers;

namespace L2tpd.Unit.Tests.DataPlanes;

/// <summary>What the kernel is asked for an L2TPv3 session, and what is removed if its interface cannot be made.</summary>
public sealed class KernelSessionTests : IDisposable
{
    private const int Enodev = 19;
    private const int Eexist = 17;
    private const int Einval = 22;
    private const string NewLink = "10000500 ";
    private const string Named = "00000000000000000000000000000000" + "0800030070773000"; // pw0

    private readonly ScriptedKernel l2tp = ScriptedKernel.WithFamily();
    private readonly ScriptedKernel links = new();
    private readonly L2tpNetlink netlink;
    private readonly PseudowireInterfaces interfaces;

    public KernelSessionTests()
    {
        Assert.True(L2tpNetlink.TryOpen(l2tp, out var opened).IsNone);
        netlink = opened!;
        interfaces = new PseudowireInterfaces(new RtNetlink(links));
    }

    public void Dispose()
    {
        l2tp.Dispose();
        links.Dispose();
        netlink.Dispose();
        interfaces.Dispose();
    }

    [Fact]
    public void Cookies_change_places_and_the_sublayer_is_told()
    {
        l2tp.On(Acknowledge).On(SessionPw0);
        links.On(Link).On(Acknowledge).On(Acknowledge);
        var session = Session(Settings);

        Assert.Equal(default, Kernel.MakeSession(session));

        Assert.Equal(new PseudowireInterface("pw0", 7, "pw0"), session.Interface);
        // Type 5; cookie (15) is the one that we send, the peer's; peer cookie (16) is ours; sublayer (5) explicitly off.
        Assert.Equal(
            "21000500 05010000" + "0800090001000000" + "08000b0002000000" + "08000c0003000000" + "0600010005000000" + "0500050000000000"
            + "08000f00aaaaaaaa" + "0c001000bbbbbbbbbbbbbbbb" + "0500120001000000" + "0500130001000000" + "0500140001000000"
                + "0c0016006400000000000000" + "0800080070773000",
            ScriptedKernel.Body(l2tp.Requests[1]));
        Assert.Equal(NewLink + Named + "0500100006000000", ScriptedKernel.Body(links.Requests[1]));   // not dormant
        Assert.Equal(NewLink + "00000000000000000100000001000000" + "0800030070773000", ScriptedKernel.Body(links.Requests[2]));     // up
    }

    [Fact]
    public void A_vlan_session_is_an_ethernet_session_with_a_device_of_tagged_frames_above()
    {
        l2tp.On(Acknowledge).On(SessionPw0);
        links.On(static request => [ScriptedKernel.Ack(request, Enodev)])
            .On(Link).On(Acknowledge).On(Acknowledge).On(Acknowledge).On(Acknowledge).On(Acknowledge).On(Link).On(Acknowledge);
        var session = Session(Settings with { Vlan = 100, PeerStatus = CircuitStatus.Standby | CircuitStatus.Active },
            PseudowireType.EthernetVlan, "tagged");

        Assert.Null(Kernel.MakeSession(session).Problem);

        Assert.Contains("0600010005000000", ScriptedKernel.Body(l2tp.Requests[1]), StringComparison.Ordinal);
        Assert.DoesNotContain("746167676564", ScriptedKernel.Body(l2tp.Requests[1]), StringComparison.Ordinal);
        // dormant: the peer is on standby
        Assert.EndsWith("0500100005000000", ScriptedKernel.Body(links.Requests[3]), StringComparison.Ordinal);
        // 1,500: room for the tag
        Assert.EndsWith("08000400dc050000", ScriptedKernel.Body(links.Requests[4]), StringComparison.Ordinal);
        Assert.Contains("746167676564", ScriptedKernel.Body(links.Requests[5]), StringComparison.Ordinal);
        Assert.EndsWith("08000400d8050000", ScriptedKernel.Body(links.Requests[6]), StringComparison.Ordinal);      // 1,496
        Assert.Equal("pw0", session.Interface!.Device);
    }

    [Fact]
    public void A_session_whose_bridge_is_missing_is_taken_back()
    {
        l2tp.On(Acknowledge).On(SessionPw0).On(Acknowledge);
        links.On(Link).On(Acknowledge).On(Acknowledge).On(static request => [ScriptedKernel.Ack(request, Enodev)]);

        var made = Kernel.MakeSession(Session(Settings with { Bridge = "br0" }));

        Assert.Equal("the session's interface cannot be made: pw0 cannot join the bridge br0: there is no such interface", made.Problem);
        Assert.StartsWith("21000500 06010000", ScriptedKernel.Body(l2tp.Requests[3]), StringComparison.Ordinal);   // SESSION_DELETE
    }

    [Fact]
    public void What_is_no_bridge_is_not_joined()
    {
        l2tp.On(Acknowledge).On(SessionPw0).On(Acknowledge);
        links.On(Link).On(Acknowledge).On(Acknowledge).On(Link);

        Assert.Contains("pw0 cannot join br0: it is not a bridge",
            Kernel.MakeSession(Session(Settings with { Bridge = "br0" })).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_in_use_is_said_to_be()
    {
        l2tp.On(static request => [ScriptedKernel.Ack(request, Eexist)]);
        links.On(Link);

        Assert.Equal(new SessionMade("an interface pw0 exists already", false, null) { IsCollision = true },
            Kernel.MakeSession(Session(Settings)));
        Assert.Equal(2, l2tp.Requests.Count);
    }

    [Fact]
    public void A_name_in_use_for_tagged_frames_is_found_before_the_session_is_made()
    {
        links.On(Link);

        var made = Kernel.MakeSession(Session(Settings with { Vlan = 100 }, PseudowireType.EthernetVlan, "tagged"));

        Assert.Equal(new SessionMade("an interface tagged exists already", false, null) { IsCollision = true }, made);
        Assert.Single(l2tp.Requests);
    }

    [Fact]
    public void An_address_that_is_refused_is_named()
    {
        l2tp.On(Acknowledge).On(SessionPw0).On(Acknowledge);
        links.On(Link).On(Acknowledge).On(Acknowledge).On(Link).On(static request => [ScriptedKernel.Ack(request, Einval)]);

        Assert.Contains("the address 10.0.0.1/24 cannot be set on pw0",
            Kernel.MakeSession(Session(Settings with { Addresses = ["10.0.0.1/24"] })).Problem, StringComparison.Ordinal);
    }

    private static PseudowireParameters Settings => new(
        [.. Enumerable.Repeat((byte)0xbb, 8)], [.. Enumerable.Repeat((byte)0xaa, 4)], L2SpecificSublayer.None,
        DataSequencing.All, DataSequencing.All, null, "pw0", null, []);

    private KernelCalls Kernel => new(netlink, interfaces, null!);

    private static KernelSession Session(PseudowireParameters settings, PseudowireType type = PseudowireType.Ethernet, string name = "pw0")
    {
        var tunnel = new KernelTunnel(default, new TunnelParameters(null!, ProtocolVersion.V3, new(1), new(9), default, null, 0), null!);
        var parameters = new SessionParameters(null!, new(2), new(3), type, true, true, true, TimeSpan.FromMilliseconds(100), settings);
        return new KernelSession(default, tunnel, parameters, name);
    }
}
