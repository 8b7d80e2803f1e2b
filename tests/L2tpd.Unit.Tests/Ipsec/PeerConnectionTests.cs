using L2tpd.Ipsec.Connections;
using L2tpd.Ipsec.Vici;
using L2tpd.Runtime.Ipsec;
using L2tpd.Unit.Tests.Configuration;

namespace L2tpd.Unit.Tests.Ipsec;

/// <summary>Credentials of peer profiles as connections of strongSwan.</summary>
public sealed class PeerConnectionTests : IViciCommands
{
    private const string Branches = """
        listen:
          - { address: 192.0.2.1, ipsec: required }
          - { address: "192.0.2.1:1702", ipsec: required, nat-zones: true }
        peers:
          branches: { match: { address: [198.51.100.0/24, 203.0.113.7] }, ipsec: { psk: k, peer-id: b.example }, lns: { ppp: none } }
          any: { lns: { ppp: none } }
        """;

    private readonly List<string> _sent = [];

    bool IViciCommands.IsReady => true;

    void IViciCommands.Request(string name, ViciSection arguments, TimeSpan limit, Action<ViciResult> done)
    {
        _sent.Add($"{name} {arguments.Value("id") ?? arguments.Value("name") ?? arguments.Sections.FirstOrDefault().Name}");
        done(ViciResult.Of(new ViciSection()));
    }

    [Fact]
    public void Each_profile_has_a_connection_for_its_addresses_and_each_port_of_a_listener()
    {
        var connections = Of(Branches);
        Assert.Equal(["l2tpd-peer-branches-1701", "l2tpd-peer-branches-1702"], connections.Select(static one => one.Name));
        var settings = connections[0].Settings();
        Assert.Equal(["198.51.100.0/24", "203.0.113.7/32"], settings.Items("remote_addrs"));
        Assert.Null(settings.Value("local_addrs"));
        Assert.Equal("never", settings.Value("unique"));
        var child = settings.Section("children")!.Section("l2tpd-peer-branches-1701")!;
        Assert.Equal(["dynamic[udp/1701]"], child.Items("local_ts"));
        Assert.Equal(["dynamic[udp/any]"], child.Items("remote_ts"));
        Assert.Equal((null, null), (child.Value("mark_in"), child.Value("start_action")));
        // Main Mode looks for the key by address, before it knows an identity.
        Assert.Equal(["b.example", "198.51.100.0/24", "203.0.113.7/32"], connections[0].LoadCommands().First().Arguments.Items("owners"));
        Assert.Equal("%unique", connections[1].Settings().Section("children")!.Section(connections[1].Name)!.Value("mark_in"));
    }

    [Theory]
    [InlineData("listen: 'ip:192.0.2.1'", "", "l2tpd-peer-b-ip")]
    [InlineData("listen: ['ip:192.0.2.1', 192.0.2.1]", "transport: udp,", "l2tpd-peer-b-1701")]
    [InlineData("listen: 'ip:192.0.2.1'", "transport: udp,", "")]
    [InlineData("", "", "")]
    public void Only_for_listeners_that_such_peers_can_come_by(string listen, string transport, string expected) =>
        Assert.Equal(expected, string.Join(' ', Of($$"""
            {{listen}}
            peers:
              b: { protocol: auto, match: { {{transport}} address: 198.51.100.7 }, ipsec: { psk: k }, lns: { ppp: none } }
            """).Select(static one => one.Name)));

    [Theory]
    [InlineData("peers: { b: { ipsec: { psk: k }, lns: { ppp: none } } }", "chooses by the peer's address")]
    [InlineData("peers: { b: { match: { host-name: b }, ipsec: { psk: k }, lns: { ppp: none } } }", "match: { address: ... }")]
    [InlineData("peers: { a: { match: { address: 192.0.2.7, host-name: a }, ipsec: { psk: k }, lns: { ppp: none } }, "
        + "b: { match: { address: 192.0.2.7 }, ipsec: { psk: l }, lns: { ppp: none } } }", "and so has `a`: IKE cannot tell the two apart")]
    public void A_profile_that_IKE_cannot_tell_is_refused_in_words(string text, string expected) =>
        Assert.Contains(expected, Assert.Single(TemporaryConfiguration.LoadText(text).Errors).ToString());

    [Fact]
    public void A_profile_that_only_tunnels_are_based_on_needs_no_address()
    {
        const string Text = "peers: { b: { ipsec: { psk: k }, lns: { ppp: none } } }\n"
            + "listen: 192.0.2.1\ntunnels: { t: { lns: 192.0.2.7, peer: b, sessions: { s: { ppp: none } } } }";
        Assert.Empty(Of(Text));
    }

    [Fact]
    public void A_reload_unloads_the_connections_of_profiles_that_are_gone_and_an_end_unloads_all()
    {
        var loader = new ConnectionLoader(this, static (_, _) => { });
        loader.Load(new IkeConnection { Name = "l2tpd-listen-a", LocalSelector = "udp/1701", RemoteSelector = "udp/any", Psk = [1] });
        loader.Replace(ConnectionLoader.PeerPrefix, Of(Branches));
        _sent.Clear();
        loader.Replace(ConnectionLoader.PeerPrefix, [Of(Branches)[1]]);
        Assert.Equal(["unload-conn l2tpd-peer-branches-1701", "unload-shared l2tpd-peer-branches-1701"], _sent);
        _sent.Clear();
        loader.UnloadAll();
        Assert.Equal(["unload-conn l2tpd-listen-a", "unload-conn l2tpd-peer-branches-1702", "unload-shared l2tpd-listen-a",
            "unload-shared l2tpd-peer-branches-1702"], _sent.Order(StringComparer.Ordinal));
        Assert.Empty(loader.Names);
    }

    private static IkeConnection[] Of(string text)
    {
        var result = TemporaryConfiguration.LoadText(text);
        Assert.Empty(result.Errors);
        var configuration = result.Configuration!;
        return [.. ConnectionSettings.OfPeers(configuration.Engine.Peers, configuration.Listeners)];
    }
}
