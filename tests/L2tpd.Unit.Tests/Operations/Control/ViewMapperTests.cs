using System.Text;
using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Operations.Control;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Operations.Control;

public sealed class ViewMapperTests
{
    [Fact]
    public void A_tunnel_and_its_session_are_shown_from_both_ends()
    {
        var pair = new EnginePair(3, EnginePair.Tunnel("hq", new LacSession
        {
            Name = "office",
            CallingNumber = "0301234",
            CalledNumber = "100",
            SubAddress = "7",
            PrivateGroupId = "blue",
            TxConnectSpeed = 50_000_000,
            RxConnectSpeed = 10_000_000,
        }));
        pair.Pass(90_500);
        var dialled = ViewMapper.From(pair.Lac.Tunnels.Single(), pair.Now);
        Assert.Equal(
            ("hq", "hq", "initiator", "established", 2), (dialled.Name, dialled.Peer, dialled.Role, dialled.State, dialled.Version));
        Assert.Equal(
            ("192.0.2.1:1701", "192.0.2.7:1701", "lns.example.net", "1.0"),
            (dialled.Local, dialled.Remote, dialled.HostName, dialled.ProtocolRevision));
        Assert.Equal(1, dialled.Sessions);
        Assert.Equal(90.5, dialled.UpSeconds);
        Assert.True(dialled.Counters["hellosSent"] >= 1 || dialled.Counters["messagesReceived"] >= 4);

        var tunnel = pair.Lns.Tunnels.Single();
        var answered = ViewMapper.From(tunnel, pair.Now);
        Assert.Equal(($"carrier/lac1.example.net/{tunnel.LocalId}", "carrier", "responder"), (answered.Name, answered.Peer, answered.Role));
        Assert.Equal(dialled.PeerId, answered.LocalId);

        var session = tunnel.Sessions.Values.Single();
        pair.TellLns(new PppUp(session.Key, "ppp0", "10.0.0.1", "10.0.0.2", "10.0.0.53 10.0.0.54"));
        Assert.Equal(["10.0.0.53", "10.0.0.54"], ViewMapper.From(session, pair.Now).NameServers!);
        pair.TellLns(new PppRates(session.Key, 20_000_000, null));
        var view = ViewMapper.From(session, pair.Now);
        Assert.Equal((20_000_000ul, null), (view.RateToPeer, view.RateFromPeer));
        Assert.Equal(
            ($"{answered.Name}/{session.LocalId}", answered.Name, "incoming-lns", "established"),
            (view.Name, view.Tunnel, view.Role, view.State));
        Assert.Equal(("0301234", "100", "7"), (view.Call!.CallingNumber, view.Call.CalledNumber, view.Call.SubAddress));
        Assert.Equal((50_000_000u, 10_000_000u, "blue"), (view.Connect!.TxSpeed, view.Connect.RxSpeed!.Value, view.Connect.PrivateGroup));
        Assert.Equal(["sync"], view.Connect.FramingType);
        Assert.Equal(["digital"], view.Call.BearerType);
        Assert.False(view.Sequencing.Required);
        Assert.Equal("hq/office", ViewMapper.From(pair.Lac.Tunnels.Single().Sessions.Values.Single(), pair.Now).Name);
    }

    [Fact]
    public void A_session_that_the_data_plane_has_not_made_is_not_shown_as_up()
    {
        var pair = new EnginePair(3, EnginePair.Tunnel("hq", new LacSession { Name = "office" }));
        SessionView? early = null;
        pair.LacEvents = happened =>
            early = happened is SessionEstablished { Session: var session } ? ViewMapper.From(session, pair.Now + 5_000) : early;
        pair.TellLac(new CloseSession(pair.Lac.Tunnels.Single().Sessions.Values.Single().Key, "test"));
        pair.Pass(10_000);

        Assert.Equal(("established", null), (early!.State, early.UpSeconds));
        Assert.NotNull(ViewMapper.From(pair.Lac.Tunnels.Single().Sessions.Values.Single(), pair.Now).UpSeconds);
        Assert.True(pair.Lac.Tunnels.Single().Counters.ZlbsReceived > 0);
    }

    [Theory]
    [InlineData(ProtocolPreference.V3, "172.16.254.255", "0.0.0.1")]
    [InlineData(ProtocolPreference.V2, null, null)]
    public void Router_ids_are_written_as_addresses(ProtocolPreference protocol, string? ours, string? theirs)
    {
        var tunnel = EnginePair.Tunnel("hq");
        var pair = new EnginePair(3, protocol, tunnel with { Peer = tunnel.Peer with { Protocol = protocol, LocalRouterId = 0xAC10FEFF } });
        pair.Pass(1_000);

        var dialled = ViewMapper.From(pair.Lac.Tunnels.Single(), pair.Now);
        var answered = ViewMapper.From(pair.Lns.Tunnels.Single(), pair.Now);

        Assert.Equal((ours, theirs), (dialled.LocalRouterId, dialled.RouterId));
        Assert.Equal((theirs, ours), (answered.LocalRouterId, answered.RouterId));
    }

    [Fact]
    public void Every_fact_of_an_incoming_call_is_shown_but_no_password()
    {
        var proxy = CallViews.ProxyAuthentication(new ProxyAuthentication(
            ProxyAuthenticationType.Pap, "joe@example.net"u8.ToArray(), [9, 9], 5, "hunter2"u8.ToArray()));
        Assert.Equal(new ProxyAuthenticationView("pap", "joe@example.net", 5, true), proxy);
        var session = new SessionView
        {
            Name = "x",
            Tunnel = "x",
            Peer = "x",
            TunnelId = 1,
            LocalId = 1,
            PeerId = 1,
            Role = "x",
            State = "x",
            Data = "x",
            Sequencing = new SequencingView(false, false, 0),
            ProxyAuthentication = proxy,
        };
        var json = System.Text.Json.JsonSerializer.Serialize(session, ControlJson.Default.SessionView);
        Assert.DoesNotContain("hunter2", json);
        Assert.DoesNotContain(Convert.ToHexStringLower("hunter2"u8), json);

        var call = CallViews.Call(new Icrq
        {
            CallSerialNumber = 77,
            CallingNumber = "1",
            CalledNumber = "2",
            SubAddress = "3",
            BearerType = BearerTypes.Analog | BearerTypes.Atm,
            PhysicalChannelId = 4,
            SessionDs = 46,
            ConnectSpeedUpdateEnable = true,
            ModemOnHoldCapable = [0xAB],
            Atm = new AtmService(1, "svc", "sub", [1, 2]),
        })!;
        Assert.Equal((77u, "1", "2", "3", 4u, 46, true, "ab"), (
            call.SerialNumber, call.CallingNumber, call.CalledNumber, call.SubAddress,
            call.PhysicalChannelId, call.SessionDs, call.ConnectSpeedUpdate, call.ModemOnHold));
        Assert.Equal(["analog", "atm"], call.BearerType);
        Assert.Equal(new AtmView(1, "svc", "sub", "0102"), call.Atm);

        var outgoing = CallViews.Call(new Ocrq
        {
            MinimumBps = 1,
            MaximumBps = 2,
            RxMinimumBps = 3,
            RxMaximumBps = 4,
            FramingType = FramingTypes.Synchronous | FramingTypes.Asynchronous,
        })!;
        Assert.Equal((1u, 2u, 3u, 4u), (outgoing.MinimumBps, outgoing.MaximumBps, outgoing.RxMinimumBps, outgoing.RxMaximumBps));
        Assert.Equal(["sync", "async"], outgoing.FramingType);

        var iccn = new Iccn { TxConnectSpeed = 9, PrivateGroupId = [0xFF], LcpWantOptions = [1], LcpAllowOptions = [2] };
        var connect = CallViews.Connect(iccn)!;
        Assert.Equal(
            (9u, null, "0xff", "01", "02"),
            (connect.TxSpeed, connect.RxSpeed, connect.PrivateGroup, connect.LcpWantOptions, connect.LcpAllowOptions));
        Assert.Equal(new ProxyLcpView("01", null, "0203"), CallViews.ProxyLcp(new ProxyLcp([1], null, [2, 3])));
        Assert.Equal(new AccmView("0x000a0000", "0xffffffff"), CallViews.Accm(new Accm(0xA0000, uint.MaxValue)));
        Assert.Equal(new CallErrorsView(1, 2, 3, 4, 5, 6), CallViews.Errors(new CallErrors(1, 2, 3, 4, 5, 6)));
    }

    [Fact]
    public void Every_dsl_fact_arrives_under_its_own_name()
    {
        // Distinct values, so that two exchanged fields are found.
        var line = new DslLine
        {
            AgentCircuitId = Encoding.ASCII.GetBytes("eth 1/2"),
            AgentRemoteId = [0, 1],
            ActualRateUp = 1,
            ActualRateDown = 2,
            MinimumRateUp = 3,
            MinimumRateDown = 4,
            AttainableRateUp = 5,
            AttainableRateDown = 6,
            MaximumRateUp = 7,
            MaximumRateDown = 8,
            MinimumRateUpLowPower = 9,
            MinimumRateDownLowPower = 10,
            MaximumInterleavingDelayUp = 11,
            ActualInterleavingDelayUp = 12,
            MaximumInterleavingDelayDown = 13,
            ActualInterleavingDelayDown = 14,
            AccessLoopEncapsulation = [1, 2, 3],
            AncpLineType = 15,
            IwfSession = 16,
        };
        var view = CallViews.DslLine(line)!;
        foreach (var fact in typeof(DslLine).GetProperties().Where(p => p.PropertyType != typeof(byte[])))
        {
            if (typeof(DslLineView).GetProperty(fact.Name) is { } shown && fact.Name != "EqualityContract")
                Assert.Equal(fact.GetValue(line), shown.GetValue(view));
        }

        Assert.Equal(("eth 1/2", "0x0001", "010203"), (view.AgentCircuitId, view.AgentRemoteId, view.AccessLoopEncapsulation));
        Assert.Equal(
            typeof(DslLine).GetProperties().Select(p => p.Name).Order(), typeof(DslLineView).GetProperties().Select(p => p.Name).Order());
    }

    [Fact]
    public void Every_state_and_cause_has_a_word()
    {
        Assert.DoesNotContain("unknown", Enum.GetValues<TunnelState>().Select(ApiText.Of));
        Assert.DoesNotContain("unknown", Enum.GetValues<SessionState>().Select(ApiText.Of));
        Assert.DoesNotContain("unknown", Enum.GetValues<CallRole>().Select(ApiText.Of));
        Assert.DoesNotContain("unknown", Enum.GetValues<DataState>().Select(ApiText.Of));
        Assert.DoesNotContain("unknown", Enum.GetValues<EndCause>().Select(ApiText.Of));
        Assert.Equal(Enum.GetValues<EndCause>().Length, Enum.GetValues<EndCause>().Select(ApiText.Of).Distinct().Count());
    }
}
