using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>Servers that are reached by connections (RFC 6613, RFC 6614).</summary>
public sealed class ConnectionTests
{
    private static readonly ServerSocket First = new(0, RadiusService.Authentication, 0);

    private static RadiusServer Stream(string name) =>
        ClientRig.Server(name) with { IsStream = true, HasStatusServer = true, MaxOutstanding = 255 };

    private static ClientRig Started(params RadiusServer[] servers)
    {
        var rig = new ClientRig(servers);
        rig.Client.Start();
        return rig;
    }

    [Fact]
    public void Requests_of_both_services_wait_for_the_connection_and_share_it()
    {
        var rig = Started(Stream("a"));
        Assert.Equal(["connect 0/0"], rig.Connections);
        rig.Submit(1);
        rig.Submit(2, new ClientRig.StopRequest());
        Assert.Empty(rig.Sent);
        rig.Client.Connected(First, rig.Now);
        Assert.Equal([First, First], rig.Sent.Select(static sent => sent.Socket));
        Assert.DoesNotContain(rig.Sent, static sent => sent.Packet[1] == 0);
        rig.Answer(rig.Sent[1], RadiusCode.AccountingResponse);
        rig.Answer(rig.Sent[0]);
        Assert.Equal(["2 AccountingResponse from 0", "1 AccessAccept from 0"], rig.Outcomes);
    }

    [Fact]
    public void Nothing_is_sent_twice_on_one_connection_and_the_wait_is_that_of_all_packets()
    {
        var rig = Started(Stream("a") with { HasStatusServer = false });
        rig.Client.Connected(First, rig.Now);
        rig.Submit(1);
        rig.RunTo(5_999);
        Assert.Single(rig.Sent);
        Assert.Empty(rig.Outcomes);
        rig.RunTo(6_000);
        Assert.Equal(["1 unanswered"], rig.Outcomes);
        Assert.Single(rig.Sent);
        Assert.Equal(1, rig.Client.CountersOf(0).Timeouts);
    }

    [Fact]
    public void Requests_in_flight_are_written_again_for_the_new_connection()
    {
        var rig = Started(Stream("a"));
        rig.Client.Connected(First, rig.Now);
        rig.Submit(1);
        rig.Client.Disconnected(First, rig.Now);
        Assert.Equal(1, rig.Client.Outstanding);
        rig.RunTo(999);
        Assert.Single(rig.Connections);
        rig.RunTo(1_000);
        Assert.Equal(["connect 0/0", "connect 0/0"], rig.Connections);
        rig.Client.Connected(First, rig.Now);
        Assert.Equal(2, rig.Sent.Count);
        Assert.NotEqual(rig.Sent[0].Packet[4..20], rig.Sent[1].Packet[4..20]);
        rig.Answer(rig.Sent[0]);
        Assert.Empty(rig.Outcomes);
        // The first packet's answer came on a connection that no longer exists: on this one it is a forgery.
        Assert.Equal("disconnect 0/0", rig.Connections[^1]);
    }

    [Fact]
    public void Requests_in_flight_go_to_another_server_that_answers()
    {
        var rig = Started(Stream("a"), ClientRig.Server("b"));
        rig.Client.Connected(First, rig.Now);
        rig.Submit(1, group: new ServerGroup([0, 1]));
        rig.Client.Disconnected(First, rig.Now);
        Assert.Equal(1, rig.Last.Socket.Server);
        rig.Answer(rig.Last);
        Assert.Equal(["1 AccessAccept from 1"], rig.Outcomes);
        // While there is no connection, others are asked first; then it is the first again.
        rig.Submit(2, group: new ServerGroup([0, 1]));
        Assert.Equal(1, rig.Last.Socket.Server);
        rig.Client.Connected(First, rig.Now);
        rig.Submit(3, group: new ServerGroup([0, 1]));
        Assert.Equal(0, rig.Last.Socket.Server);
    }

    [Fact]
    public void A_request_waits_for_a_connection_no_longer_than_for_an_answer()
    {
        var rig = Started(Stream("a"), ClientRig.Server("b"));
        rig.Client.Connected(First, rig.Now);
        rig.Client.Disconnected(First, rig.Now);
        rig.Submit(1);
        rig.RunTo(6_000);
        Assert.Equal(["1 unanswered"], rig.Outcomes);
    }

    [Fact]
    public void Failed_attempts_double_the_wait_and_an_answer_resets_it()
    {
        var rig = Started(Stream("a"));
        var at = new List<long>();
        for (var i = 0; i < 9; i++)
        {
            rig.Client.Disconnected(First, rig.Now);
            var before = rig.Now;
            rig.RunTo(rig.Client.NextDeadline);
            at.Add(rig.Now - before);
        }

        Assert.Equal([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000], at);
        Assert.Equal(ServerState.Dead, rig.Client.StateOf(0));
        rig.Client.Connected(First, rig.Now);
        Assert.Equal(ServerState.Alive, rig.Client.StateOf(0));
        rig.Submit(1);
        rig.Answer(rig.Last);
        rig.Client.Disconnected(First, rig.Now);
        Assert.Equal(rig.Now + 1_000, rig.Client.NextDeadline);
    }

    [Fact]
    public void A_server_that_takes_connections_and_closes_them_is_suspect()
    {
        var rig = Started(Stream("a"));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(ServerState.Alive, rig.Client.StateOf(0));
            rig.Client.Connected(First, rig.Now);
            rig.Client.Disconnected(First, rig.Now);
            rig.RunTo(rig.Client.NextDeadline);
        }

        Assert.Equal(ServerState.Suspect, rig.Client.StateOf(0));
    }

    [Fact]
    public void An_idle_connection_is_watched_by_Status_Server_with_identifier_0()
    {
        var rig = Started(Stream("a"));
        rig.Client.Connected(First, rig.Now);
        rig.RunTo(30_000);
        Assert.Equal(((byte)RadiusCode.StatusServer, (byte)0), (rig.Last.Packet[0], rig.Last.Packet[1]));
        rig.Answer(rig.Last);
        rig.RunTo(60_000);
        Assert.Equal(2, rig.Sent.Count);
        // It is not answered: suspect after one interval, closed after two (RFC 3539 section 3.4.1).
        rig.RunTo(89_999);
        Assert.Equal(ServerState.Alive, rig.Client.StateOf(0));
        rig.RunTo(90_000);
        Assert.Equal(ServerState.Suspect, rig.Client.StateOf(0));
        Assert.Single(rig.Connections);
        rig.RunTo(120_000);
        Assert.Equal("disconnect 0/0", rig.Connections[^1]);
        Assert.Equal(2, rig.Sent.Count);
    }

    [Fact]
    public void A_server_that_may_ignore_Status_Server_keeps_its_connection()
    {
        var rig = Started(Stream("a") with { MayIgnoreStatusServer = true });
        rig.Client.Connected(First, rig.Now);
        rig.RunTo(600_000);
        Assert.Equal(["connect 0/0"], rig.Connections);
        Assert.Equal(ServerState.Alive, rig.Client.StateOf(0));
    }

    [Fact]
    public void Answers_put_the_watchdog_off()
    {
        var rig = Started(Stream("a"));
        rig.Client.Connected(First, rig.Now);
        rig.RunTo(20_000);
        rig.Submit(1);
        rig.Answer(rig.Last);
        rig.RunTo(49_999);
        Assert.Single(rig.Sent);
        rig.RunTo(50_000);
        Assert.Equal(2, rig.Sent.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_not_RADIUS_or_not_authentic_closes_the_connection(bool isMalformed)
    {
        var rig = Started(Stream("a"));
        rig.Client.Connected(First, rig.Now);
        rig.Submit(1);
        if (isMalformed)
            rig.Client.Receive(First, new byte[30], rig.Now);
        else
            rig.Answer(rig.Last, secret: "another");
        Assert.Equal("disconnect 0/0", rig.Connections[^1]);
        Assert.Empty(rig.Outcomes);
        Assert.Equal(1, rig.Client.Outstanding);
    }

    [Fact]
    public void A_late_answer_is_no_reason_to_close_it()
    {
        var rig = Started(Stream("a"));
        rig.Client.Connected(First, rig.Now);
        rig.Submit(1);
        rig.Client.Cancel(1, rig.Now);
        rig.Answer(rig.Last);
        Assert.Equal(["connect 0/0"], rig.Connections);
        Assert.Equal(1, rig.Client.CountersOf(0).Unexpected);
    }

    [Fact]
    public void A_connection_has_255_requests_and_the_rest_waits()
    {
        var rig = Started(Stream("a"));
        rig.Client.Connected(First, rig.Now);
        for (var i = 0; i < 300; i++)
            rig.Submit((ulong)i);
        Assert.Equal((255, 45), (rig.Sent.Count, rig.Client.WaitingOf(0)));
        Assert.Equal(255, rig.Sent.Select(static sent => sent.Packet[1]).Distinct().Count());
        foreach (var sent in rig.Sent.ToArray())
            rig.Answer(sent);
        Assert.Equal(300, rig.Sent.Count);
        Assert.Equal(["connect 0/0"], rig.Connections);
    }

    [Fact]
    public void More_connections_are_opened_where_the_limit_needs_them()
    {
        var rig = Started(Stream("a") with { MaxOutstanding = 500 });
        rig.Client.Connected(First, rig.Now);
        for (var i = 0; i < 600; i++)
            rig.Submit((ulong)i);
        Assert.Equal(["connect 0/0", "connect 0/1"], rig.Connections);
        Assert.Equal(255, rig.Sent.Count);
        rig.Client.Connected(First with { Number = 1 }, rig.Now);
        Assert.Equal((500, 2), (rig.Sent.Count, rig.Client.ConnectionsOf(0)));
        Assert.Equal(["connect 0/0", "connect 0/1"], rig.Connections);
    }

    [Fact]
    public void Reports_of_unknown_connections_have_no_effect()
    {
        var rig = Started(Stream("a"), ClientRig.Server("b"));
        rig.Client.Connected(First with { Number = 7 }, 0);
        rig.Client.Disconnected(new ServerSocket(1, RadiusService.Authentication, 0), 0);
        Assert.Equal(ServerState.Alive, rig.Client.StateOf(1));
        Assert.Equal(0, rig.Client.ConnectionsOf(0));
    }
}
