using System.Net.Sockets;
using L2tpd.DataPlanes;
using L2tpd.DataPlanes.Userspace;
using L2tpd.Engine.Inputs;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>Data messages of the userspace data plane, octet by octet, through real sockets.</summary>
public sealed class UserspaceDataPlaneTests : IDisposable
{
    private readonly UserspaceRig _rig = new();
    private readonly RecordingPort _port = new();

    private static byte[] Cookie4 => [0xc0, 0x01, 0x02, 0x03];

    private static byte[] Cookie8 => [0xd0, 1, 2, 3, 4, 5, 6, 7];

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("0002 1111 3333 ff03c021aa")]                          // the plain form
    [InlineData("4002 000d 1111 3333 ff03c021aa")]                     // L
    [InlineData("4002 000d 1111 3333 ff03c021aa 0000")]                // L, and octets behind the message
    [InlineData("0802 1111 3333 0007 0000 ff03c021aa")]                // S
    [InlineData("0802 1111 3333 0007 ffff ff03c021aa")]                // S, Nr means nothing
    [InlineData("0202 1111 3333 0000 ff03c021aa")]                     // O
    [InlineData("0202 1111 3333 0003 aabbcc ff03c021aa")]              // O and its pad
    [InlineData("4a02 0014 1111 3333 0007 0000 0001 ee ff03c021aa")]   // all of them
    [InlineData("0102 1111 3333 ff03c021aa")]                          // P
    public void All_forms_of_the_v2_header_are_taken(string packet)
    {
        MakeV2().Port = _port;
        _rig.PeerSends(packet);
        Assert.Equal("ff03c021aa", Assert.Single(_port.Received));
    }

    [Theory]
    [InlineData("0002 1111 3334 aa")]      // no such session
    [InlineData("0002 1112 3333 aa")]      // no such tunnel
    [InlineData("0003 0000 00003333 aa")]  // no such v3 session
    [InlineData("0202 1111 3333 0009 aa")] // a pad longer than the message
    [InlineData("4002 00ff 1111 3333 aa")] // a Length longer than the datagram
    [InlineData("0002 11")]
    [InlineData("00")]
    [InlineData("0001 1111 3333 aa")]      // L2F
    public void What_belongs_to_no_session_is_the_engines_to_count(string packet)
    {
        MakeV2().Port = _port;
        _rig.PeerSends(packet);
        Assert.Empty(_port.Received);
        Assert.Equal(1, _rig.Engine.Counters.DataDropped + _rig.Engine.Counters.UnknownVersion);
    }

    [Fact]
    public void Another_address_or_port_is_not_the_peer()
    {
        MakeV2().Port = _port;
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.SendTo(Convert.FromHexString("000211113333aa"), _rig.Listener);
        _rig.Rig.Events.RunOnce(MonotonicClock.NowMilliseconds + 5_000);
        Assert.Empty(_port.Received);
        Assert.Equal(1, _rig.DataPlane.WrongSource);
    }

    [Fact]
    public void Sends_the_shortest_v2_header_and_Ns_with_sequencing()
    {
        var session = MakeV2();
        Assert.True(session.Send([0xff, 0x03, 0xc0, 0x21]));
        Assert.Equal("000222224444ff03c021", _rig.PeerReceives());
        _rig.DataPlane.DestroySession(UserspaceRig.SessionKey);
        session = _rig.MakeSession(send: true);
        Assert.True(session.Send([0xaa]));
        Assert.True(session.Send([0xbb]));
        Assert.Equal("0802222244440000" + "0000aa", _rig.PeerReceives());
        Assert.Equal("0802222244440001" + "0000bb", _rig.PeerReceives());
        Assert.Equal(new TrafficCounters(2, 22, 0, 0, 0, 0, 0, 0, 0, 0), session.Statistics);
    }

    [Fact]
    public void A_LAC_follows_the_LNS()
    {
        _rig.MakeTunnel(ProtocolVersion.V2);
        var session = _rig.MakeSession(lns: false);
        session.Port = _port;
        _rig.PeerSends("0802 1111 3333 0000 0000 aa");
        session.Send([1]);
        Assert.Equal("0802222244440000" + "000001", _rig.PeerReceives());
        _rig.PeerSends("0002 1111 3333 bb");
        session.Send([2]);
        Assert.Equal("00022222444402", _rig.PeerReceives());
        // Switched on again, the sequence number continues.
        _rig.PeerSends("0802 1111 3333 0001 0000 cc");
        session.Send([3]);
        Assert.Equal("0802222244440001" + "000003", _rig.PeerReceives());
        Assert.Equal(["aa", "bb", "cc"], _port.Received);
    }

    [Fact]
    public void What_must_have_a_number_and_has_none_is_dropped_and_counted()
    {
        _rig.MakeTunnel(ProtocolVersion.V2);
        var session = _rig.MakeSession(send: true, require: true);
        session.Port = _port;
        _rig.PeerSends("0002 1111 3333 aa");
        _rig.PeerSends("0802 1111 3333 0005 0000 bb");
        _rig.PeerSends("0802 1111 3333 0004 0000 cc");
        Assert.Equal("bb", Assert.Single(_port.Received));
        Assert.Equal(2UL, session.Statistics.ReceiveSequenceDiscards);
        Assert.Equal(1UL, session.Statistics.ReceivePackets);
        Assert.Equal(11UL, session.Statistics.ReceiveBytes);
    }

    [Fact]
    public void What_came_too_early_waits_for_its_turn_or_for_the_timeout()
    {
        _rig.MakeTunnel(ProtocolVersion.V2);
        var session = _rig.MakeSession(send: true, reorder: TimeSpan.FromMilliseconds(40));
        session.Port = _port;
        foreach (var number in new[] { 0, 2, 1, 4 })
            _rig.PeerSends($"0802 1111 3333 {number:x4} 0000 {number:x2}");
        Assert.Equal(["00", "01", "02"], _port.Received);
        _rig.Rig.RunUntil(() => _port.Received.Count == 4, "the timeout");
        Assert.Equal("04", _port.Received[3]);
        Assert.Equal(1UL, session.Statistics.ReceiveOutOfOrder);
        Assert.Equal(0UL, session.Statistics.ReceiveSequenceDiscards);
    }

    [Fact]
    public void V3_with_cookies_and_sublayer()
    {
        _rig.MakeTunnel(ProtocolVersion.V3);
        var session = _rig.MakeSession(settings: UserspaceRig.Settings(Cookie8, Cookie4, L2SpecificSublayer.Default, DataSequencing.All),
            send: true, require: true);
        session.Port = _port;
        session.Send([0xaa, 0xbb]);
        Assert.Equal("00030000" + "00004444" + "c0010203" + "40000000" + "aabb", _rig.PeerReceives());
        session.Send([0xcc]);
        Assert.Equal("00030000" + "00004444" + "c0010203" + "40000001" + "cc", _rig.PeerReceives());
        _rig.PeerSends("00030000 00003333 d001020304050607 40fffffe 11");
        _rig.PeerSends("00030000 00003333 d001020304050608 40ffffff 22"); // another cookie
        _rig.PeerSends("00030000 00003333 d001020304050607 00ffffff 33"); // no number, though one is required
        _rig.PeerSends("00030000 00003333 d001020304050607 40ffffff 44");
        _rig.PeerSends("00030000 00003333 d001020304050607 40000000 55");
        _rig.PeerSends("00030000 00003333 d00102030405");                 // too short for the cookie
        Assert.Equal(["11", "44", "55"], _port.Received);
        Assert.Equal(1UL, session.Statistics.ReceiveCookieDiscards);
        Assert.Equal(1UL, session.Statistics.ReceiveSequenceDiscards);
        Assert.Equal(1UL, session.Statistics.ReceiveInvalid);
        Assert.Equal(3UL, session.Statistics.ReceivePackets);
    }

    [Theory]
    [InlineData(L2SpecificSublayer.Default, L2SpecificSublayer.None, "", "40000000")]
    [InlineData(L2SpecificSublayer.None, L2SpecificSublayer.Default, "00000000", "")]
    public void V3_with_a_sublayer_in_one_direction_only(L2SpecificSublayer receive, L2SpecificSublayer send, string sent, string received)
    {
        _rig.MakeTunnel(ProtocolVersion.V3);
        var session = _rig.MakeSession(settings: UserspaceRig.Settings([], [], receive) with { SendSublayer = send });
        session.Port = _port;
        session.Send([0xaa]);
        Assert.Equal("00030000" + "00004444" + sent + "aa", _rig.PeerReceives());
        _rig.PeerSends("00030000 00003333" + received + "bb");
        Assert.Equal("bb", Assert.Single(_port.Received));
    }

    [Fact]
    public void V3_without_cookie_and_sublayer()
    {
        _rig.MakeTunnel(ProtocolVersion.V3);
        var session = _rig.MakeSession(settings: UserspaceRig.Settings([], []));
        session.Port = _port;
        session.Send([0xaa]);
        Assert.Equal("00030000" + "00004444" + "aa", _rig.PeerReceives());
        _rig.PeerSends("00030000 00003333 bb");
        Assert.Equal("bb", Assert.Single(_port.Received));
    }

    [Theory]
    [InlineData("ff0300210000", false)] // IPv4 in PPP
    [InlineData("ff0300570000", false)]
    [InlineData("210000", false)]       // the protocol field in one octet
    [InlineData("ff03c0210000", true)]
    public void With_non_ip_only_the_rest_has_numbers(string frame, bool isNumbered)
    {
        _rig.MakeTunnel(ProtocolVersion.V3);
        var session = _rig.MakeSession(settings: UserspaceRig.Settings([], [], L2SpecificSublayer.Default, DataSequencing.NonIpOnly),
            send: true);
        session.Send(Convert.FromHexString(frame));
        Assert.Equal("00030000" + "00004444" + (isNumbered ? "40000000" : "00000000") + frame, _rig.PeerReceives());
    }

    [Fact]
    public async Task Counters_are_read_by_ids_and_tunnels_count_what_ended_sessions_did()
    {
        var session = MakeV2();
        session.Send([1, 2, 3]);
        _rig.PeerSends("0002 1111 3333 aa"); // nobody takes it yet: the first is kept
        _rig.PeerSends("0002 1111 3333 aa"); // this one is an error
        var tunnel = new TunnelId(UserspaceRig.OurTunnel);
        var id = new SessionId(UserspaceRig.OurSession);
        var asked = _rig.DataPlane.ReadAsync([(tunnel, id), (tunnel, SessionId.None), (new(9), new(9))]);
        _rig.Rig.Turn();
        var statistics = await asked;
        Assert.Equal(2, statistics.Count);
        Assert.Equal(new TrafficCounters(1, 9, 0, 2, 14, 1, 0, 0, 0, 0), statistics[(tunnel, id)]);
        Assert.Equal(statistics[(tunnel, id)], statistics[(tunnel, SessionId.None)]);
        _rig.DataPlane.DestroySession(UserspaceRig.SessionKey);
        asked = _rig.DataPlane.ReadAsync([(tunnel, SessionId.None)]);
        _rig.Rig.Turn();
        Assert.Equal(1UL, (await asked)[(tunnel, SessionId.None)].TransmitPackets);
    }

    [Fact]
    public void Nothing_is_left_of_what_was_destroyed()
    {
        var session = MakeV2();
        session.Port = _port;
        Assert.Equal(2, _rig.DataPlane.Remaining);
        _rig.DataPlane.DestroyTunnel(UserspaceRig.TunnelKey);
        Assert.Equal(0, _rig.DataPlane.Remaining);
        Assert.False(_rig.DataPlane.TryFindSession(UserspaceRig.SessionKey, out _));
        _rig.PeerSends("0002 1111 3333 aa");
        Assert.Empty(_port.Received);
        _rig.DataPlane.CreateSession(UserspaceRig.SessionKey, session.Parameters);
        Assert.IsType<SessionFailed>(_rig.Rig.Inputs[^1]);
    }

    /// <summary>Out and in again through the kernel, 64 at a time, as under load.</summary>
    [Fact]
    public void No_packet_allocates()
    {
        var session = MakeV2();
        var port = new CountingPort();
        session.Port = port;
        var payload = new byte[1_400];
        var datagram = Convert.FromHexString("000211113333" + new string('5', 2_800));
        var rounds = 0;
        void Exchange(int times)
        {
            for (var round = 0; round < times; round++, rounds++)
            {
                for (var i = 0; i < 64; i++)
                    session.Send(payload);
                _rig.Loop.OnTurn(MonotonicClock.NowMilliseconds);
                for (var i = 0; i < 64; i++)
                    _rig.Peer.Send(datagram);
                _rig.Rig.Events.RunOnce(MonotonicClock.NowMilliseconds + 5_000);
            }
        }

        Exchange(50);
        Assert.Equal(0, Allocations.Of(() => Exchange(100)));
        Assert.Equal(64 * rounds, port.Count);
        Assert.Equal(1_400, port.Longest);
    }

    private UserspaceSession MakeV2()
    {
        _rig.MakeTunnel(ProtocolVersion.V2);
        return _rig.MakeSession();
    }

    private sealed class CountingPort : ISessionPort
    {
        public int Count { get; private set; }

        public int Longest { get; private set; }

        public void Receive(ReadOnlySpan<byte> payload)
        {
            Count++;
            Longest = Math.Max(Longest, payload.Length);
        }
    }
}
