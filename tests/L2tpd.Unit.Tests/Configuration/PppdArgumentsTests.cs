using System.Net;
using L2tpd.Configuration;
using L2tpd.PppHosting.Pppd;

namespace L2tpd.Unit.Tests.Configuration;

public sealed class PppdArgumentsTests
{
    private static readonly PppProfile Plain = new() { Name = "p" };

    private static PppdSession Session(bool server) =>
        new() { SocketDescriptor = 3, TunnelId = new(17), SessionId = new(42), Server = server, Name = "main" };

    private static string Line(PppProfile profile, PppdSession session) => string.Join(' ', PppdArguments.For(profile, session));

    [Fact]
    public void Client_with_defaults() => Assert.Equal(
        "plugin pppol2tp.so pppol2tp 3 pppol2tp_tunnel_id 17 pppol2tp_session_id 42 "
        + "nodetach nopersist lcp-max-terminate 0 logfd 2 file /proc/self/fd/5 noaccomp nopcomp novj novjccomp nobsdcomp nodeflate mtu "
            + "1400 mru 1400 "
        + "lcp-echo-interval 30 lcp-echo-failure 4 noauth noipdefault ipcp-accept-local ipcp-accept-remote nodefaultroute noipv6",
        Line(Plain, Session(server: false)));

    [Fact]
    public void Server_with_everything()
    {
        var profile = Plain with
        {
            ServerName = "lns", Local = IPAddress.Parse("10.0.0.1"), Dns = [IPAddress.Parse("10.0.0.2"), IPAddress.Parse("10.0.0.3")],
            Mtu = 1410, Mru = 1420, Authentication = [PppAuthentication.Chap, PppAuthentication.MsChapV2], IPv6 = true,
            RechallengeInterval = TimeSpan.FromMinutes(5), Nbns = [IPAddress.Parse("10.0.0.4")],
            EchoInterval = TimeSpan.Zero, OptionsFile = "/etc/l2tpd/more", Options = ["lcp-max-configure", "5"],
        };
        var session = Session(server: true) with
        {
            SendSequence = true, RequireSequence = true, ReorderTimeout = TimeSpan.FromMilliseconds(20.5),
            AllocatedRemote = IPAddress.Parse("10.0.0.9"), OptionsPath = "/proc/self/fd/4",
        };
        Assert.Equal(
            "plugin pppol2tp.so pppol2tp 3 pppol2tp_lns_mode pppol2tp_tunnel_id 17 pppol2tp_session_id 42 "
            + "pppol2tp_send_seq pppol2tp_recv_seq pppol2tp_reorderto 21 "
            + "nodetach nopersist lcp-max-terminate 0 logfd 2 file /proc/self/fd/5 noaccomp nopcomp novj novjccomp nobsdcomp nodeflate "
                + "mtu 1410 mru 1420 "
            + "lcp-echo-interval 0 lcp-echo-failure 0 name lns require-chap require-mschap-v2 chap-interval 300 10.0.0.1:10.0.0.9 "
            + "ms-dns 10.0.0.2 ms-dns 10.0.0.3 ms-wins 10.0.0.4 nodefaultroute +ipv6 file /etc/l2tpd/more lcp-max-configure 5 file "
                + "/proc/self/fd/4",
            Line(profile, session));
    }

    [Theory]
    [InlineData(null, null, null, "noipdefault ipcp-accept-local ipcp-accept-remote nodefaultroute")]
    [InlineData("10.0.0.1", null, null, "noauth ipcp-accept-remote 10.0.0.1: nodefaultroute")]
    [InlineData(null, "10.0.0.2", null, "noipdefault ipcp-accept-local :10.0.0.2 nodefaultroute")]
    [InlineData("10.0.0.1", "10.0.0.2", null, "noauth 10.0.0.1:10.0.0.2 nodefaultroute")]
    [InlineData("10.0.0.1", "10.0.0.2", "10.0.0.3", "noauth 10.0.0.1:10.0.0.3 nodefaultroute")]
    public void Addresses(string? local, string? remote, string? allocated, string expected)
    {
        var profile = Plain with { Local = Address(local), Remote = Address(remote) };
        Assert.Contains(expected, Line(profile, Session(server: true) with { AllocatedRemote = Address(allocated) }),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "require-pap require-eap", "noauth")]
    [InlineData(false, "noauth refuse-chap refuse-mschap refuse-mschap-v2", "require")]
    public void Authentication(bool server, string expected, string absent)
    {
        var profile = Plain with { Authentication = [PppAuthentication.Eap, PppAuthentication.Pap] };
        var line = Line(profile, Session(server));
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain(absent, line, StringComparison.Ordinal);
    }

    [Fact]
    public void Client_routes_names_and_interface()
    {
        var profile = Plain with { DefaultRoute = true, RequestDns = true, Interface = "up" };
        var line = Line(profile, Session(server: false));
        Assert.Contains(" usepeerdns nodefaultroute ", line, StringComparison.Ordinal);
        Assert.Contains(" ifname up ", line, StringComparison.Ordinal);
    }

    [Fact]
    public void User_password_and_facts_are_in_the_file_only()
    {
        var profile = Plain with { User = "al ice", Password = new Secret("p\"a\\ss #1") };
        var session = Session(server: false) with
        {
            OptionsPath = "/proc/self/fd/4",
            Variables = [new("L2TP_CALLING_NUMBER", "555\nplugin evil.so"), new("L2TP_PEER", "lac")],
        };
        var line = Line(profile, session);
        Assert.DoesNotContain("ice", line, StringComparison.Ordinal);
        Assert.DoesNotContain("ss", line.Replace("session", "", StringComparison.Ordinal).Replace("pass", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
        Assert.DoesNotContain("555", line, StringComparison.Ordinal);
        Assert.Equal(
            "user \"al ice\"\npassword \"p\\\"a\\\\ss #1\"\nset \"L2TP_CALLING_NUMBER=555?plugin evil.so\"\nset \"L2TP_PEER=lac\"\n",
            PppdArguments.OptionsText(profile, session));
    }

    [Fact]
    public void Long_fact_is_cut_to_what_pppd_reads()
    {
        var session = Session(server: true) with { Variables = [new("X", new string('é', 2000))] };
        Assert.Equal($"set \"X={new string('é', 450)}\"\n", PppdArguments.OptionsText(Plain, session));
    }

    [Fact]
    public void Nothing_to_hide_is_an_empty_text() => Assert.Equal("", PppdArguments.OptionsText(Plain, Session(server: true)));

    [Fact]
    public void What_a_peer_calls_itself_is_not_on_the_command_line()
    {
        var session = Session(server: true) with { Name = "evil \"host\" nodetach/17/42" };
        Assert.DoesNotContain("evil", Line(Plain, session), StringComparison.Ordinal);
        Assert.Equal("ipparam \"evil \\\"host\\\" nodetach/17/42\"\n", PppdArguments.NameText(session));
        Assert.InRange(PppdArguments.NameText(session with { Name = new string('x', 5_000) }).Length, 900, 950);
    }

    private static IPAddress? Address(string? text) => text is null ? null : IPAddress.Parse(text);
}
