using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;

namespace L2tpd.Unit.Tests.Ppp;

/// <summary>IPCP, IPv6CP, addresses, timeouts and proxy state as one end sees them.</summary>
[Collection(MemoryMeasuring.Name)]
public class NetworkTests(ITestOutputHelper output)
{
    private static readonly PppProfile _server = new() { Server = true, Ipv6 = false, EchoInterval = 0 };
    private static readonly PppProfile _client = new() { Ipv6 = false, EchoInterval = 0 };
    private static readonly AddressGrant _grant = new(Ipv4Address.Parse("10.0.0.1"), Ipv4Address.Parse("10.0.0.9"))
    {
        PrimaryDns = Ipv4Address.Parse("9.9.9.9"),
    };

    [Fact]
    public void The_server_assigns_address_and_DNS_and_refuses_the_rest()
    {
        var rig = Server();
        Assert.Equal("80210101000a03060a000001", rig.Sent());
        rig.Receive(PppProtocol.Ipcp, 1, 1, "0206 002d0f01 0306 00000000 8106 00000000 8206 00000000 8306 00000000");
        Assert.Equal("802104010016" + "0206002d0f01" + "820600000000" + "830600000000", rig.Sent());
        rig.Receive(PppProtocol.Ipcp, 1, 2, "0306 00000000 8106 00000000");
        Assert.Equal("802103020010" + "03060a000009" + "810609090909", rig.Sent());
        rig.Receive(PppProtocol.Ipcp, 1, 3, "0306 0a000009 8106 09090909");
        Assert.Equal("802102030010" + "03060a000009" + "810609090909", rig.Sent());
        rig.Receive(PppProtocol.Ipcp, 2, 1, "0306 0a000001");
        Assert.Equal(("10.0.0.1", "10.0.0.9"), (rig.Ipv4!.Local.ToString(), rig.Ipv4.Peer.ToString()));
        Assert.Equal(PppFrameKind.Ipv4, rig.Receive("ff03 0021 45000000"));
        Assert.Equal(PppFrameKind.Ipv4, rig.Receive("21 45000000"));
    }

    [Fact]
    public void A_request_without_address_is_naked_with_one_and_in_the_end_done_without()
    {
        var rig = Server();
        rig.Frames.Clear();
        for (var id = 1; id <= 5; id++)
        {
            rig.Receive(PppProtocol.Ipcp, 1, id);
            Assert.Equal($"802103{id:x2}000a03060a000009", rig.Sent());
        }

        rig.Receive(PppProtocol.Ipcp, 1, 6);
        Assert.Equal("802102060004", rig.Sent());
    }

    [Fact]
    public void A_request_that_a_newer_one_has_overtaken_does_not_undo_it()
    {
        var rig = Server();
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Ipcp, 1, 254, "0306 00000000 8106 00000000");
        rig.Receive(PppProtocol.Ipcp, 1, 255, "0306 0a000009 8106 09090909");
        rig.Receive(PppProtocol.Ipcp, 1, 0, "0306 0a000009");
        rig.Frames.Clear();
        // The link duplicates and reorders: these are copies of what was answered before.
        rig.Receive(PppProtocol.Ipcp, 1, 255, "0306 0a000009 8106 09090909");
        rig.Receive(PppProtocol.Ipcp, 1, 254, "0306 00000000 8106 00000000");
        Assert.Empty(rig.Frames);
        Assert.Equal(PppState.AckSent, rig.Endpoint.StateOf(PppProtocol.Ipcp));

        // A peer that has started again sends its first request again.
        rig.Now += 3_000;
        rig.Receive(PppProtocol.Ipcp, 1, 254, "0306 0a000009");
        Assert.Equal("802102fe000a03060a000009", rig.Sent());
    }

    [Fact]
    public void The_client_takes_what_it_is_given()
    {
        var rig = Client();
        Assert.Equal("802101010016" + "030600000000" + "810600000000" + "830600000000", rig.Sent());
        rig.Receive(PppProtocol.Ipcp, 4, 1, "8306 00000000");
        Assert.Equal("802101020010" + "030600000000" + "810600000000", rig.Sent());
        rig.Receive(PppProtocol.Ipcp, 3, 2, "0306 0a000009 8106 09090909");
        Assert.Equal("802101030010" + "03060a000009" + "810609090909", rig.Sent());
        rig.Receive(PppProtocol.Ipcp, 2, 3, "0306 0a000009 8106 09090909");
        rig.Receive(PppProtocol.Ipcp, 1, 1, "0306 0a000001");
        Assert.Equal(
            ("10.0.0.9", "10.0.0.1", "9.9.9.9"),
            (rig.Ipv4!.Local.ToString(), rig.Ipv4.Peer.ToString(), rig.Ipv4.PrimaryDns.ToString()));
    }

    [Theory]
    [InlineData("*", "192.0.2.7", true)]
    [InlineData("*", "10.0.0.1", false)]
    [InlineData("*", "10.0.0.8", false)]
    [InlineData("*", "0.0.0.0", false)]
    [InlineData("*", "0.1.2.3", false)]
    [InlineData("*", "127.0.0.1", false)]
    [InlineData("*", "224.0.0.5", false)]
    [InlineData("*", "240.0.0.1", false)]
    [InlineData("*", "255.255.255.255", false)]
    [InlineData("10.0.0.0/24", "10.0.0.9", true)]
    [InlineData("10.0.0.0/24", "10.0.1.9", false)]
    [InlineData("!10.0.0.9 10.0.0.0/24", "10.0.0.9", false)]
    [InlineData("!10.0.0.0/28 *", "10.0.0.9", false)]
    [InlineData("!10.0.0.0/28 *", "10.0.0.16", true)]
    [InlineData("10.0.1.0/24 - 10.0.0.0/24", "10.0.0.9", false)]
    [InlineData("host.example 10.0.0.0/33 10.0.0.0/x", "10.0.0.9", false)]
    public void A_peer_without_assigned_address_gets_what_it_may_have(string permitted, string wanted, bool taken)
    {
        var allocator = new AddressAllocator(Ipv4Address.Parse("10.0.0.1"), [], null);
        var other = allocator.Take(Fixed("10.0.0.8"))!;
        var grant = allocator.Take(new Authorisation
        {
            AddressSource = AddressSource.PeerChooses, Permitted = PermittedAddresses.Of(permitted.Split(' ')),
        });
        if (grant is null)
        {
            Assert.False(taken);
            Assert.StartsWith("host", permitted, StringComparison.Ordinal);
            return;
        }

        var rig = Server(grant: grant);
        rig.AckOwnRequest(PppProtocol.Ipcp);
        var option = $"0306{Ipv4Address.Parse(wanted).Value:x8}";
        rig.Receive(PppProtocol.Ipcp, 1, 1, option);
        Assert.Equal($"8021{(taken ? "02" : "04")}01000a{option}", rig.Sent());
        Assert.Equal(taken ? wanted : null, rig.Ipv4?.Peer.ToString());
        if (taken)
            Assert.Null(allocator.Take(Fixed(wanted)));
        if (!taken)
        {
            // Without an address it is useless: no other layer is up, so the link ends.
            rig.Receive(PppProtocol.Ipcp, 1, 2);
            rig.Receive(PppProtocol.Lcp, 6, 9);
            Assert.Equal("the peer has no address that it may use", rig.End!.Text);
        }

        Assert.Equal(taken, grant.Release());
        Assert.False(grant.Release());
        Assert.True(other.Release());
    }

    [Fact]
    public void A_peer_that_chooses_anew_leaves_the_former_address_to_others()
    {
        var allocator = new AddressAllocator(Ipv4Address.Parse("10.0.0.1"), [], null);
        var rig = Server(grant: allocator.Take(new Authorisation { AddressSource = AddressSource.PeerChooses }));
        rig.Receive(PppProtocol.Ipcp, 1, 1, "0306 0a000009");
        Assert.Null(allocator.Take(Fixed("10.0.0.9")));
        rig.Receive(PppProtocol.Ipcp, 1, 2, "0306 0a00000a");
        Assert.NotNull(allocator.Take(Fixed("10.0.0.9")));
        Assert.Null(allocator.Take(Fixed("10.0.0.10")));
    }

    [Fact]
    public void A_client_without_an_address_gives_up()
    {
        var rig = Client();
        rig.AckOwnRequest(PppProtocol.Ipcp);
        rig.Receive(PppProtocol.Ipcp, 1, 1, "0306 0a000001");
        Assert.Null(rig.Ipv4);
        rig.Receive(PppProtocol.Lcp, 6, 9);
        Assert.Equal(DisconnectCode.NcpAddressNotConverged, rig.End!.Code);
    }

    [Fact]
    public void No_address_to_be_had_ends_the_link()
    {
        var rig = new PppRig(_server);
        rig.OpenLcp();
        rig.Endpoint.HandleAddress(rig.AddressRequests[0].Attempt, null, rig.Now, rig);
        rig.Receive(PppProtocol.Lcp, 6, 9);
        Assert.Equal((DisconnectCode.AddressNotPermitted, TerminateCause.ServiceUnavailable), (rig.End!.Code, rig.End.TerminateCause));
    }

    [Fact]
    public void A_grant_is_given_back_once_at_the_end_of_the_link()
    {
        var rig = Server();
        rig.Endpoint.Close(PppCloseCause.Administrative, "x", rig.Now, rig);
        Assert.Same(_grant, Assert.Single(rig.Released));
        rig.Endpoint.LowerLayerDown("gone", rig.Now, rig);
        rig.Endpoint.LowerLayerDown("gone", rig.Now, rig);
        Assert.Single(rig.Released);
        Assert.Equal(PppEndCause.Administrative, rig.End!.Cause);
    }

    [Fact]
    public void A_late_grant_is_given_back_at_once()
    {
        var rig = new PppRig(_server);
        rig.OpenLcp();
        rig.Endpoint.LowerLayerDown("gone", rig.Now, rig);
        rig.Endpoint.HandleAddress(rig.AddressRequests[0].Attempt, _grant, rig.Now, rig);
        Assert.Same(_grant, Assert.Single(rig.Released));
        Assert.Null(rig.Endpoint.Grant);
    }

    [Fact]
    public void Interface_identifiers_must_differ_and_not_be_zero()
    {
        var rig = new PppRig(new PppProfile { Ipv4 = false, EchoInterval = 0, InterfaceIdentifier = 0x0011223344556677 });
        rig.OpenLcp();
        Assert.Equal("80570101000e010a0011223344556677", rig.Sent());
        rig.Receive(PppProtocol.Ipv6cp, 1, 1, "010a 0000000000000000");
        var nak = rig.Sent();
        Assert.StartsWith("80570301000e010a", nak, StringComparison.Ordinal);
        rig.Receive(PppProtocol.Ipv6cp, 1, 2, "010a 0011223344556677");
        Assert.Equal("80570302" + nak[8..], rig.Sent());
        rig.Receive(PppProtocol.Ipv6cp, 1, 3, "0204 004f 010a " + nak[16..]);
        Assert.Equal("80570403" + "0008" + "0204004f", rig.Sent());
        rig.Receive(PppProtocol.Ipv6cp, 1, 4, "010a " + nak[16..]);
        rig.Receive(PppProtocol.Ipv6cp, 2, 1, "010a 0011223344556677");
        Assert.Equal(0x0011223344556677ul, rig.Ipv6!.LocalIdentifier);
        Assert.Equal(nak[16..], rig.Ipv6.PeerIdentifier.ToString("x16"));
    }

    [Fact]
    public void A_protocol_reject_of_the_only_network_layer_ends_the_link()
    {
        var rig = Client();
        rig.Receive(PppProtocol.Lcp, 8, 1, "8021 0101 0004");
        rig.Receive(PppProtocol.Lcp, 6, 9);
        Assert.Equal(DisconnectCode.NoNcpOpened, rig.End!.Code);
    }

    [Fact]
    public void A_protocol_reject_of_one_network_layer_leaves_the_other()
    {
        var rig = new PppRig(_client with { Ipv6 = true });
        rig.OpenLcp();
        rig.Receive(PppProtocol.Lcp, 8, 1, "8057 0101 0004");
        Assert.Equal((PppPhase.Network, PppState.Stopped), (rig.Endpoint.Phase, rig.Endpoint.StateOf(PppProtocol.Ipv6cp)));
    }

    [Fact]
    public void An_unanswered_network_layer_is_a_ncp_timeout()
    {
        var rig = Client(_client with { MaxConfigure = 3, SetupTimeout = 0 });
        rig.ExpireAt(3_000);
        rig.ExpireAt(6_000);
        rig.ExpireAt(9_000);
        rig.Receive(PppProtocol.Lcp, 6, 9);
        Assert.Equal((DisconnectCode.NcpTimeout, (ushort)0x8021), (rig.End!.Code, rig.End.ControlProtocol));
    }

    [Fact]
    public void Session_and_idle_timeouts_are_exact()
    {
        var rig = UpServer(_server with { SessionTimeout = 100_000, IdleTimeout = 10_000 });
        rig.Endpoint.NoteReceived(4_000);
        rig.Endpoint.NoteSent(7_500);
        rig.ExpireAt(10_000);
        Assert.Equal(PppPhase.Network, rig.Endpoint.Phase);
        rig.ExpireAt(17_500);
        rig.Receive(PppProtocol.Lcp, 6, 9);
        Assert.Equal(TerminateCause.IdleTimeout, rig.End!.TerminateCause);

        rig = UpServer(_server with { SessionTimeout = 100_000 });
        rig.ExpireAt(100_000);
        rig.Receive(PppProtocol.Lcp, 6, 9);
        Assert.Equal(TerminateCause.SessionTimeout, rig.End!.TerminateCause);
    }

    [Fact]
    public void Timeouts_can_be_changed_from_outside()
    {
        var rig = UpServer(_server with { SessionTimeout = 100_000 });
        rig.Endpoint.ChangeTimeouts(5_000, 0, 1_000);
        Assert.Equal(6_000, rig.Endpoint.NextDeadline);
    }

    [Theory]
    [InlineData("0104 05dc 0305 c22305 0506 01020304", "0506 0a0b0c0d", true)]
    [InlineData("0305 c22305 0506 01020304 0206 00000000", "0104 0578 0702 0802 0506 0a0b0c0d", true)]
    [InlineData("0104 05d4 0305 c22305 0506 01020304", "0104 05d4 0506 0a0b0c0d", true)]
    [InlineData("0104 05dd 0305 c22305 0506 01020304", "0506 0a0b0c0d", false)]
    [InlineData("0104 007f 0305 c22305 0506 01020304", "0506 0a0b0c0d", false)]
    [InlineData("0305 c22305 0506 01020304", "0104 007f 0506 0a0b0c0d", false)]
    [InlineData("0304 c023 0506 01020304", "0506 0a0b0c0d", false)]
    [InlineData("0506 01020304", "0506 0a0b0c0d", false)]
    [InlineData("0305 c22305 1104 05dc", "0506 0a0b0c0d", false)]
    [InlineData("0305 c22305 0506 01020304", "0506 01020304", false)]
    [InlineData("0305 c22305 0506 01020304", "0d0306", false)]
    [InlineData("0305 c22305 0506 01020304", "05", false)]
    [InlineData(null, "0506 0a0b0c0d", false)]
    [InlineData("0305 c22305", null, false)]
    public void Proxy_LCP_is_adopted_only_when_all_of_it_is_acceptable(string? sent, string? received, bool adopted)
    {
        var rig = new PppRig(_server with { RequireFromPeer = [AuthenticationProtocol.ChapMd5] });
        rig.Open(Proxy(sent, received));
        Assert.Equal(adopted, rig.Endpoint.LcpState == PppState.Opened);
        Assert.Equal(adopted, rig.Link is { Proxied: true });
        Assert.StartsWith(adopted ? "c22301" : "c02101", rig.Sent(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_lost_packet_in_the_renegotiation_of_an_adopted_link_is_repeated()
    {
        var rig = new PppRig(_server with { MaxConfigure = 10, SetupTimeout = 0 });
        rig.Open(Proxy("0506 01020304", "0506 0a0b0c0d"));
        Assert.Empty(rig.Frames);
        rig.Receive(PppProtocol.Lcp, 1, 7, "0506 0a0b0c0e");
        Assert.Equal(["c0210101000a050601020304", "c0210207000a05060a0b0c0e"], rig.AllSent());
        for (var request = 2; request <= 10; request++)
        {
            rig.ExpireAt((request - 1) * 3_000);
            Assert.Equal("c0210101000a050601020304", rig.Sent());
        }

        rig.ExpireAt(30_000);
        Assert.Equal(DisconnectCode.LcpTimeout, rig.End!.Code);
    }

    [Theory]
    [InlineData(1400, "0104 05dc", true)]
    [InlineData(1400, "0104 05dd", false)]
    [InlineData(1700, "0104 06a4", true)]
    [InlineData(1700, "0104 06a5", false)]
    public void The_lacs_MRU_may_be_what_everybody_takes_or_what_we_do(int ours, string sent, bool adopted)
    {
        var rig = new PppRig(_server with { Mru = (ushort)ours });
        rig.Open(Proxy(sent, "0506 0a0b0c0d"));
        Assert.Equal(adopted, rig.Endpoint.LcpState == PppState.Opened);
    }

    [Theory]
    [InlineData("0909", true, 1)]
    [InlineData("000102030405060708090a0b0c0d0e0f", false, 1)]
    [InlineData("000102030405060708090a0b0c0d0e0f", true, null)]
    public void A_proof_that_does_not_fit_is_asked_for_under_another_identifier(string response, bool hasChallenge, int? id)
    {
        var rig = new PppRig(_server with { RequireFromPeer = [AuthenticationProtocol.ChapMd5] });
        rig.Open(Proxy("0305 c22305 0506 01020304", "0506 0a0b0c0d") with
        {
            AuthenticationType = 2,
            Name = "u"u8.ToArray(),
            Id = (byte?)id,
            Challenge = hasChallenge ? Convert.FromHexString("0001020304050607") : null,
            Response = Convert.FromHexString(response),
        });

        // A late repetition of the response to the LAC's challenge must not be taken for one to ours.
        Assert.StartsWith(id is null ? "c2230101" : "c2230102", rig.Sent(), StringComparison.Ordinal);
        Assert.Empty(rig.Proofs);
    }

    [Fact]
    public void Proxy_authentication_is_verified_and_answered_with_the_lacs_identifier()
    {
        var rig = new PppRig(_server with { RequireFromPeer = [AuthenticationProtocol.ChapMd5] });
        var proxy = Proxy("0305 c22305 0506 01020304", "0506 0a0b0c0d") with
        {
            AuthenticationType = 2,
            Name = "u"u8.ToArray(),
            Id = 0x2a,
            Challenge = Convert.FromHexString("000102030405060708090a0b0c0d0e0f"),
            Response = Convert.FromHexString("3e0949a5572c2d338c182b7f6377471d"),
        };
        rig.Open(proxy);
        Assert.Empty(rig.Frames);
        (var attempt, var facts) = Assert.Single(rig.Proofs);
        Assert.True(facts.Proxied);
        var verdict = new LocalUsers([new SecretEntry("u", "*", "password", [])]).Verify(facts, "lns");
        rig.Endpoint.HandleAuthentication(attempt, verdict, rig.Now, rig);
        rig.Endpoint.HandleAddress(rig.AddressRequests[0].Attempt, _grant, rig.Now, rig);
        var all = rig.AllSent();
        Assert.Equal("c223032a0004", all[0]);
        Assert.StartsWith("802101", all[1], StringComparison.Ordinal);

        // The magic number of the LAC stays ours.
        rig.Receive(PppProtocol.Lcp, 9, 1, "0a0b0c0d");
        Assert.Equal("c0210a01000801020304", rig.Sent());
    }

    [Fact]
    public void Proxy_state_is_ignored_where_the_policy_says_so()
    {
        var rig = new PppRig(_server with { Proxy = ProxyLcpPolicy.Renegotiate });
        rig.Open(Proxy("0506 01020304", "0506 0a0b0c0d"));
        Assert.StartsWith("c02101", rig.Sent(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_endpoint_is_small()
    {
        const int Count = 1_000;
        var endpoints = new PppEndpoint[Count];
        var rigs = new PppRig[Count];
        for (var i = 0; i < Count; i++)
            rigs[i] = UpServer(_server with { Ipv6 = true });

        var before = GC.GetTotalMemory(true);
        for (var i = 0; i < Count; i++)
        {
            endpoints[i] = rigs[i].Endpoint;
            rigs[i] = null!;
        }

        // Everything except the endpoints is released, so that the rest is their memory.
        var with = GC.GetTotalMemory(true);
        GC.KeepAlive(endpoints);
        Array.Clear(endpoints);
        var without = GC.GetTotalMemory(true);
        Assert.True(with < before);
        output.WriteLine($"{(with - without) / Count} octets an endpoint");
        Assert.InRange((with - without) / Count, 100, 2_048);
    }

    private static ProxyState Proxy(string? sent, string? received) => new()
    {
        LastSentOptions = sent is null ? null : Convert.FromHexString(sent.Replace(" ", string.Empty)),
        LastReceivedOptions = received is null ? null : Convert.FromHexString(received.Replace(" ", string.Empty)),
    };

    private static PppRig Client(PppProfile? profile = null)
    {
        var rig = new PppRig(profile ?? _client);
        rig.OpenLcp();
        return rig;
    }

    private static Authorisation Fixed(string address) =>
        new() { AddressSource = AddressSource.Fixed, Address = Ipv4Address.Parse(address) };

    private static PppRig Server(PppProfile? profile = null, AddressGrant? grant = null)
    {
        var rig = new PppRig(profile ?? _server);
        rig.OpenLcp();
        rig.Endpoint.HandleAddress(rig.AddressRequests[0].Attempt, grant ?? _grant, rig.Now, rig);
        return rig;
    }

    private static PppRig UpServer(PppProfile profile)
    {
        var rig = Server(profile);
        rig.AckOwnRequest(PppProtocol.Ipcp);
        rig.Receive(PppProtocol.Ipcp, 1, 1, "0306 0a000009");
        Assert.NotNull(rig.Ipv4);
        return rig;
    }
}
