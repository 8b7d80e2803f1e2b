using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.V3;

/// <summary>Pseudowires of L2TPv3: ids, cookies, agreement, ties, circuit status (RFC 3931 sections 3.4 and 5.4.4).</summary>
public sealed class SessionV3Tests
{
    private static readonly byte[] Cookie = [8, 7, 6, 5, 4, 3, 2, 1];

    [Fact]
    public void A_pseudowire_the_peer_asks_for_reaches_the_data_plane_with_both_cookies()
    {
        var engine = GivenV3.Responder(GivenV3.Open);
        var peer = new PeerV3(engine).Dial();
        peer.Send(PeerV3.Icrq(77, new PseudowireOptions
        {
            AssignedCookie = Cookie, Sublayer = L2SpecificSublayer.Default, DataSequencing = DataSequencing.All,
            CircuitStatus = CircuitStatus.Active | CircuitStatus.New, InterfaceMtu = 1400,
        }));
        var reply = peer.Expect<Icrp>();
        Assert.Equal(77u, reply.RemoteSessionId.Value);
        Assert.Equal(CircuitStatus.Active | CircuitStatus.New, reply.Pseudowire!.CircuitStatus);
        Assert.Equal(L2SpecificSublayer.Default, reply.Pseudowire.Sublayer);
        Assert.Equal(8, reply.Pseudowire.AssignedCookie!.Length);

        peer.Send(new Iccn { LocalSessionId = new(77), RemoteSessionId = reply.LocalSessionId });

        var made = Assert.Single(engine.CreatedSessions);
        Assert.Equal((reply.LocalSessionId, 77u, PseudowireType.Ethernet), (made.LocalId, made.PeerId.Value, made.Pseudowire));
        Assert.Equal(Cookie, made.Settings!.PeerCookie);
        Assert.Equal(reply.Pseudowire.AssignedCookie, made.Settings.LocalCookie);
        Assert.Equal(
            (L2SpecificSublayer.Default, DataSequencing.All, (ushort?)1400),
            (made.Settings.Sublayer, made.Settings.SendLevel, made.Settings.Mtu));
        Assert.Empty(engine.StartedPpp);
    }

    [Theory]
    [InlineData(CallDirection.Incoming)]
    [InlineData(CallDirection.Outgoing)]
    public void A_pseudowire_we_ask_for(CallDirection direction)
    {
        var engine = GivenV3.Initiator(GivenV3.Open, GivenV3.Ethernet(direction: direction));
        var peer = new PeerV3(engine).Answer();
        CallRequest request = direction == CallDirection.Incoming ? peer.Expect<Icrq>() : peer.Expect<Ocrq>();
        Assert.Equal((0u, PseudowireType.Ethernet), (request.RemoteSessionId.Value, request.PseudowireType));
        Assert.Equal("pw"u8.ToArray(), request.RemoteEndId);
        Assert.NotNull(request.TieBreaker);
        Assert.Equal(L2SpecificSublayer.Default, request.Pseudowire!.Sublayer);
        var options = new PseudowireOptions
        {
            AssignedCookie = Cookie,
            Sublayer = L2SpecificSublayer.Default,
            CircuitStatus = CircuitStatus.Active,
        };

        if (direction == CallDirection.Incoming)
        {
            peer.Send(new Icrp { LocalSessionId = new(5), RemoteSessionId = request.LocalSessionId, Pseudowire = options });
            Assert.Equal(CircuitStatus.Active, peer.Expect<Iccn>().Pseudowire!.CircuitStatus);
        }
        else
        {
            peer.Send(new Ocrp { LocalSessionId = new(5), RemoteSessionId = request.LocalSessionId, Pseudowire = options });
            Assert.Empty(engine.CreatedSessions);
            peer.Send(new Occn { LocalSessionId = new(5), RemoteSessionId = request.LocalSessionId });
        }

        var made = Assert.Single(engine.CreatedSessions);
        Assert.Equal(5u, made.PeerId.Value);
        Assert.Equal(Cookie, made.Settings!.PeerCookie);
    }

    [Fact]
    public void A_request_names_the_peers_own_circuit_and_its_group()
    {
        var engine = GivenV3.Responder(GivenV3.Open);
        var peer = new PeerV3(engine).Dial();
        peer.Send(PeerV3.Icrq(1) with { AttachmentGroupId = "vpn-7"u8.ToArray(), LocalEndId = "port-3"u8.ToArray() });
        peer.Expect<Icrp>();
        peer.Send(PeerV3.Icrq(2));
        peer.Expect<Icrp>();

        var sessions = engine.Tunnel.Sessions.Values.OrderBy(session => session.PeerId.Value).ToArray();
        Assert.Equal("vpn-7"u8.ToArray(), sessions[0].Pseudowire!.PeerAttachmentGroupId);
        Assert.Equal("port-3"u8.ToArray(), sessions[0].Pseudowire!.PeerEndId);
        Assert.Null(sessions[1].Pseudowire!.PeerAttachmentGroupId);
        Assert.Null(sessions[1].Pseudowire!.PeerEndId);
    }

    [Fact]
    public void An_outgoing_call_the_peer_asks_for()
    {
        var engine = GivenV3.Responder(GivenV3.Open);
        var peer = new PeerV3(engine).Dial();
        peer.Send(new Ocrq
        {
            LocalSessionId = new(3), PseudowireType = PseudowireType.Ppp, RemoteEndId = "x"u8.ToArray(),
            Pseudowire = new PseudowireOptions { CircuitStatus = CircuitStatus.Active },
        });

        Assert.Equal(3u, peer.Expect<Ocrp>().RemoteSessionId.Value);
        peer.Expect<Occn>();
        Assert.Equal(PseudowireType.Ppp, Assert.Single(engine.CreatedSessions).Pseudowire);
    }

    [Theory]
    [InlineData(CdnResult.UnsupportedPseudowireType)]
    [InlineData(CdnResult.SequencingWithoutSublayer)]
    [InlineData(CdnResult.ForwarderNotExisting)]
    public void Refusals_have_their_codes(ushort result)
    {
        var endpoints = new[] { new PseudowireEndpoint("site", "0x00000017", new SessionProfile()) };
        var engine = GivenV3.Responder(GivenV3.Open with { Endpoints = [.. endpoints] });
        var peer = new PeerV3(engine).Dial();
        var request = PeerV3.Icrq(1) with { RemoteEndId = [0, 0, 0, 0x17] };

        peer.Send(result switch
        {
            CdnResult.UnsupportedPseudowireType => request with { PseudowireType = PseudowireType.Hdlc },
            CdnResult.SequencingWithoutSublayer => request with
            {
                Pseudowire = new PseudowireOptions { DataSequencing = DataSequencing.All, CircuitStatus = CircuitStatus.Active },
            },
            _ => request with { RemoteEndId = "nobody"u8.ToArray() },
        });

        var cdn = peer.Expect<Cdn>();
        Assert.Equal((result, 1u), (cdn.Result.Result, cdn.RemoteSessionId.Value));
        peer.Send(request with { LocalSessionId = new(2) });
        peer.Expect<Icrp>();
    }

    [Fact]
    public void What_is_up_by_our_request_is_not_set_up_by_the_peers_as_well()
    {
        var (engine, peer, own) = Up();

        peer.Send(PeerV3.Icrq(9));

        var cdn = peer.Expect<Cdn>();
        Assert.Equal((9u, CdnResult.LostTieBreaker), (cdn.RemoteSessionId.Value, cdn.Result.Result));
        Assert.Equal(own, Assert.Single(engine.Tunnel.Sessions.Values).LocalId.Value);
        Assert.Empty(engine.EventsOf<SessionEnded>());
    }

    [Fact]
    public void What_waits_to_be_asked_for_again_is_had_by_the_peers_request()
    {
        var (engine, peer, _) = Up();
        engine.Tell(new CloseSession(Assert.Single(engine.Tunnel.Sessions.Values).Key, "the operator"));
        peer.Expect<Cdn>();
        Assert.Single(engine.EventsOf<RetryScheduled>());

        peer.Call(9);
        engine.Wait(5_000);

        var session = Assert.Single(engine.Tunnel.Sessions.Values);
        Assert.Equal((CallRole.IncomingLns, SessionState.Established, "t/pw"), (session.Role, session.State, session.Name));
        Assert.Single(engine.LiveSessions);
        peer.Send(
            new Cdn { LocalSessionId = new(9), RemoteSessionId = session.LocalId, Result = new ResultCode(CdnResult.Administrative) });
        Assert.Equal(2, engine.EventsOf<RetryScheduled>().Count());
    }

    [Fact]
    public void A_session_is_found_by_the_peers_id_before_it_knows_ours()
    {
        var engine = GivenV3.Responder(GivenV3.Open);
        var peer = new PeerV3(engine).Dial();
        peer.Send(PeerV3.Icrq(9));

        peer.Send(
            new Sli { LocalSessionId = new(9), CircuitStatus = CircuitStatus.LocalReceiveFault | CircuitStatus.Standby });
        Assert.Equal(
            CircuitStatus.LocalReceiveFault | CircuitStatus.Standby, Assert.Single(engine.Tunnel.Sessions.Values).Pseudowire!.PeerStatus);
        peer.Send(new Cdn { LocalSessionId = new(9), RemoteSessionId = SessionId.None, Result = new ResultCode(CdnResult.Administrative) });

        Assert.Empty(engine.Tunnel.Sessions);
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
    }

    [Fact]
    public void A_changed_circuit_is_sent_once()
    {
        var engine = GivenV3.Responder(GivenV3.Open);
        var peer = new PeerV3(engine).Dial();
        peer.Call(9);
        var key = Assert.Single(engine.Tunnel.Sessions.Values).Key;

        engine.Tell(new CircuitStatusChanged(key, CircuitStatus.LocalTransmitFault));
        engine.Tell(new CircuitStatusChanged(key, CircuitStatus.LocalTransmitFault));

        var sli = peer.Expect<Sli>();
        Assert.Equal((9u, CircuitStatus.LocalTransmitFault), (sli.RemoteSessionId.Value, sli.CircuitStatus));
        Assert.Equal(0, peer.Waiting);
    }

    [Fact]
    public void An_interface_is_the_network_of_a_session_without_ppp()
    {
        var engine = GivenV3.Responder(GivenV3.Open);
        var peer = new PeerV3(engine).Dial();
        engine.AnswersDataPlane = false;
        peer.Call(9);
        var session = Assert.Single(engine.Tunnel.Sessions.Values);
        Assert.Equal((DataState.Creating, null), (session.Data, session.Interface));

        engine.Tell(new SessionCreated(session.Key, "pw0"));

        Assert.Equal((DataState.NetworkUp, "pw0"), (session.Data, session.Interface));
        Assert.Contains(engine.Events, static happened => happened is SessionNetworkUp { Interface: "pw0" });
        Assert.Empty(engine.StartedPpp);
    }

    // Linux cannot number only one direction.
    [Theory]
    [InlineData(DataSequencing.All, DataSequencing.None, DataSequencing.All, true, true)]
    [InlineData(DataSequencing.NonIpOnly, DataSequencing.None, DataSequencing.NonIpOnly, false, false)]
    [InlineData(DataSequencing.None, DataSequencing.All, DataSequencing.All, true, true)]
    [InlineData(DataSequencing.None, DataSequencing.None, null, false, true)]
    public void Sequence_numbers_are_sent_to_the_end_that_asks_for_them(
        DataSequencing peers, DataSequencing ours, DataSequencing? asked, bool required, bool keeps)
    {
        var profile = new SessionProfile { Pseudowire = new PseudowireProfile { DataSequencing = ours } };
        var engine = GivenV3.Responder(GivenV3.Open with { Session = profile });
        var peer = new PeerV3(engine).Dial();
        peer.Send(
            PeerV3.Icrq(
                1,
                new PseudowireOptions
                {
                    Sublayer = L2SpecificSublayer.Default,
                    DataSequencing = peers,
                    CircuitStatus = CircuitStatus.Active,
                }));
        var reply = peer.Expect<Icrp>();
        peer.Send(new Iccn { LocalSessionId = new(1), RemoteSessionId = reply.LocalSessionId });

        Assert.Equal(asked, reply.Pseudowire!.DataSequencing);
        var made = Assert.Single(engine.CreatedSessions);
        Assert.Equal((peers != DataSequencing.None, required, keeps), (made.SendSequence, made.RequireSequence, made.LnsMode));
    }

    [Theory]
    [InlineData(PseudowireType.EthernetVlan, PseudowireType.EthernetVlan, true)]
    [InlineData(PseudowireType.EthernetVlan, PseudowireType.Ethernet, false)]
    [InlineData(PseudowireType.Ethernet, PseudowireType.EthernetVlan, true)]
    public void Who_is_to_have_tagged_frames_gets_no_others(PseudowireType ours, PseudowireType asked, bool taken)
    {
        var profile = new SessionProfile { Pseudowire = new PseudowireProfile { Type = ours, Vlan = 7 } };
        var engine = GivenV3.Responder(
            GivenV3.Open with { Session = profile, Pseudowires = [PseudowireType.Ethernet, PseudowireType.EthernetVlan] });
        var peer = new PeerV3(engine).Dial();
        peer.Send(PeerV3.Icrq(1) with { PseudowireType = asked });

        if (!taken)
        {
            Assert.Equal(CdnResult.UnsupportedPseudowireType, peer.Expect<Cdn>().Result.Result);
            return;
        }

        peer.Send(new Iccn { LocalSessionId = new(1), RemoteSessionId = peer.Expect<Icrp>().LocalSessionId });
        Assert.Equal((asked, (ushort?)7), (Assert.Single(engine.CreatedSessions).Pseudowire, engine.CreatedSessions[0].Settings!.Vlan));
    }

    // PPP authenticates the peer, Ethernet does not.
    [Theory]
    [InlineData("p", PseudowireType.Ppp, true, true)]
    [InlineData("p", PseudowireType.Ethernet, true, false)]
    [InlineData("p", PseudowireType.EthernetVlan, true, false)]
    [InlineData(null, PseudowireType.Ethernet, true, true)]
    [InlineData(null, PseudowireType.EthernetVlan, true, true)]
    [InlineData(null, PseudowireType.Ppp, true, false)]
    [InlineData("p", PseudowireType.Ethernet, false, true)]
    [InlineData(null, PseudowireType.Ppp, false, true)]
    public void An_endpoint_is_of_PPP_or_it_is_not(string? ppp, PseudowireType asked, bool isEndpoint, bool taken)
    {
        var profile = new SessionProfile { Ppp = ppp };
        var rules = GivenV3.Open with
        {
            Session = profile,
            Pseudowires = [PseudowireType.Ethernet, PseudowireType.EthernetVlan, PseudowireType.Ppp],
        };
        var engine = GivenV3.Responder(isEndpoint ? rules with { Endpoints = [new PseudowireEndpoint("site", "pw", profile)] } : rules);
        var peer = new PeerV3(engine).Dial();

        peer.Send(PeerV3.Icrq(1) with { PseudowireType = asked });

        if (taken)
            peer.Expect<Icrp>();
        else
            Assert.Equal(CdnResult.UnsupportedPseudowireType, peer.Expect<Cdn>().Result.Result);
    }

    [Fact]
    public void Endpoints_of_a_reload_count_in_tunnels_that_are_up()
    {
        PseudowireEndpoint[] both =
        [
            new("a", "a", new SessionProfile()),
            new("b", "b", new SessionProfile { Pseudowire = new PseudowireProfile { Mtu = 1400 } }),
        ];
        var engine = GivenV3.Responder(GivenV3.Open with { Endpoints = [both[0]] });
        var peer = new PeerV3(engine).Dial();
        peer.Send(PeerV3.Icrq(1, null, "b"));
        Assert.Equal(CdnResult.ForwarderNotExisting, peer.Expect<Cdn>().Result.Result);

        engine.Tell(new Reconfigure(Given.Lns(GivenV3.Open with { Endpoints = [.. both] })));
        peer.Call(PeerV3.Icrq(2, null, "b"));
        peer.Call(PeerV3.Icrq(3, null, "a"));
        Assert.Equal([(ushort?)1400, null], engine.CreatedSessions.Select(static made => made.Settings!.Mtu));

        engine.Tell(new Reconfigure(Given.Lns(GivenV3.Open with { Endpoints = [both[0]], MaxSessionsPerTunnel = 3 })));
        peer.Send(PeerV3.Icrq(4, null, "b"));
        Assert.Equal(CdnResult.ForwarderNotExisting, peer.Expect<Cdn>().Result.Result);
        Assert.Equal(2, engine.LiveSessions.Count);

        engine.Tell(new Reconfigure(Given.Lns(GivenV3.Open with { Endpoints = [both[0]], MaxSessionsPerTunnel = 2 })));
        peer.Send(PeerV3.Icrq(5, null, "a"));
        Assert.Equal(CdnResult.NoFacilitiesTemporary, peer.Expect<Cdn>().Result.Result);

        // When a profile is removed, its tunnels keep their settings.
        engine.Tell(new Reconfigure(Given.Lns(GivenV3.Open with { Name = "other" })));
        peer.Call(PeerV3.Icrq(6, null, "a"));
        peer.Send(PeerV3.Icrq(7, null, "b"));
        Assert.Equal(CdnResult.ForwarderNotExisting, peer.Expect<Cdn>().Result.Result);
    }

    [Fact]
    public void What_the_peer_said_of_its_circuit_so_far_goes_with_the_session()
    {
        var engine = GivenV3.Responder(GivenV3.Open);
        var peer = new PeerV3(engine).Dial();
        peer.Send(PeerV3.Icrq(1, new PseudowireOptions { CircuitStatus = CircuitStatus.Active }));
        var reply = peer.Expect<Icrp>();
        peer.Send(new Sli { LocalSessionId = new(1), RemoteSessionId = reply.LocalSessionId, CircuitStatus = CircuitStatus.Standby });
        peer.Send(new Iccn { LocalSessionId = new(1), RemoteSessionId = reply.LocalSessionId });
        Assert.Equal(CircuitStatus.Standby, Assert.Single(engine.CreatedSessions).Settings!.PeerStatus);
    }

    [Fact]
    public void Session_ids_are_unique_in_the_daemon()
    {
        var engine = GivenV3.Responder(GivenV3.Open);
        var one = new PeerV3(engine).Dial();
        var id = one.Call(1);
        var other = new PeerV3(engine) { Endpoint = one.Endpoint with { Port = 1702 } };
        other.Forget();
        other.Dial();

        Assert.NotEqual(id, other.Call(1));
        Assert.Equal(2, engine.Engine.SessionCount);
    }

    [Fact]
    public void A_message_out_of_place_ends_the_session_with_code_16()
    {
        var engine = GivenV3.Responder(GivenV3.Open);
        var peer = new PeerV3(engine).Dial();
        var id = peer.Call(9);

        peer.Send(new Iccn { LocalSessionId = new(9), RemoteSessionId = new(id) });

        Assert.Equal(CdnResult.FsmErrorOrTimeout, peer.Expect<Cdn>().Result.Result);
    }

    /// <summary>A pseudowire that we requested, established, which the peer may request as well; with our session id.</summary>
    private static (EngineUnderTest Engine, PeerV3 Peer, uint Own) Up()
    {
        var engine = GivenV3.Initiator(GivenV3.Open with { AcceptIncomingCalls = true }, GivenV3.Ethernet());
        var peer = new PeerV3(engine).Answer();
        var request = peer.Expect<Icrq>();
        peer.Send(
            new Icrp
            {
                LocalSessionId = new(5),
                RemoteSessionId = request.LocalSessionId,
                Pseudowire = new PseudowireOptions { Sublayer = L2SpecificSublayer.Default, CircuitStatus = CircuitStatus.Active },
            });
        peer.Expect<Iccn>();
        return (engine, peer, request.LocalSessionId.Value);
    }
}
