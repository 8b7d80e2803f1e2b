using L2tpd.Control;
using L2tpd.Operations.Control;

namespace L2tpd.Unit.Tests.Operations.Control;

/// <summary>Views with every field set.</summary>
internal static class Samples
{
    public static IReadOnlyDictionary<string, long> Counters { get; } = new Dictionary<string, long>
    {
        ["messagesSent"] = 1201,
        ["messagesReceived"] = 1188,
        ["retransmissions"] = 3,
        ["duplicates"] = 2,
        ["outOfOrder"] = 1,
        ["zlbsSent"] = 40,
        ["zlbsReceived"] = 41,
        ["hellosSent"] = 12,
        ["wrongSource"] = 4,
        ["malformed"] = 5,
        ["digestFailures"] = 6,
    };

    public static StatusView Status { get; } = new()
    {
        Version = "0.1.0",
        ProcessId = 4711,
        StartedAt = new DateTimeOffset(2026, 11, 20, 23, 59, 58, TimeSpan.Zero),
        UptimeSeconds = 93_784.5,
        HostName = "lns.example.net",
        DataPlane = "kernel",
        DataPlaneReason = "the kernel has L2TP (netlink family l2tp)",
        Listeners = ["0.0.0.0:1701", "[::]:1701"],
        Tunnels = 2,
        HalfOpenTunnels = 1,
        Sessions = 3,
        PppNetworksUp = 2,
        PppAuthenticationsFailed = 3,
        ConfigurationReadAt = new DateTimeOffset(2026, 11, 21, 1, 2, 3, TimeSpan.Zero),
        Closing = new ClosingView(1_000, 10, 990, 100, "uid 0 (pid 7)"),
        HeldDown = ["hq", "hq/main"],
        WaitingForTraffic = ["hq/backup"],
        Drain = new DrainView(true, ["hq"], 2, 3),
        LastReload = new LastReloadView(
            new DateTimeOffset(2026, 11, 21, 1, 2, 4, TimeSpan.Zero), "SIGHUP", "refused", 0, ["listeners"], "the file has errors",
            ["f:1:1: e"]),
        LogLevel = new LogLevelView("debug", "warning", "carrier", new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero)),
        Counters = EngineCounterTable.Members.Index().ToDictionary(static one => one.Item, static one => one.Index + 1L),
        Limits = new LimitsView
        {
            MaxTunnels = 60_000,
            MaxSessions = 1_000_000,
            MaxHalfOpen = 4_096,
            MaxHalfOpenPerSource = 64,
            SccrqRatePerSource = 50,
            SccrqBurstPerSource = 200,
            RefusalRate = 1_000,
            MaxDescriptors = 20_000,
        },
        IpsecDrops = new IpsecDropsView { ClearText = 31, NoAssociation = 32, Invalid = 33, NotSent = 34, WithoutMark = 35 },
    };

    public static TunnelView Tunnel { get; } = new()
    {
        Name = "carrier/lac1.example.net/12345",
        Peer = "carrier",
        LocalId = 12345,
        PeerId = 54321,
        Version = 2,
        Role = "responder",
        State = "established",
        Local = "192.0.2.7:1701",
        Remote = "192.0.2.1:1701",
        Ipsec = "required",
        HostName = "lac1.example.net",
        RouterId = "10.0.0.1",
        LocalRouterId = "10.0.0.2",
        VendorName = "l2tpd",
        FirmwareRevision = 1,
        ProtocolRevision = "1.0",
        PeerReceiveWindow = 64,
        FramingCapabilities = ["sync", "async"],
        BearerCapabilities = ["digital"],
        ControlConnectionDs = 46,
        Failover = new FailoverView(true, false, 1000),
        PeerSilent = false,
        Problem = "the secrets may differ",
        EcnCapability = true,
        PppoeRelayResponseCapability = "00",
        PppoeRelayForwardCapability = "01",
        Authenticated = true,
        IpsecIdentity = "10.1.1.10",
        IpsecMark = "0x5",
        IpsecAlgorithms = "AES_CBC-256/HMAC_SHA1_96",
        Sessions = 2,
        UpSeconds = 7_865.25,
        LastSocketError = "Connection refused (ECONNREFUSED)",
        RoundTripMilliseconds = 12.5,
        Window = 8,
        Outstanding = 1,
        Counters = Counters,
        Traffic = new TrafficView
        {
            TransmitPackets = 1,
            TransmitOctets = 2,
            TransmitErrors = 3,
            ReceivePackets = 4,
            ReceiveOctets = 5,
            ReceiveErrors = 6,
            ReceiveSequenceDiscards = 7,
            ReceiveOutOfOrder = 8,
            ReceiveCookieDiscards = 9,
            ReceiveInvalid = 10,
        },
    };

    public static TunnelView HalfOpen { get; } = new()
    {
        Name = "hq",
        Peer = "hq",
        LocalId = 7,
        PeerId = 0,
        Version = 2,
        Role = "initiator",
        State = "wait-ctl-reply",
        Remote = "[2001:db8::1]:1701",
        Authenticated = false,
        Sessions = 0,
        Counters = Counters,
    };

    public static SessionView Session { get; } = new()
    {
        Name = "carrier/lac1.example.net/12345/678",
        Tunnel = "carrier/lac1.example.net/12345",
        Peer = "carrier",
        TunnelId = 12345,
        LocalId = 678,
        PeerId = 876,
        Role = "incoming-lns",
        State = "established",
        Data = "network-up",
        UpSeconds = 3_725,
        Interface = "ppp0",
        LocalAddress = "10.0.0.1",
        NameServers = ["10.0.0.53"],
        PeerAddress = "10.0.0.2",
        User = "alice",
        Ipv6Address = "fe80::2",
        Prefixes = ["2001:db8:1::/64", "2001:db8:100::/56"],
        Mtu = 1400,
        MtuOfEsp = "AES_CBC-256/HMAC_SHA1_96 in UDP",
        AccountingId = "19a2b-1",
        CircuitId = "eth 1/2",
        MacAddress = "00:53:00:ab:cd:ef",
        Ppp = "subscribers",
        RateToPeer = 20_000_000,
        RateFromPeer = 5_000_000,
        Subscriber = new SubscriberView
        {
            User = "alice", SessionSecondsLeft = 3_600, ReauthenticatesThen = true, IdleSecondsLeft = 60, Filters = ["gold"],
            Routes = ["198.51.100.0/24"],
        },
        Sequencing = new SequencingView(true, true, 20),
        Pseudowire = new PseudowireView("ppp", "17", 8, 4, "default", 1, 3, 1400) 
        {
            LocalCircuit = "active", PeerCircuit = "active", AttachmentGroupId = "vpn-7", PeerEndId = "port-3",
        },
        Traffic = new TrafficView
        {
            TransmitPackets = 1, TransmitOctets = 2, TransmitErrors = 3, ReceivePackets = 4, ReceiveOctets = 5, ReceiveErrors = 6,
            ReceiveSequenceDiscards = 7, ReceiveOutOfOrder = 8, ReceiveCookieDiscards = 9, ReceiveInvalid = 10,
        },
        Call = new CallView
        {
            SerialNumber = 9,
            CallingNumber = "0301234",
            CalledNumber = "100",
            SubAddress = "5",
            BearerType = ["digital"],
            PhysicalChannelId = 1,
            SessionDs = 46,
            ConnectSpeedUpdate = true,
            ModemOnHold = "ab",
            MinimumBps = 1,
            MaximumBps = 2,
            RxMinimumBps = 3,
            RxMaximumBps = 4,
            FramingType = ["sync"],
            Atm = new AtmView(1, "svc", "sub", "0102"),
        },
        Connect = new ConnectView
        {
            TxSpeed = 50_000_000,
            RxSpeed = 10_000_000,
            FramingType = ["sync"],
            PrivateGroup = "blue",
            LcpWantOptions = "01",
            LcpAllowOptions = "02",
        },
        ProxyLcp = new ProxyLcpView("01", "02", "03"),
        ProxyAuthentication = new ProxyAuthenticationView("chap", "joe@example.net", 3, true),
        DslLine = new DslLineView
        {
            AgentCircuitId = "eth 1/2",
            AgentRemoteId = "r",
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
            AccessLoopEncapsulation = "010203",
            AncpLineType = 15,
            IwfSession = 16,
        },
        CallErrors = new CallErrorsView(1, 2, 3, 4, 5, 6),
        Accm = new AccmView("0x00000000", "0xffffffff"),
    };

    public static RouteView Route { get; } = new()
    {
        Destination = "198.51.100.0/24", Gateway = "198.51.100.1", Metric = 5, Session = "carrier/lac1.example.net/12345/678",
        Id = "12345/678", User = "alice", State = "waiting", Problem = "session hq/office has it",
    };

    public static ConfigurationView Configuration { get; } = new(
        new DateTimeOffset(2026, 11, 21, 1, 2, 3, TimeSpan.Zero), "peers:\n  any:\n    secret: \"***\"\n");

    public static ExplanationView Explanation { get; } = new()
    {
        Subject = "session hq/office (user alice)",
        Summary = "it waits for IPCP: the peer has not accepted our address options yet",
        Steps = [new("tunnel", "done", "with 192.0.2.1:1701, up for 2 h 11 min"), new("IPCP", "waiting", "no\u001b answer"),
            new("DHCPv6", "not-reached", "follows IPv6CP")],
        Past = [new(new DateTimeOffset(2026, 11, 21, 1, 45, 12, TimeSpan.Zero), "hq/office", "authentication failed: wrong secret")],
    };

    public static SessionView SettingUp { get; } = new()
    {
        Name = "hq/office",
        Tunnel = "hq",
        Peer = "hq",
        TunnelId = 7,
        LocalId = 1,
        PeerId = 0,
        Role = "incoming-lac",
        State = "wait-reply",
        Data = "none",
        Sequencing = new SequencingView(false, false, 0),
    };

    public static PeerView Peer { get; } = new()
    {
        Name = "carrier",
        Prefixes = ["192.0.2.0/24", "2001:db8::/32"],
        HostNamePattern = "lac*.example.net",
        Protocol = "v2",
        HasSecret = true,
        Quirks = ["no-hello"],
        Tunnels = 2,
        HalfOpenTunnels = 1,
        Sessions = 3,
        MaxTunnels = 100,
        MaxSessionsPerTunnel = 65_535,
        ConfiguredSessions = ["carrier/main"],
        Counters = Counters,
    };

    public static HistoryEntryView Ended { get; } = new()
    {
        Number = 2,
        At = new DateTimeOffset(2026, 11, 21, 1, 45, 12, 345, TimeSpan.Zero),
        Kind = "tunnel-ended",
        Name = "carrier/lac1.example.net/12345",
        Peer = "carrier",
        Remote = "192.0.2.1:1701",
        HostName = "lac1.example.net",
        TunnelId = 12345,
        SessionId = 1,
        PeerId = 54321,
        UpSeconds = 266_000,
        Sessions = 5,
        SessionsUp = 4,
        SessionSample = ["hq/a", "hq/b", "hq/c"],
        Tunnel = "x",
        User = "alice",
        Cause = "peer-unreachable",
        Reason = "HELLO was sent 6 times over 31 s without an answer; last socket error: No route to host (EHOSTUNREACH)",
        Result = new ResultView("StopCCN", false, 2, 4, "text", "2 (general error), error 4 (insufficient resources): text"),
        UnansweredMessage = "HELLO",
        Transmissions = 6,
        UnansweredSeconds = 31,
        LastSocketError = "No route to host (EHOSTUNREACH)",
        PppCause = "3 (normal)",
        Q931Cause = "Q.931 cause 16, message 0",
    };

    public static HistoryEntryView Refused { get; } = new()
    {
        Number = 1,
        At = new DateTimeOffset(2026, 11, 21, 1, 45, 11, TimeSpan.Zero),
        Kind = "tunnel-refused",
        Name = "203.0.113.9:1701",
        Remote = "203.0.113.9:1701",
        HostName = "evil\u001b[2J",
        Cause = "refused",
        Reason = "no peer profile fits; we sent StopCCN: result 4 (requester not authorized)",
    };

    public static ReloadView Reload { get; } = new(
        [
            new ReloadChange("tunnel", "hq", "changed", ["timers"], ["secret"], ["main: added"], "the tunnel stays up"),
            new ReloadChange("peer", "anyone", "kept"),
        ],
        ["limits"], ["listeners"], ["f:1:1: w"], ["p"], ["session hq/main"]);

    public static CounterView Labelled { get; } = new()
    {
        Name = "l2tpd_ppp_packets_dropped_total",
        Kind = "counter",
        Unit = "packets",
        Help = "Data packets of PPP sessions dropped, by reason.",
        Samples =
        [
            new(3, new Dictionary<string, string> { ["reason"] = "wrong-source" }),
            new(0, new Dictionary<string, string> { ["reason"] = "malformed" }),
        ],
    };

    public static CounterView Plain { get; } = new()
    {
        Name = "l2tpd_half_open_tunnels",
        Kind = "gauge",
        Unit = "tunnels",
        Help = "Half-open tunnels.",
        Samples = [new(7)],
    };

    public static RadiusServerView RadiusServer { get; } = new()
    {
        Name = "main",
        Address = "192.0.2.1:1812",
        Transport = "tls",
        State = "dead",
        DeadSeconds = 61,
        Probing = true,
        Connections = 0,
        Groups = ["core"],
        RoundTripMilliseconds = 1.5,
        InFlight = 3,
        Waiting = 4,
        Counters = new Dictionary<string, long>
        {
            ["requests"] = 100, ["answers"] = 90, ["rejects"] = 5, ["retransmissions"] = 6, ["timeouts"] = 7, ["malformed"] = 1,
            ["badAuthenticators"] = 2,
        },
    };

    public static PoolView Pool { get; } = new()
    {
        Name = "homes",
        Profile = "gold",
        Family = "ipv6",
        Range = "2001:db8:7700::/40",
        Length = 56,
        Size = 65_536,
        Used = 2,
        Free = 65_534,
        Kept = 3,
    };

    public static EventView Event { get; } = new()
    {
        Number = 17,
        At = new DateTimeOffset(2026, 11, 21, 1, 45, 12, 345, TimeSpan.Zero),
        Area = "session",
        Kind = "session-down",
        Text = "the peer sent CDN",
        Name = "carrier/lac1.example.net/12345/678",
        Tunnel = "carrier/lac1.example.net/12345",
        Peer = "carrier",
        Remote = "192.0.2.1:1701",
        HostName = "lac1.example.net",
        Network = "2001:db8:7700::/56",
        TunnelId = 12345,
        SessionId = 678,
        PeerId = 876,
        Interface = "ppp0",
        LocalAddress = "10.0.0.1",
        PeerAddress = "10.0.0.7",
        Cause = "closed-by-peer",
        UpSeconds = 3_725,
        Sessions = 1,
        User = "alice",
        Attempt = 2,
        DelaySeconds = 5,
        By = "SIGHUP",
        Missed = 9,
    };
}
