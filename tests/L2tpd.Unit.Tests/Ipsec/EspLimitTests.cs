using System.Net;
using L2tpd.Configuration;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Inputs;
using L2tpd.Ipsec.Associations;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Ipsec;
using L2tpd.Unit.Tests.Operations.Control;
using L2tpd.Unit.Tests.PppHosting;

namespace L2tpd.Unit.Tests.Ipsec;

/// <summary>Of what the limit of a tunnel inside ESP is computed, and what PPP and interfaces make of it.</summary>
public sealed class EspLimitTests
{
    private static readonly IPAddress Any = IPAddress.Any;

    private static readonly PppProfile Server = new()
    {
        Name = "p", Backend = PppBackend.BuiltIn, Local = IPAddress.Parse("10.0.0.1"), EchoInterval = TimeSpan.Zero,
        Pool = [new AddressRange(IPAddress.Parse("10.0.0.10"), IPAddress.Parse("10.0.0.20"))],
    };

    private readonly Tunnel _tunnel = new EnginePair(1, EnginePair.Tunnel("hq")).Lac.Tunnels.Single();

    [Fact]
    public void A_tunnel_outside_ESP_has_no_limit()
    {
        Assert.Null(new EspLimits([new Listener(Any, _tunnel.Path.Local.Port)], _ => null, _ => 1500).Of(_tunnel));
        Assert.Null(Limits(new IpsecSettings { Policy = IpsecPolicy.Required }, mtu: 0).Of(_tunnel));
    }

    [Fact]
    public void With_an_unknown_association_the_worst_case_of_the_listeners_proposals_counts()
    {
        // 20 + 1422 for AES-CBC with SHA-256 in UDP; 20 + 1438 for GCM; 20 + 1406 for SHA-512, which a hand-written connection may have.
        var modern = new IpsecSettings { Policy = IpsecPolicy.Required, Psk = [1] };
        Assert.Equal((1442, false), Figures(Limits(modern)));
        Assert.Equal((1458, false), Figures(Limits(modern with { EspProposals = "aes256gcm16, aes128gcm16" })));
        Assert.Equal((1426, false), Figures(Limits(new IpsecSettings { Policy = IpsecPolicy.Preferred })));
    }

    [Fact]
    public void A_known_association_is_computed_exactly_whatever_the_configuration_says()
    {
        Assert.Equal((1466, true), Figures(Limits(IpsecSettings.None, Association("AES_GCM_16-256", 0))));
        var inUdp = Limits(new IpsecSettings { Policy = IpsecPolicy.Required }, Association("AES_CBC-128/HMAC_SHA1_96", 4500));
        Assert.Equal((1442, true), Figures(inUdp));
        Assert.Equal("AES_CBC-128/HMAC_SHA1_96 in UDP", inUdp.Of(_tunnel)!.Text);
    }

    [Fact]
    public void The_interface_of_an_Ethernet_session_leaves_room_for_its_header_and_the_frame()
    {
        var limits = Limits(IpsecSettings.None, Association("AES_CBC-256/HMAC_SHA2_256_128", 4500));
        // 1422 - UDP 8 - flags 4 - Session ID 4 - cookie 8 - sublayer 4 - Ethernet 14, and a tag of 4.
        Assert.Equal(1380, (int)limits.EthernetMtuOf(_tunnel, PseudowireType.Ethernet, 8, L2SpecificSublayer.Default)!);
        Assert.Equal(1392, (int)limits.EthernetMtuOf(_tunnel, PseudowireType.Ethernet, 0, L2SpecificSublayer.None)!);
        Assert.Equal(1376, (int)limits.EthernetMtuOf(_tunnel, PseudowireType.EthernetVlan, 8, L2SpecificSublayer.Default)!);
        Assert.Null(new EspLimits([], _ => null, _ => 1500).EthernetMtuOf(_tunnel, PseudowireType.Ethernet, 0, L2SpecificSublayer.None));
    }

    [Theory]
    [InlineData(true, false, 1398)]
    [InlineData(true, true, 1398)]
    [InlineData(false, false, 1398)]
    [InlineData(false, true, 1400)]
    public void PPP_takes_a_presumed_limit_only_where_the_file_has_no_size(bool isExact, bool isWritten, int expected)
    {
        var client = BuiltInRig.Client with { IsSizeWritten = isWritten };
        using var rig = new BuiltInRig(client, Server with { IsSizeWritten = isWritten })
        {
            PathMtu = 1500, Esp = new EspLimit(1442, isExact, "algorithms"),
        };
        rig.Start(0);
        Assert.Equal((expected, expected), (rig.Lns.Links[0].Framing!.TransmitLimit, rig.Lns.Links[0].Framing!.ReceiveLimit));
    }

    [Fact]
    public void The_clamp_of_the_MSS_follows_and_the_session_says_of_what_its_MTU_was_computed()
    {
        using var rig = new BuiltInRig(BuiltInRig.Client, Server with { ClampMss = true })
        {
            PathMtu = 1500, Esp = new EspLimit(1442, true, "algorithms"),
        };
        rig.Start(0);
        Assert.Equal((true, 1398), (rig.Lns.Created[0].ClampMss, rig.Lns.Created[0].Mtu));
        var user = rig.Lns.Inputs.OfType<PppUser>().Last().User;
        Assert.Equal((1398, "algorithms"), (user.Mtu, user.MtuOfEsp));
    }

    private EspLimits Limits(IpsecSettings settings, SecurityAssociation? association = null, int mtu = 1500) =>
        new([new Listener(Any, _tunnel.Path.Local.Port) { Ipsec = settings }], _ => association, _ => mtu);

    private (int, bool) Figures(EspLimits limits) => (limits.Of(_tunnel)!.Packet, limits.Of(_tunnel)!.IsExact);

    private static SecurityAssociation Association(string algorithms, ushort port) =>
        new("c", 1, 1, Any, Any, "peer") { Algorithms = algorithms, EncapsulationPort = port };
}
