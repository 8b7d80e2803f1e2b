using System.Net;
using L2tpd.Configuration;
using L2tpd.Engine.Configuration;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary><c>ipsec</c> and <c>strongswan</c>.</summary>
public sealed class IpsecKeyTests
{
    /// <summary>A file with every key.</summary>
    public const string Text = """
        strongswan: { socket: /run/x.vici }
        listen:
          - { address: 192.0.2.1, ipsec: { psk: k, id: vpn.example, ike: v1, proposals: compatible }, nat-zones: true }
          - { address: 192.0.2.2, ipsec: preferred, marks: true }
          - 192.0.2.3
        peers:
          any:
            ipsec: { policy: preferred, psk-file: s, peer-id: "%any" }
            same-peer: keep
            lns: { ppp: none }
        tunnels:
          certified:
            lns: 198.51.100.1
            ipsec: { certificate: c, private-key: k, ca: ca, ike: v2, ike-proposals: aes256-sha256-x25519, esp-proposals: aes256gcm16 }
            sessions: { one: { ppp: none } }
          credential: { lns: 198.51.100.2, ipsec: { psk-credential: s }, sessions: { one: { ppp: none } } }
          inherits: { lns: 198.51.100.3, peer: any, sessions: { one: { ppp: none } } }
          hand-written: { lns: 198.51.100.4, peer: any, ipsec: required, sessions: { one: { ppp: none } } }
          fixed:
            protocol: static
            remote: 198.51.100.5
            tunnel-id: 1
            peer-tunnel-id: 2
            ipsec: required
            sessions: { one: { session-id: 3, peer-session-id: 4 } }
        """;

    [Fact]
    public void Every_key()
    {
        using var files = Files(Text);
        var result = files.Load();
        Assert.Empty(files.Lines(result.Errors));
        var configuration = result.Configuration!;
        Assert.Equal("/run/x.vici", configuration.StrongSwan!.Socket);
        Assert.Equal(
            new Listener(IPAddress.Parse("192.0.2.1"))
            {
                NatZones = true,
                Ipsec = new IpsecSettings
                {
                    Policy = IpsecPolicy.Required, Psk = "k"u8.ToArray(), LocalId = "vpn.example", Proposals = IpsecProposals.Compatible,
                },
            },
            configuration.Listeners[0]);
        Assert.Equal(new IpsecSettings { Policy = IpsecPolicy.Preferred }, configuration.Listeners[1].Ipsec);
        Assert.Equal([false, true, false], configuration.Listeners.Select(static listener => listener.Marks));
        Assert.Same(IpsecSettings.None, configuration.Listeners[2].Ipsec);
        var ofPeer = new IpsecSettings { Policy = IpsecPolicy.Preferred, Psk = "from a file"u8.ToArray(), PeerId = "%any" };
        Assert.Equal(ofPeer, configuration.Engine.Peers[0].Ipsec);
        Assert.Equal(SamePeerPolicy.Keep, configuration.Engine.Peers[0].SamePeer);
        var tunnels = configuration.Engine.Tunnels.ToDictionary(static tunnel => tunnel.Name, static tunnel => tunnel.Peer.Ipsec);
        var certified = tunnels["certified"];
        Assert.Equal((IpsecPolicy.Required, 2, "aes256-sha256-x25519", "aes256gcm16"),
            (certified.Policy, certified.IkeVersion, certified.IkeProposals, certified.EspProposals));
        Assert.Contains("PRIVATE KEY", System.Text.Encoding.UTF8.GetString(certified.PrivateKey!));
        Assert.Contains("CERTIFICATE", certified.Certificate);
        Assert.Contains("CERTIFICATE", certified.Authorities);
        Assert.Equal("from a file"u8.ToArray(), tunnels["credential"].Psk);
        Assert.Equal(ofPeer, tunnels["inherits"]);
        Assert.Equal(new IpsecSettings { Policy = IpsecPolicy.Required }, tunnels["hand-written"]);
        Assert.Equal(new IpsecSettings { Policy = IpsecPolicy.Required }, configuration.Engine.StaticTunnels[0].Ipsec);
    }

    public static TheoryData<string, string> Wrong() => new()
    {
        { "maybe", "`maybe` is not one of `required`, `preferred`, `none`" },
        { "{ policy: none, psk: k }", "psk: needs `policy: required` or `preferred`" },
        { "{ policy: none, id: x }", "id: needs `policy: required` or `preferred`" },
        { "{ id: x }", "id: needs `psk`, `psk-file`, `psk-credential` or `certificate`" },
        { "{ psk-file: missing }", "psk-file: cannot read missing: no such file" },
        { "{ psk-file: empty }", "psk-file: empty is empty" },
        { "{ psk: k, psk-file: s }", "psk-file: contradicts `psk`" },
        { "{ psk: k, certificate: c, private-key: k, ca: ca }", "psk: contradicts `certificate`" },
        { "{ certificate: c, private-key: k }", "ca: is required" },
        { "{ private-key: k, ca: ca }", "certificate: is required" },
        { "{ certificate: c, private-key: s, ca: ca }", "private-key: is not the key of `certificate`" },
        { "{ psk: k, ike: v3 }", "ike: `v3` is not one of `v1`, `v2`" },
        { "{ psk: k, proposals: old }", "proposals: `old` is not one of `modern`, `compatible`" },
        { "{ pask: k }", "pask: unknown key" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void An_error_names_the_key_and_what_is_right(string value, string expected)
    {
        using var files = Files($"listen: {{ address: 192.0.2.1, ipsec: {value} }}\npeers: {{ any: {{ lns: {{ ppp: none }} }} }}\n");
        Assert.Contains(expected, Assert.Single(files.Lines(files.Load().Errors)));
    }

    [Theory]
    [InlineData("listen: { address: 127.0.0.1, ipsec: required }", "no IPsec on the loopback interface")]
    [InlineData("listen: { address: '[::1]', ipsec: required }", "no IPsec on the loopback interface")]
    [InlineData("tunnels: { t: { lns: [192.0.2.1, 127.0.0.1], ipsec: required } }", "no IPsec on the loopback interface")]
    [InlineData("listen: { address: 192.0.2.1, nat-zones: true }", "nat-zones: needs `ipsec`")]
    [InlineData("listen: { address: '[2001:db8::1]', ipsec: required, nat-zones: true }", "nat-zones: is for UDP over IPv4")]
    [InlineData("listen: { address: 'ip:192.0.2.1', ipsec: preferred, nat-zones: true }", "nat-zones: is for UDP over IPv4")]
    [InlineData("tunnels: { t: { lns: lns.example, transport: ip, protocol: v3, ipsec: required } }", "drops clear text by address")]
    public void What_the_kernel_cannot_do_is_refused(string text, string expected) =>
        Assert.Contains(expected, Assert.Single(TemporaryConfiguration.LoadText(text).Errors).ToString());

    [Theory]
    [InlineData("peers: { any: { protocol: v3 } }\nlisten: { address: 'ip:192.0.2.1', ipsec: required }")]
    [InlineData("tunnels: { t: { lns: 192.0.2.1, transport: ip, protocol: v3, ipsec: required } }")]
    [InlineData("tunnels: { t: { lns: lns.example, local-address: 192.0.2.9, transport: ip, protocol: v3, ipsec: required } }")]
    [InlineData("data-plane: userspace\ntunnels: { t: { lns: lns.example, transport: ip, protocol: v3, ipsec: required } }")]
    public void Over_IP_it_is_possible_where_clear_text_is_known_by_address_or_the_socket_sees_to_it(string text) =>
        Assert.Empty(TemporaryConfiguration.LoadText(text).Errors);

    [Theory]
    [InlineData("listen: { address: 192.0.2.1, ipsec: required }", null)]
    [InlineData("listen: { address: 192.0.2.1, ipsec: { psk: k } }", "/run/charon.vici")]
    [InlineData("listen: { address: 192.0.2.1 }\nstrongswan: {}", "/run/charon.vici")]
    public void StrongSwan_is_asked_only_if_it_is_needed(string text, string? socket) => Assert.Equal(socket,
        TemporaryConfiguration.LoadText("peers: { any: { lns: { ppp: none } } }\n" + text).Configuration!.StrongSwan?.Socket);

    [Fact]
    public void No_text_of_the_settings_shows_a_secret()
    {
        var settings = new IpsecSettings { Policy = IpsecPolicy.Required, Psk = "very-secret"u8.ToArray() };
        Assert.DoesNotContain("very", settings.ToString() + new Listener(IPAddress.Any) { Ipsec = settings });
    }

    [Fact]
    public void Settings_are_equal_by_content()
    {
        static IpsecSettings New(string psk) => new() { Policy = IpsecPolicy.Required, Psk = System.Text.Encoding.UTF8.GetBytes(psk) };
        Assert.Equal(New("a"), New("a"));
        Assert.Equal(New("a").GetHashCode(), New("a").GetHashCode());
        Assert.NotEqual(New("a"), New("b"));
        Assert.NotEqual(New("a"), New("a") with { PeerId = "x" });
    }

    private static TemporaryConfiguration Files(string text)
    {
        using var authority = new TestCertificates();
        var (certificate, key) = authority.Issue("vpn");
        var files = new TemporaryConfiguration(text);
        files.Write("ca", authority.Authority);
        files.Write("c", certificate);
        files.Write("k", key);
        files.Write("s", "from a file\n");
        files.Write("empty", "\n");
        files.CredentialsDirectory = files.Directory;
        return files;
    }
}
