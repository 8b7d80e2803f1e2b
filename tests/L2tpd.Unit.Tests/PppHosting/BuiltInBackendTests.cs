using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Ppp;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.Protocol.Avps;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>The built-in PPP of both ends over fake links: addresses, codes, timeouts, and that nothing is left over.</summary>
public sealed class BuiltInBackendTests
{
    private static readonly PppProfile Server = new()
    {
        Name = "p",
        Backend = PppBackend.BuiltIn,
        Local = IPAddress.Parse("10.0.0.1"),
        Pool = [new AddressRange(IPAddress.Parse("10.0.0.10"), IPAddress.Parse("10.0.0.10")), new AddressRange(IPAddress.Parse("10.0.1.10"),
            IPAddress.Parse("10.0.1.10"))],
        Authentication = [PppAuthentication.Chap],
        Users = [new SecretEntry("user", "*", "pass", []), new SecretEntry("fixed", "*", "pass", ["10.7.7.7"])],
        EchoInterval = TimeSpan.FromSeconds(10),
        EchoFailures = 3,
    };

    private static readonly PppProfile Client = BuiltInRig.Client;

    [Theory]
    [InlineData(PppAuthentication.Pap)]
    [InlineData(PppAuthentication.Chap)]
    [InlineData(PppAuthentication.MsChapV2)]
    public void Comes_up_with_the_addresses_of_the_pool(PppAuthentication protocol)
    {
        using var rig = Started(Client, Server with { Authentication = [protocol], Mtu = 1300, Mru = 1310 });
        var network = Assert.Single(rig.Lns.Links[0].Networks);
        Assert.Equal(new LinkNetwork(IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.10"), 1300, CheckSource: true), network);
        Assert.Equal(32, network.PrefixLength);
        var lac = Assert.Single(rig.Lac.Links[0].Networks);
        Assert.Equal((IPAddress.Parse("10.0.0.10"), IPAddress.Parse("10.0.0.1"), 1310), (lac.Local, lac.Peer, lac.Mtu));
        Assert.False(lac.CheckSource, "the LNS we dial sends what comes from everywhere");
        var up = Assert.Single(rig.Lns.Ups);
        Assert.Equal(("ppp0", "10.0.0.1", "10.0.0.10"), (up.Interface, up.LocalAddress, up.PeerAddress));
        Assert.Single(rig.Lac.Ups);
    }

    [Fact]
    public void What_profiles_have_in_common_is_set_up_again_for_new_profiles()
    {
        using var rig = Started(Client, Server);
        rig.Lns.Reload(Server with { ClampMss = true, Mtu = 1200 });
        var problems = new List<string>();
        rig.Lns.Backend.PrepareRunning(problems.Add);
        rig.Run();
        Assert.Empty(problems);
        Assert.Equal((true, 1200), (Assert.Single(rig.Lns.Prepared).ClampMss, rig.Lns.Prepared[0].Mtu));

        rig.Lns.PrepareError = new LinuxError(Errno.ENOENT, "nft", "mss-clamp");
        Assert.StartsWith("PPP profile p: ", Assert.Single(rig.Lns.Backend.Prepare()));
        rig.Lns.Backend.PrepareRunning(problems.Add);
        Assert.Empty(problems);
        rig.Run();
        Assert.StartsWith("PPP profile p: ", Assert.Single(problems));
    }

    [Fact]
    public void A_users_own_address_waits_for_him_in_the_pool()
    {
        var server = Server with { Users = [new SecretEntry("user", "*", "pass", []), new SecretEntry("fixed", "*", "pass",
            ["10.0.0.10"])] };
        using var rig = Started(Client, server, sessions: 3);
        Assert.Equal("10.0.1.10", rig.Lns.Ups[0].PeerAddress);
        rig.Start(1);
        Assert.Equal("no address is available for the peer", Assert.Single(rig.Lns.Ends).Reason);

        // After the next reload of the users it is free for all.
        rig.Lns.Reload(Server);
        Assert.Empty(rig.Lns.Backend.Prepare());
        rig.Start(2);
        Assert.Equal("10.0.0.10", rig.Lns.Ups[^1].PeerAddress);
    }

    [Fact]
    public void Ipv6_goes_up_beside_IPv4_and_is_reported_once()
    {
        using var rig = Started(Client with { IPv6 = true }, Server with { IPv6 = true });
        rig.Pass(3_000);
        Assert.Equal([false, true], rig.Lns.Links[0].Networks.Select(static network => network.IsIPv6).Order());
        var six = rig.Lns.Links[0].Networks.Single(static network => network.IsIPv6);
        Assert.Equal((128, 0x57), (six.PrefixLength, six.Protocol));
        Assert.True(six.Local.IsIPv6LinkLocal && six.Peer!.IsIPv6LinkLocal);
        Assert.Equal("10.0.0.1", Assert.Single(rig.Lns.Ups).LocalAddress);
    }

    [Fact]
    public void A_wrong_password_has_its_codes_at_both_ends_and_leaves_nothing()
    {
        using var rig = Started(Client with { Password = new Secret("wrong") }, Server);
        rig.Pass(20_000);
        var lns = Assert.Single(rig.Lns.Ends);
        Assert.Equal((ushort)3, lns.CdnResult);
        Assert.Equal(new PppDisconnectCause(PppDisconnectCode.AuthenticationFailed, 0xc223, 1), lns.Cause);
        Assert.Equal("the peer failed authentication: wrong secret", lns.Reason);
        var lac = Assert.Single(rig.Lac.Ends);
        Assert.Equal((ushort)3, lac.CdnResult);
        Assert.Equal(new PppDisconnectCause(PppDisconnectCode.AuthenticationFailed, 0xc223, 2), lac.Cause);
        Assert.StartsWith("the peer refused our credentials", lac.Reason, StringComparison.Ordinal);
        var refused = Assert.Single(rig.Lac.Refusals);
        Assert.Equal((lac.Session, Client.User, lac.Reason), (refused.Session, refused.User, refused.Words));
        Assert.Empty(rig.Lns.Refusals);
        Assert.Empty(rig.Lns.Ups);
        AssertGone(rig);
    }

    [Fact]
    public void A_fixed_address_is_one_session_s_and_free_again_after_it()
    {
        using var rig = Started(Client with { User = "fixed" }, Server, sessions: 3);
        Assert.Equal("10.7.7.7", rig.Lns.Ups.Single().PeerAddress);
        rig.Start(1);
        rig.Pass(20_000);
        var refused = Assert.Single(rig.Lns.Ends);
        Assert.Equal((ushort)4, refused.CdnResult);
        Assert.Equal(PppDisconnectCode.AddressNotPermitted, refused.Cause!.Code);
        rig.Lac.Stop(0);
        rig.Pass(20_000);
        rig.Start(2);
        Assert.Equal(["10.7.7.7", "10.7.7.7"], rig.Lns.Ups.Select(static up => up.PeerAddress));
    }

    [Fact]
    public void Every_range_of_the_pool_is_used_and_its_end_is_told()
    {
        using var rig = Started(Client, Server, sessions: 3);
        rig.Start(1);
        rig.Start(2);
        rig.Pass(20_000);
        Assert.Equal(["10.0.0.10", "10.0.1.10"], rig.Lns.Ups.Select(static up => up.PeerAddress));
        Assert.Equal((ushort)4, Assert.Single(rig.Lns.Ends).CdnResult);
    }

    [Theory]
    [InlineData(SameUserPolicy.Allow, 2, 0)]
    [InlineData(SameUserPolicy.Refuse, 1, 1)]
    [InlineData(SameUserPolicy.Replace, 2, 1)]
    public void A_user_who_comes_in_again(SameUserPolicy policy, int ups, int ends)
    {
        using var rig = Started(Client, Server with { SameUser = policy }, sessions: 2);
        rig.Start(1);
        rig.Pass(20_000);
        Assert.Equal((ups, ends), (rig.Lns.Ups.Length, rig.Lns.Ends.Length));
        if (policy == SameUserPolicy.Replace)
            Assert.Empty(rig.Lns.Links[0].Networks);
        Assert.All(rig.Lns.Ends, static end => Assert.Equal((ushort)3, end.CdnResult));
    }

    /// <summary>The way to the former session is dead: nothing of it answers, and the user is back with the address all the same.</summary>
    [Fact]
    public void A_user_who_roams_is_back_at_once_with_the_address_of_the_former_session()
    {
        using var rig = Started(Client with { User = "fixed" }, Server with { SameUser = SameUserPolicy.Replace }, sessions: 2);
        rig.Lns.Links[0].IsCut = rig.Lac.Links[0].IsCut = true;
        rig.Pass(5_000);
        rig.Start(1);
        Assert.Equal(2, rig.Lns.Ups.Length);
        Assert.Equal("10.7.7.7", rig.Lns.Ups[1].PeerAddress);
        Assert.Empty(rig.Lns.Links[0].Networks);
        var waited = 0;
        for (; waited < 60_000 && rig.Lns.Ends.Length == 0; waited += 100)
            rig.Pass(100);
        // Two Terminate-Requests, 3 s each (RFC 1661 section 4.6).
        Assert.Equal(6_000, waited);
        Assert.Contains("started another session", Assert.Single(rig.Lns.Ends).Reason, StringComparison.Ordinal);
        Assert.Equal([1], rig.Lns.Lent);
    }

    [Theory]
    [InlineData(SameUserPolicy.Refuse, 1, 1)]
    [InlineData(SameUserPolicy.Replace, 2, 1)]
    public void A_domain_before_the_name_makes_no_other_user(SameUserPolicy policy, int ups, int ends)
    {
        using var rig = Started(Client, Server with { Authentication = [PppAuthentication.MsChapV2], SameUser = policy }, sessions: 2);
        rig.Lac.Reload(Client with { User = "DOMAIN\\user" });
        rig.Start(1);
        rig.Pass(20_000);
        Assert.Equal((ups, ends), (rig.Lns.Ups.Length, rig.Lns.Ends.Length));
    }

    [Theory]
    [InlineData("user", 0)]
    [InlineData("fixed", 1)]
    public void A_repeated_proof_is_the_same_user_s(string second, int ends)
    {
        var server = Server with { RechallengeInterval = TimeSpan.FromSeconds(60), EchoInterval = TimeSpan.Zero };
        using var rig = new BuiltInRig(Client, server);
        rig.Lns.Backend.AccessOf = _ => new RenamingAccess(second);
        rig.Start(0);
        rig.Pass(59_000);
        Assert.Equal(1, Challenges(rig));
        rig.Pass(20_000);
        Assert.Equal(2, Challenges(rig));
        Assert.Equal(ends, rig.Lns.Ends.Length);
    }

    private static int Challenges(BuiltInRig rig) =>
        rig.Lns.Links[0].Sent.Count(static frame => frame.StartsWith("c22301", StringComparison.Ordinal));

    [Fact]
    public void NetBIOS_name_servers_are_for_who_asks()
    {
        using var rig = Started(Client, Server with { Nbns = [IPAddress.Parse("10.0.0.3"), IPAddress.Parse("10.0.0.4")] });
        rig.Lns.Links[0].Receive("80210199001082060000000084060000" + "0000");
        Assert.Contains("802103990016" + "82060a000003" + "84060a000004" + "03060a00000a", rig.Lns.Links[0].Sent);
    }

    [Fact]
    public void Users_are_let_in_again_once_their_session_is_over()
    {
        using var rig = Started(Client, Server with { SameUser = SameUserPolicy.Refuse }, sessions: 2);
        rig.Lac.Stop(0);
        rig.Pass(20_000);
        rig.Start(1);
        Assert.Equal(2, rig.Lns.Ups.Length);
    }

    [Fact]
    public void Stop_says_goodbye_and_does_not_wait_for_a_peer_that_is_gone()
    {
        using var rig = Started(Client, Server);
        rig.Lns.Links[0].IsCut = true;
        rig.Lac.Links[0].IsCut = true;
        rig.Lns.Stop(0);
        Assert.StartsWith("c02105", rig.Lns.Links[0].Sent[^1], StringComparison.Ordinal);
        rig.Pass(999);
        Assert.Empty(rig.Lns.Ends);
        rig.Pass(1);
        Assert.Equal("PPP was stopped", Assert.Single(rig.Lns.Ends).Reason);
        Assert.Empty(rig.Lns.Lent);
        Assert.Equal(0, rig.Lns.Backend.Running);
    }

    [Fact]
    public void A_session_stopped_before_its_channel_is_there_leaves_nothing()
    {
        using var rig = new BuiltInRig(Client, Server);
        rig.Start(0, then: static rig => rig.Lns.Stop(0));
        rig.Pass(20_000);
        Assert.Single(rig.Lns.Ends);
        Assert.Empty(rig.Lns.Lent);
    }

    [Fact]
    public void A_channel_that_hangs_up_ends_the_session_at_once()
    {
        using var rig = Started(Client, Server);
        rig.Lns.Links[0].Observer.OnHangUp();
        rig.Run();
        Assert.Equal((ushort)1, Assert.Single(rig.Lns.Ends).CdnResult);
        Assert.Empty(rig.Lns.Lent);
    }

    [Fact]
    public void An_interface_that_cannot_be_set_up_ends_the_session()
    {
        using var rig = new BuiltInRig(Client, Server);
        rig.Start(0, then: static rig => rig.Lns.Links[0].NetworkError = new LinuxError(Errno.EPERM, "ioctl", "PPPIOCNEWUNIT"));
        rig.Pass(20_000);
        var end = Assert.Single(rig.Lns.Ends);
        Assert.Equal((ushort)4, end.CdnResult);
        Assert.Contains("PPPIOCNEWUNIT", end.Reason, StringComparison.Ordinal);
        AssertGone(rig);
    }

    [Fact]
    public void A_dead_peer_is_noticed_by_its_echoes()
    {
        using var rig = Started(Client, Server);
        rig.Lac.Links[0].IsCut = true;
        rig.Pass(39_999);
        Assert.Empty(rig.Lns.Ends);
        rig.Pass(10_000);
        var end = Assert.Single(rig.Lns.Ends);
        Assert.Equal((1, PppDisconnectCode.EchoTimeout), (end.CdnResult, end.Cause!.Code));
    }

    [Fact]
    public void The_session_timeout_ends_it_to_the_millisecond()
    {
        using var rig = Started(Client, Server with { SessionTimeout = TimeSpan.FromSeconds(100) });
        rig.Pass(99_999);
        Assert.Empty(rig.Lns.Ends);
        rig.Pass(1);
        Assert.Equal("the session timeout was reached", Assert.Single(rig.Lns.Ends).Reason);
        rig.Pass(10_000);
        AssertGone(rig);
    }

    [Fact]
    public void The_idle_timeout_counts_from_the_kernel_s_last_packet()
    {
        using var rig = Started(Client, Server with { IdleTimeout = TimeSpan.FromSeconds(100) });
        rig.Lns.Links[0].Idle = TimeSpan.FromSeconds(1);
        rig.Pass(150_000);
        Assert.Empty(rig.Lns.Ends);
        rig.Lns.Links[0].Idle = TimeSpan.FromDays(1000);
        rig.Pass(120_000);
        Assert.Equal("the idle timeout was reached", Assert.Single(rig.Lns.Ends).Reason);
    }

    [Fact]
    public void A_reload_keeps_what_is_lent()
    {
        using var rig = Started(Client, Server, sessions: 2);
        rig.Lns.Reload(Server with { Users = [new SecretEntry("user", "*", "new", [])] });
        rig.Lac.Reload(Client with { Password = new Secret("new") });
        rig.Start(1);
        Assert.Equal(["10.0.0.10", "10.0.1.10"], rig.Lns.Ups.Select(static up => up.PeerAddress));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("-", false)]
    [InlineData("*", true)]
    [InlineData("10.9.0.0/24", true)]
    [InlineData("10.8.0.0/24", false)]
    public void Without_a_pool_a_user_brings_what_its_line_permits(string permitted, bool up)
    {
        var users = SecretsFile.Parse($"user * pass {permitted}").Entries;
        var client = Client with { Local = IPAddress.Parse("10.9.0.7") };
        using var rig = Started(client, Server with { Pool = [], Users = users }, sessions: 2);
        rig.Start(1);
        rig.Pass(20_000);
        Assert.Equal(up ? ["10.9.0.7"] : [], rig.Lns.Ups.Select(static up => up.PeerAddress));
        Assert.Equal(up ? 1 : 2, rig.Lns.Ends.Length);
    }

    [Fact]
    public void No_reload_hands_out_an_address_in_use()
    {
        var server = Server with { Pool = Pool("10.0.0.10", "10.0.0.11") };
        using var rig = Started(Client, server, sessions: 8);
        rig.Lns.Reload(server with { Dns = [IPAddress.Parse("9.9.9.9")] });
        rig.Start(1);
        rig.Lns.Reload(server with { Pool = Pool("10.0.0.9", "10.0.0.13") });
        rig.Start(2);
        rig.Lns.Reload(server with { Pool = Pool("10.5.0.9", "10.5.0.13") });
        rig.Start(3);
        rig.Lns.Reload(server with { Pool = Pool("10.0.0.9", "10.0.0.13"), Local = IPAddress.Parse("10.0.0.12") });
        rig.Start(4);
        Assert.Equal(["10.0.0.10", "10.0.0.11", "10.0.0.9", "10.5.0.9", "10.0.0.13"], rig.Lns.Ups.Select(static up => up.PeerAddress));
        rig.Lac.Stop(0);
        rig.Pass(20_000);
        rig.Start(5);
        Assert.Equal("10.0.0.10", rig.Lns.Ups[^1].PeerAddress);
        rig.Start(6);
        rig.Pass(20_000);
        Assert.Equal(PppDisconnectCode.AddressNotPermitted, rig.Lns.Ends[^1].Cause!.Code);
    }

    [Fact]
    public void A_policy_that_changes_knows_who_is_in()
    {
        using var rig = Started(Client, Server, sessions: 2);
        rig.Lns.Reload(Server with { SameUser = SameUserPolicy.Refuse });
        rig.Start(1);
        rig.Pass(20_000);
        Assert.Single(rig.Lns.Ups);
        Assert.Single(rig.Lns.Ends);
    }

    private static System.Collections.Immutable.ImmutableArray<AddressRange> Pool(string first, string last) =>
        [new AddressRange(IPAddress.Parse(first), IPAddress.Parse(last))];

    private static BuiltInRig Started(PppProfile lac, PppProfile lns, int sessions = 1)
    {
        var rig = new BuiltInRig(lac, lns, sessions);
        rig.Start(0);
        return rig;
    }

    private static void AssertGone(BuiltInRig rig)
    {
        foreach (var side in new[] { rig.Lac, rig.Lns })
        {
            Assert.Empty(side.Lent);
            Assert.Equal(0, side.Backend.Running);
            Assert.All(side.Links.Values, static link => Assert.True(link.IsClosed));
        }
    }

    /// <summary>Accepts everybody; a subscriber that authenticates again gets another user name.</summary>
    private sealed class RenamingAccess(string second) : IAccessBackend
    {
        private readonly Queue<AccessAnswer> _answers = new();

        public long NextDeadline => long.MaxValue;

        public void Authenticate(ulong requestId, AccessRequest request, long now) => _answers.Enqueue(new AccessAnswer.Authenticated(
            requestId, new AuthenticationResult { Accepted = true, UserName = request.Authentication.Repeated ? second : "user",
                Authorisation = new Authorisation() }));

        public void Account(ulong requestId, AccountingRecord record, long now) =>
            _answers.Enqueue(new AccessAnswer.Accounted(requestId, null));

        public void Cancel(ulong requestId)
        {
        }

        public bool TryTake(out AccessAnswer? answer) => _answers.TryDequeue(out answer);

        public void Answer(ulong requestId, ControlOutcome outcome)
        {
        }

        public void HandleDeadline(long now)
        {
        }
    }
}
