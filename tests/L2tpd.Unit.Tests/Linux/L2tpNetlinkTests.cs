using System.Buffers.Binary;
using System.Net;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;

namespace L2tpd.Unit.Tests.Linux;

public sealed class L2tpNetlinkTests
{
    private const string Request = "21000500 "; // family 0x21, NLM_F_REQUEST | NLM_F_ACK
    private const string DumpRequest = "21000503 ";

    private static L2tpNetlink Open(ScriptedKernel kernel)
    {
        Assert.Equal(LinuxError.None, L2tpNetlink.TryOpen(kernel, out var netlink, TimeSpan.FromSeconds(1)));
        return netlink!;
    }

    private static ScriptedKernel Acks(int count = 1)
    {
        var kernel = ScriptedKernel.WithFamily();
        for (var i = 0; i < count; i++)
            kernel.On(request => [ScriptedKernel.Ack(request, 0)]);
        return kernel;
    }

    [Fact]
    public void Family_is_asked_for_by_name()
    {
        var kernel = Acks();
        using var netlink = Open(kernel);
        Assert.Equal("10000500 " + "03010000" + "09000200" + "6c32747000000000", ScriptedKernel.Body(kernel.Requests[0]));
        Assert.Equal(((ushort)0x21, 7u), (netlink.FamilyId, netlink.MulticastGroup));
    }

    [Fact]
    public void No_family_is_ENOENT_and_closes_the_transport()
    {
        var kernel = new ScriptedKernel().On(request => [ScriptedKernel.Ack(request, Errno.ENOENT)]);
        var error = L2tpNetlink.TryOpen(kernel, out var netlink);
        Assert.Null(netlink);
        Assert.True(kernel.IsDisposed);
        Assert.Equal("CTRL_CMD_GETFAMILY generic netlink family l2tp: ENOENT (No such file or directory)", error.ToString());
    }

    [Fact]
    public void Managed_tunnel()
    {
        var kernel = Acks();
        using var netlink = Open(kernel);
        using var descriptor = NullDevice();
        var tunnel = new L2tpTunnelRequest { TunnelId = 0x1122, PeerTunnelId = 0x3344, Version = 2, Socket = descriptor };
        var error = netlink.CreateTunnel(tunnel);
        Assert.Equal(LinuxError.None, error);
        var number = Convert.ToHexStringLower(BitConverter.GetBytes(descriptor.Number));
        Assert.Equal(
            Request + "01010000" + "08000900" + "22110000" + "08000a00" + "44330000" + "05000700" + "02000000" + "06000200" +
                "00000000" + "08001700" + number,
            ScriptedKernel.Body(kernel.Requests[1]));
    }

    [Fact]
    public void Static_tunnels()
    {
        var kernel = Acks(3);
        using var netlink = Open(kernel);
        var tunnel = new L2tpTunnelRequest
        {
            TunnelId = 1,
            PeerTunnelId = 2,
            Version = 3,
            LocalAddress = IPAddress.Parse("192.0.2.1"),
            PeerAddress = IPAddress.Parse("192.0.2.2"),
            LocalPort = 1701,
            PeerPort = 5000,
            UdpChecksum = true,
        };
        Assert.True(netlink.CreateTunnel(tunnel).IsNone);
        Assert.True(netlink.CreateTunnel(tunnel with { Encapsulation = L2tpEncapsulation.Ip }).IsNone);
        Assert.True(netlink.CreateTunnel(tunnel with
        {
            LocalAddress = IPAddress.Parse("2001:db8::1"),
            PeerAddress = IPAddress.Parse("2001:db8::2"),
            UdpChecksum = false,
            ZeroChecksum6Transmit = true,
            ZeroChecksum6Receive = true,
        }).IsNone);
        const string ids = "01010000" + "0800090001000000" + "08000a0002000000" + "0500070003000000";
        Assert.Equal(
            Request + ids + "0600020000000000" + "08001800c0000201" + "08001900c0000202" + "06001a00a5060000" + "06001b0088130000" +
                "05000d0001000000",
            ScriptedKernel.Body(kernel.Requests[1]));
        Assert.Equal(Request + ids + "0600020001000000" + "08001800c0000201" + "08001900c0000202", ScriptedKernel.Body(kernel.Requests[2]));
        Assert.Equal(
            Request + ids + "0600020000000000" + "14001f0020010db8000000000000000000000001" + "1400200020010db8000000000000000000000002" +
            "06001a00a5060000" + "06001b0088130000" + "04002100" + "04002200",
            ScriptedKernel.Body(kernel.Requests[3]));
    }

    [Fact]
    public void Sessions()
    {
        var kernel = Acks(2);
        using var netlink = Open(kernel);
        Assert.True(netlink.CreateSession(new L2tpSessionRequest
        {
            TunnelId = 1,
            SessionId = 2,
            PeerSessionId = 3,
            Pseudowire = L2tpPseudowire.Ppp,
            LnsMode = true,
            SendSequence = true,
            ReorderTimeout = TimeSpan.FromMilliseconds(300),
        }).IsNone);
        Assert.True(netlink.CreateSession(new L2tpSessionRequest
        {
            TunnelId = 1,
            SessionId = 2,
            PeerSessionId = 3,
            Pseudowire = L2tpPseudowire.Ethernet,
            L2SpecificSublayer = true,
            Cookie = new byte[] { 1, 2, 3, 4 },
            PeerCookie = new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 },
            ReceiveSequence = true,
            InterfaceName = "eth-l2",
        }).IsNone);
        const string ids = "05010000" + "0800090001000000" + "08000b0002000000" + "08000c0003000000";
        Assert.Equal(
            Request + ids + "0600010007000000" + "0500050000000000" + "0500120000000000" + "0500130001000000" + "0500140001000000" +
                "0c0016002c01000000000000",
            ScriptedKernel.Body(kernel.Requests[1]));
        Assert.Equal(
            Request + ids + "0600010005000000" + "0500050001000000" + "08000f0001020304" + "0c0010000102030405060708" +
            "0500120001000000" + "0500130000000000" + "0500140000000000" + "0b0008006574682d6c320000",
            ScriptedKernel.Body(kernel.Requests[2]));
    }

    [Fact]
    public void Session_that_cannot_be_is_refused_without_asking()
    {
        var kernel = Acks();
        using var netlink = Open(kernel);
        var session = new L2tpSessionRequest { TunnelId = 1, SessionId = 2, PeerSessionId = 3, Pseudowire = L2tpPseudowire.Ethernet };
        Assert.Equal(Errno.EINVAL, netlink.CreateSession(session with { Cookie = new byte[3] }).Errno);
        Assert.Equal(Errno.EINVAL, netlink.CreateSession(session with { PeerCookie = new byte[9] }).Errno);
        Assert.Equal(Errno.ERANGE, netlink.CreateSession(session with { InterfaceName = "sixteen-octets-x" }).Errno);
        Assert.Single(kernel.Requests);
    }

    [Fact]
    public void Deletes_and_changes()
    {
        var kernel = Acks(4);
        using var netlink = Open(kernel);
        Assert.True(netlink.DeleteTunnel(9).IsNone);
        Assert.True(netlink.ModifyTunnel(9).IsNone);
        Assert.True(netlink.DeleteSession(9, 8).IsNone);
        var change = new L2tpSessionChange { LnsMode = false, SendSequence = true, ReorderTimeout = TimeSpan.Zero };
        Assert.True(netlink.ModifySession(9, 8, change).IsNone);
        Assert.Equal(Request + "02010000" + "0800090009000000", ScriptedKernel.Body(kernel.Requests[1]));
        Assert.Equal(Request + "03010000" + "0800090009000000", ScriptedKernel.Body(kernel.Requests[2]));
        Assert.Equal(Request + "06010000" + "0800090009000000" + "08000b0008000000", ScriptedKernel.Body(kernel.Requests[3]));
        Assert.Equal(
            Request + "07010000" + "0800090009000000" + "08000b0008000000" + "0500130001000000" + "0500140000000000" +
                "0c0016000000000000000000",
            ScriptedKernel.Body(kernel.Requests[4]));
    }

    [Fact]
    public void Tunnel_is_read_with_statistics()
    {
        var kernel = ScriptedKernel.WithFamily().On(request =>
        [
            ScriptedKernel.Message(request, ScriptedKernel.Family, 0, ScriptedKernel.Hex(
                "04010000" + "0500070003000000" + "0800090001000000" + "08000a0002000000" + "0600020000000000" + "08001100" + "00000000" +
                "34001e00" + "0c0001000100000000000000" + "0c0002000002000000000000" + "0c0003000300000000000000" +
                "0c000b000b00000000000000" +
                "08001800c0000201" + "08001900c0000202" + "06001a00a5060000" + "06001b0088130000" + "05000d0001000000")),
            ScriptedKernel.Ack(request, 0),
        ]);
        using var netlink = Open(kernel);
        Assert.True(netlink.GetTunnel(1, out var tunnel).IsNone);
        Assert.Equal(
            new L2tpTunnelInfo
            {
                TunnelId = 1,
                PeerTunnelId = 2,
                Version = 3,
                LocalAddress = IPAddress.Parse("192.0.2.1"),
                PeerAddress = IPAddress.Parse("192.0.2.2"),
                LocalPort = 1701,
                PeerPort = 5000,
                UdpChecksum = true,
                Statistics = new L2tpStatistics { TransmitPackets = 1, TransmitBytes = 512, TransmitErrors = 3, ReceiveInvalid = 11 },
            },
            tunnel);
    }

    private const string Session2 = "08010000" + "0800090001000000" + "08000b0002000000" + "08000a0005000000" + "08000c0006000000" +
        "0600010007000000" +
        "0500120001000000" + "0500130001000000" + "0500140001000000" + "0500150000000000" + "0c0016002c01000000000000" +
        "090008007070703000000000" +
        "08000f00aabbccdd";

    private const string Session0 = "08010000" + "0800090001000000" + "08000b0000000000";

    [Fact]
    public void Dump_runs_over_several_datagrams_and_leaves_management_sockets_out()
    {
        var kernel = ScriptedKernel.WithFamily().On(request =>
        [
            [.. Multi(request, Session2), .. Multi(request, Session0)],
            Multi(request, Session2),
            ScriptedKernel.Done(request),
        ]);
        using var netlink = Open(kernel);
        Assert.True(netlink.ListSessions(out var sessions).IsNone);
        Assert.Equal(DumpRequest + "08010000", ScriptedKernel.Body(kernel.Requests[1]));
        Assert.Equal(2, sessions.Count);
        var session = sessions[0];
        Assert.Equal((1u, 2u, 5u, 6u), (session.TunnelId, session.SessionId, session.PeerTunnelId, session.PeerSessionId));
        Assert.Equal(
            ("ppp0", L2tpPseudowire.Ppp, TimeSpan.FromMilliseconds(300)),
            (session.InterfaceName, session.Pseudowire, session.ReorderTimeout));
        Assert.Equal((true, true, true, false), (session.ReceiveSequence, session.SendSequence, session.LnsMode, session.UsingIpsec));
        Assert.Equal(new byte[] { 0xaa, 0xbb, 0xcc, 0xdd }, session.Cookie);
    }

    [Fact]
    public void Inconsistent_dump_is_asked_for_again()
    {
        var kernel = ScriptedKernel.WithFamily()
            .On(request => [Multi(request, Session2), ScriptedKernel.Message(request, 3, 0x12, new byte[4])])
            .On(request => [Multi(request, Session2), ScriptedKernel.Done(request)]);
        using var netlink = Open(kernel);
        Assert.True(netlink.ListSessions(out var sessions).IsNone);
        Assert.Single(sessions);
        Assert.Equal(3, kernel.Requests.Count);
    }

    [Fact]
    public void Dump_that_never_holds_still_is_an_error()
    {
        var kernel = ScriptedKernel.WithFamily();
        for (var i = 0; i < 5; i++)
            kernel.On(request => [ScriptedKernel.Message(request, 3, 0x12, new byte[4])]);
        using var netlink = Open(kernel);
        Assert.Equal(Errno.EINTR, netlink.ListTunnels(out _).Errno);
    }

    [Fact]
    public void Dump_can_end_in_an_error_or_overrun()
    {
        var kernel = ScriptedKernel.WithFamily()
            .On(request => [ScriptedKernel.Done(request, Errno.EPERM)])
            .On(request => [ScriptedKernel.Message(request, 4, 0, [])]);
        using var netlink = Open(kernel);
        Assert.Equal(Errno.EPERM, netlink.ListTunnels(out _).Errno);
        Assert.Equal(Errno.ENOBUFS, netlink.ListTunnels(out _).Errno);
    }

    [Fact]
    public void The_kernels_text_is_in_the_error()
    {
        var kernel = ScriptedKernel.WithFamily()
            .On(request => [ScriptedKernel.Ack(request, Errno.EINVAL, "Attribute failed policy validation")]);
        using var netlink = Open(kernel);
        Assert.Equal(
            "TUNNEL_DELETE tunnel 9: Attribute failed policy validation: EINVAL (Invalid argument)", netlink.DeleteTunnel(9).ToString());
    }

    [Fact]
    public void Attributes_of_an_error_follow_the_whole_request_where_it_is_not_capped()
    {
        var kernel = ScriptedKernel.WithFamily().On(request =>
        [
            ScriptedKernel.Message(
                request, 2, 0x200,
                [.. BitConverter.GetBytes(-Errno.EINVAL), .. request, .. ScriptedKernel.Hex("08000200 14000000 08000500 09000000")]),
        ]);
        using var netlink = Open(kernel);
        Assert.Equal("tunnel 9: at octet 20 of the request, attribute 9 missing", netlink.DeleteTunnel(9).What);
    }

    [Fact]
    public void Answers_to_others_and_older_requests_are_passed_over()
    {
        var kernel = ScriptedKernel.WithFamily().On(request =>
        {
            var older = ScriptedKernel.Ack(request, Errno.EPERM);
            older[8] ^= 1;
            var foreign = ScriptedKernel.Ack(request, Errno.EPERM);
            BinaryPrimitives.WriteUInt32LittleEndian(foreign.AsSpan(12), ScriptedKernel.Port + 1);
            return [older, foreign, ScriptedKernel.Ack(request, 0)];
        });
        using var netlink = Open(kernel);
        Assert.True(netlink.DeleteTunnel(9).IsNone);
        Assert.NotEqual(kernel.Requests[0][8], kernel.Requests[1][8]);
    }

    [Fact]
    public void Silence_is_a_timeout_and_a_failed_send_an_error()
    {
        var kernel = ScriptedKernel.WithFamily();
        using var netlink = Open(kernel);
        Assert.Equal(Errno.ETIMEDOUT, netlink.DeleteTunnel(9).Errno);
        kernel.SendErrno = Errno.ENOBUFS;
        Assert.Equal(Errno.ENOBUFS, netlink.DeleteTunnel(9).Errno);
    }

    [Fact]
    public void Answer_without_data_is_an_error()
    {
        using var netlink = Open(Acks());
        Assert.Equal(Errno.EBADMSG, netlink.GetTunnel(1, out var tunnel).Errno);
        Assert.Null(tunnel);
    }

    [Fact]
    public void An_id_still_being_deleted_is_told_at_once()
    {
        var kernel = ScriptedKernel.WithFamily().On(request => [ScriptedKernel.Ack(request, Errno.EEXIST)]);
        using var netlink = Open(kernel);
        var error = netlink.CreateSession(
            new L2tpSessionRequest { TunnelId = 1, SessionId = 2, PeerSessionId = 3, Pseudowire = L2tpPseudowire.Ppp });
        Assert.Equal(Errno.EEXIST, error.Errno);
        Assert.Equal(2, kernel.Requests.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0801")]
    [InlineData("08010000" + "0300")]
    [InlineData("08010000" + "0300090001000000")]
    [InlineData("08010000" + "ffff090001000000")]
    [InlineData("08010000" + "0500090001000000")]
    [InlineData("08010000" + "06001e0001000000")]
    public void Broken_answers_are_read_as_far_as_they_go(string payload)
    {
        var kernel = ScriptedKernel.WithFamily().On(request => [Multi(request, payload), ScriptedKernel.Done(request)]);
        using var netlink = Open(kernel);
        Assert.True(netlink.ListTunnels(out var tunnels).IsNone);
        Assert.Equal(0u, Assert.Single(tunnels).TunnelId);
    }

    [Fact]
    public void Events_name_their_object()
    {
        var transport = new ScriptedKernel().On(request =>
        [
            ScriptedKernel.Message(new byte[16], ScriptedKernel.Family, 0, ScriptedKernel.Hex("02010000" + "0800090009000000")),
            ScriptedKernel.Message(
                new byte[16], ScriptedKernel.Family, 0, ScriptedKernel.Hex("05010000" + "0800090009000000" + "08000b0007000000")),
            ScriptedKernel.Message(new byte[16], ScriptedKernel.Family, 0, ScriptedKernel.Hex("63010000")),
        ]);
        using var descriptor = new FileDescriptor(-1);
        using var events = new L2tpEvents(transport, descriptor, ScriptedKernel.Family);
        transport.Send(new byte[16]);
        var list = new List<L2tpEvent>();
        Assert.True(events.Read(list).IsNone);
        Assert.Equal(2, list.Count);
        Assert.Equal((L2tpEventKind.TunnelDeleted, 9u), (list[0].Kind, list[0].Tunnel!.TunnelId));
        Assert.Equal((L2tpEventKind.SessionCreated, 9u, 7u), (list[1].Kind, list[1].Session!.TunnelId, list[1].Session!.SessionId));
    }

    private static byte[] Multi(byte[] request, string payload) =>
        ScriptedKernel.Message(request, ScriptedKernel.Family, 2, ScriptedKernel.Hex(payload));

    private static FileDescriptor NullDevice()
    {
        using var file = File.OpenHandle("/dev/null");
        using var borrowed = new FileDescriptor((int)file.DangerousGetHandle());
        file.SetHandleAsInvalid();
        return borrowed.Duplicate();
    }
}
