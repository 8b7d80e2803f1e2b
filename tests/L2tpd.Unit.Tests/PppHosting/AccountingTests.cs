using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Events;
using L2tpd.Ppp;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>The reports of sessions to an access back end, and its requests: the interface for RADIUS.</summary>
public sealed class AccountingTests
{
    private static readonly PppProfile Server = new()
    {
        Name = "p",
        Backend = PppBackend.BuiltIn,
        Local = IPAddress.Parse("10.0.0.1"),
        Pool = [new AddressRange(IPAddress.Parse("10.0.0.10"), IPAddress.Parse("10.0.0.20"))],
        Authentication = [PppAuthentication.Chap],
        EchoInterval = TimeSpan.Zero,
        InterimInterval = TimeSpan.FromSeconds(60),
    };

    private static readonly PppProfile Client = BuiltInRig.Client;

    [Fact]
    public void Records_carry_counters_time_and_cause()
    {
        using var rig = new BuiltInRig(Client, Server);
        var radius = Use(rig);
        rig.Start(0);
        var start = Assert.Single(radius.Records);
        Assert.Equal((AccountingStatus.Start, "user", "10.0.0.10"), (start.Status, start.UserName, start.Address.ToString()));
        rig.Pass(60_000);
        var interim = Assert.Single(radius.Records.Skip(1));
        Assert.Equal((AccountingStatus.Interim, 60_000L, new SessionCounters(1, 2, 3, 4)), (interim.Status, interim.SessionTime,
            interim.Counters));
        rig.Lns.Links[0].Counters = new SessionCounters(10, 20, 30, 40);
        // The peer terminated the link; a restart period passes in Stopping for its Terminate-Ack (RFC 1661 section 4.1, zrc).
        rig.Lac.Stop(0);
        rig.Pass(10_000);
        var stop = radius.Records[^1];
        Assert.Equal((AccountingStatus.Stop, 63_000L, new SessionCounters(10, 20, 30, 40), TerminateCause.UserRequest),
            (stop.Status, stop.SessionTime, stop.Counters, stop.TerminateCause));
        Assert.Equal(3, radius.Records.Count);
    }

    [Fact]
    public void A_data_plane_that_does_not_answer_holds_the_stop_up_for_two_seconds()
    {
        using var rig = new BuiltInRig(Client, Server);
        var radius = Use(rig);
        rig.Start(0);
        rig.Lns.Links[0].Counters = null;
        rig.Lns.Links[0].Observer.OnHangUp();
        rig.Pass(1_999);
        Assert.Single(radius.Records);
        rig.Pass(1);
        Assert.Equal((AccountingStatus.Stop, TerminateCause.LostCarrier, default(SessionCounters)),
            (radius.Records[^1].Status, radius.Records[^1].TerminateCause, radius.Records[^1].Counters));
        Assert.Empty(rig.Lns.Lent);
    }

    [Fact]
    public void A_verdict_may_come_later_and_a_superseded_one_counts_for_nothing()
    {
        using var rig = new BuiltInRig(Client, Server);
        var radius = Use(rig);
        radius.Silent = true;
        rig.Start(0);
        rig.Pass(2_000);
        Assert.Empty(rig.Lns.Ups);
        radius.Accept();
        rig.Run();
        Assert.Single(rig.Lns.Ups);
    }

    [Fact]
    public void Disconnect_closes_the_one_session_meant()
    {
        using var rig = new BuiltInRig(Client, Server, sessions: 2);
        var radius = Use(rig);
        rig.Start(0);
        rig.Start(1);
        radius.Ask(new AccessAnswer.Disconnect(1, new SessionIdentification { UserName = "user" }, "here"));
        radius.Ask(new AccessAnswer.Disconnect(2, new SessionIdentification { UserName = "nobody" }, "here"));
        radius.Ask(new AccessAnswer.Disconnect(3, new SessionIdentification(), "here"));
        radius.Ask(new AccessAnswer.Disconnect(4, new SessionIdentification { UserName = "user", Address = Ipv4Address.Parse("10.0.0.11") },
            "here"));
        rig.Pass(5_000);
        Assert.Equal([(1ul, ControlOutcome.SeveralSessions), (2ul, ControlOutcome.SessionNotFound), (3ul, ControlOutcome.MissingAttribute),
            (4ul, ControlOutcome.Done)],
            radius.Outcomes);
        Assert.Equal("disconnected by here", Assert.Single(rig.Lns.Ends).Reason);
        Assert.Equal((TerminateCause.AdminReset, "10.0.0.11"), (radius.Records[^1].TerminateCause, radius.Records[^1].Address.ToString()));
    }

    [Fact]
    public void Change_moves_the_timeouts_from_now()
    {
        using var rig = new BuiltInRig(Client, Server);
        var radius = Use(rig);
        rig.Start(0);
        rig.Pass(10_000);
        radius.Ask(new AccessAnswer.Change(1, new SessionIdentification { UserName = "user" }, "here",
            new AuthorisationChange { SessionTimeout = 30_000, InterimInterval = 0 }));
        radius.Ask(new AccessAnswer.Change(2, new SessionIdentification { UserName = "user" }, "here",
            new AuthorisationChange { Filters = ["filter"] }));
        rig.Run();
        rig.Pass(29_000);
        Assert.Equal([(1ul, ControlOutcome.Done), (2ul, ControlOutcome.UnsupportedAttribute)], radius.Outcomes);
        Assert.Empty(rig.Lns.Ends);
        rig.Pass(2_000);
        Assert.Equal("the session timeout was reached", Assert.Single(rig.Lns.Ends).Reason);
        Assert.DoesNotContain(radius.Records, static record => record.Status == AccountingStatus.Interim);
    }

    [Fact]
    public void The_second_network_layer_is_told_by_an_interim()
    {
        using var rig = new BuiltInRig(Client with { IPv6 = true }, Server with { IPv6 = true });
        var radius = Use(rig);
        rig.Start(0);
        Assert.Equal([AccountingStatus.Start, AccountingStatus.Interim], radius.Records.Select(static record => record.Status));
        var identifier = SessionDescription.IdentifierOf(rig.Lns.Links[0].Networks.Single(static network => network.IsIPv6).Peer!);
        Assert.Equal(("10.0.0.10", identifier), (radius.Records[1].Address.ToString(), radius.Records[1].InterfaceIdentifier));
        rig.Lac.Stop(0);
        rig.Pass(10_000);
        Assert.Equal((AccountingStatus.Stop, "10.0.0.10", identifier),
            (radius.Records[^1].Status, radius.Records[^1].Address.ToString(), radius.Records[^1].InterfaceIdentifier));
        Assert.Equal(3, radius.Records.Count);
    }

    [Fact]
    public void A_link_negotiated_anew_is_another_session_to_account()
    {
        using var rig = new BuiltInRig(Client, Server, sessions: 2);
        var radius = Use(rig);
        radius.BookName = "first";
        rig.Start(0);
        rig.Lns.Links[0].Counters = new SessionCounters(100, 200, 30, 40);
        radius.BookName = "second";
        rig.Pass(5_000);

        // The LAC's subscriber dials again without the LAC's endpoint: the endpoint of the rig's LAC answers the frames that follow.
        rig.Lns.Links[0].Receive("c021 0177 000a 0506 77777777".Replace(" ", "", StringComparison.Ordinal));
        rig.Pass(10_000);
        rig.Lns.Links[0].Counters = new SessionCounters(150, 260, 37, 48);
        rig.Lac.Stop(0);
        rig.Pass(10_000);
        Assert.Equal([AccountingStatus.Start, AccountingStatus.Stop, AccountingStatus.Start, AccountingStatus.Stop],
            radius.Records.Select(static record => record.Status));
        Assert.Equal(["first", "first", "second", "second"], radius.Records.Select(static record => record.UserName));
        Assert.Equal((5_000L, new SessionCounters(100, 200, 30, 40), "10.0.0.10"),
            (radius.Records[1].SessionTime, radius.Records[1].Counters, radius.Records[1].Address.ToString()));
        Assert.Equal((new SessionCounters(50, 60, 7, 8), "10.0.0.11"), (radius.Records[3].Counters, radius.Records[3].Address.ToString()));
        var ids = radius.Records.Select(static record => record.Session.SessionId).ToArray();
        Assert.True(ids[0] == ids[1] && ids[2] == ids[3] && ids[0] != ids[2]);
        Assert.Equal(ids[2], radius.Requests[^1].Session.SessionId);
        Assert.Equal(["10.0.0.10", "10.0.0.11"], rig.Lns.Ups.Select(static up => up.PeerAddress));
    }

    [Fact]
    public void A_backend_is_kept_until_its_last_record_is_stored()
    {
        using var rig = new BuiltInRig(Client, Server);
        var radius = Use(rig);
        radius.Delay = 4_000;
        rig.Start(0);
        rig.Lac.Stop(0);
        rig.Pass(3_500);
        Assert.Equal(AccountingStatus.Stop, radius.Records[^1].Status);
        Assert.Single(rig.Lns.Ends);
        Assert.Equal(1, rig.Lns.Backend.Running);
        rig.Pass(4_000);
        Assert.Equal((0, long.MaxValue), (rig.Lns.Backend.Running, rig.Lns.Backend.NextDeadline));

        // And without any session: a request from outside gets an answer.
        radius.Ask(new AccessAnswer.Disconnect(9, new SessionIdentification { UserName = "user" }, "here"));
        rig.Run();
        Assert.Equal([(9ul, ControlOutcome.SessionNotFound)], radius.Outcomes);
    }

    [Fact]
    public void A_backend_that_a_reload_takes_away_goes_when_its_work_is_done()
    {
        using var rig = new BuiltInRig(Client, Server);
        var first = Use(rig);
        rig.Start(0);
        var second = Use(rig);
        rig.Lns.Reload(Server with { SessionTimeout = TimeSpan.FromHours(1) });
        rig.Lns.Backend.Prepare();
        first.Ask(new AccessAnswer.Disconnect(1, new SessionIdentification { UserName = "user" }, "here"));
        rig.Pass(10_000);
        Assert.Equal([(1ul, ControlOutcome.Done)], first.Outcomes);
        Assert.Equal(AccountingStatus.Stop, first.Records[^1].Status);
        first.Ask(new AccessAnswer.Disconnect(2, new SessionIdentification { UserName = "user" }, "here"));
        rig.Run();
        Assert.Single(first.Outcomes);
        second.Ask(new AccessAnswer.Disconnect(3, new SessionIdentification { UserName = "user" }, "here"));
        rig.Run();
        Assert.Equal([(3ul, ControlOutcome.SessionNotFound)], second.Outcomes);
    }

    [Fact]
    public void The_server_says_when_it_begins_and_ends_and_names_the_run_in_every_session()
    {
        var access = new ScriptedAccess();
        string[] ids;
        using (var rig = new BuiltInRig(Client, Server, sessions: 2))
        {
            rig.Lns.Backend.AccessOf = _ => access;
            rig.Lns.Backend.Prepare();
            Assert.Equal(AccountingStatus.On, Assert.Single(access.OfServer).Status);
            rig.Start(0);
            rig.Start(1);
            rig.Lns.Reload(Server with { SessionTimeout = TimeSpan.FromHours(1) });
            rig.Lns.Backend.Prepare();
            Assert.Equal([1u, 2u], access.Records.Select(static record => record.Session.NasPort));
            ids = [.. access.Records.Select(static record => record.Session.SessionId)];
            Assert.All(access.Records, static record => Assert.Equal((Environment.MachineName, "1000000000"), (record.Session.NasIdentifier,
                record.Session.ConnectInfo)));
        }

        Assert.Equal([AccountingStatus.On, AccountingStatus.Off], access.OfServer.Select(static record => record.Status));
        Assert.Equal([AccountingStatus.Stop, AccountingStatus.Stop], access.Records.Skip(2).Select(static record => record.Status));
        Assert.All(ids, id => Assert.StartsWith(access.OfServer[0].Session.SessionId + "-", id, StringComparison.Ordinal));
        using var again = new BuiltInRig(Client, Server);
        again.Lns.Backend.AccessOf = _ => access;
        again.Start(0);
        Assert.DoesNotContain(access.Records[^1].Session.SessionId, ids);
    }

    [Fact]
    public void Ports_are_the_lowest_that_are_free()
    {
        var ports = new PortNumbers();
        Assert.Equal([1u, 2u, 3u], Enumerable.Range(0, 3).Select(_ => ports.Take()));
        ports.GiveBack(3);
        ports.GiveBack(1);
        Assert.Equal([1u, 3u, 4u], Enumerable.Range(0, 3).Select(_ => ports.Take()));
    }

    [Theory]
    [InlineData(EndCause.PeerUnreachable, TerminateCause.LostCarrier)]
    [InlineData(EndCause.ShutDown, TerminateCause.AdminReboot)]
    [InlineData(EndCause.Administrative, TerminateCause.AdminReset)]
    [InlineData(EndCause.DataPlane, TerminateCause.NasError)]
    public void The_end_of_the_L2TP_session_is_the_cause(EndCause cause, TerminateCause expected) =>
        Assert.Equal(expected, PppEndCodes.TerminateCauseOf(new EndReason { Cause = cause, Text = "x" }));

    /// <summary>A CDN of the LAC: result, PPP cause code and direction (65535: no such AVP), and the cause for accounting.</summary>
    [Theory]
    [InlineData(1, 65535, 0, TerminateCause.LostCarrier)]
    [InlineData(2, 65535, 0, TerminateCause.LostService)]
    [InlineData(3, 65535, 0, TerminateCause.NasRequest)]
    [InlineData(4, 65535, 0, TerminateCause.ServiceUnavailable)]
    [InlineData(5, 65535, 0, TerminateCause.ServiceUnavailable)]
    [InlineData(7, 65535, 0, TerminateCause.LostCarrier)]
    [InlineData(8, 65535, 0, TerminateCause.LostCarrier)]
    [InlineData(9, 65535, 0, TerminateCause.LostCarrier)]
    [InlineData(3, 0, 0, TerminateCause.NasRequest)]
    [InlineData(3, 1, 0, TerminateCause.NasRequest)]
    [InlineData(3, 2, 0, TerminateCause.NasRequest)]
    [InlineData(3, 3, 1, TerminateCause.UserRequest)]
    [InlineData(3, 3, 2, TerminateCause.NasRequest)]
    [InlineData(3, 4, 0, TerminateCause.UserError)]
    [InlineData(3, 5, 0, TerminateCause.LostCarrier)]
    [InlineData(3, 6, 0, TerminateCause.LostCarrier)]
    [InlineData(3, 7, 0, TerminateCause.PortError)]
    [InlineData(3, 8, 0, TerminateCause.LostCarrier)]
    [InlineData(3, 9, 0, TerminateCause.UserError)]
    [InlineData(3, 16, 2, TerminateCause.UserError)]
    [InlineData(3, 20, 0, TerminateCause.UserError)]
    [InlineData(3, 21, 0, TerminateCause.NasRequest)]
    public void The_CDN_of_the_LAC_is_the_cause(ushort result, ushort code, byte direction, TerminateCause expected) =>
        Assert.Equal(expected, PppEndCodes.TerminateCauseOf(new EndReason
        {
            Cause = EndCause.ClosedByPeer, Text = "x", ResultIsCdn = true, ResultFromPeer = true, Result = new ResultCode(result),
            PppCause = code == 65535 ? null : new PppDisconnectCause((PppDisconnectCode)code, 0, direction),
        }));

    [Theory]
    [InlineData(6, TerminateCause.AdminReboot)]
    [InlineData(1, TerminateCause.LostCarrier)]
    public void The_StopCCN_of_the_LAC_is_the_cause(ushort result, TerminateCause expected) =>
        Assert.Equal(expected, PppEndCodes.TerminateCauseOf(new EndReason
        {
            Cause = EndCause.ClosedByPeer, Text = "x", ResultFromPeer = true, Result = new ResultCode(result),
        }));

    [Fact]
    public void Intervals_between_Interims_are_varied_where_the_host_varies_them()
    {
        using var rig = new BuiltInRig(Client, Server);
        var radius = Use(rig);
        rig.Lns.Backend.InterimSpread = static interval => interval - 6_000;
        rig.Start(0);
        rig.Pass(54_000);
        rig.Pass(54_000);
        Assert.Equal([AccountingStatus.Start, AccountingStatus.Interim, AccountingStatus.Interim],
            radius.Records.Select(static record => record.Status));
    }

    [Fact]
    public void The_path_bounds_what_PPP_agrees_on()
    {
        using var rig = new BuiltInRig(Client, Server with { Mtu = 1500, Mru = 1500 }) { PathMtu = 1500 };
        rig.Start(0);
        Assert.Equal((1400, 1456), (rig.Lns.Links[0].Framing!.TransmitLimit, rig.Lns.Links[0].Framing!.ReceiveLimit));
        Assert.Equal(1400, rig.Lac.Links[0].Framing!.TransmitLimit);
        Assert.Equal(1500 - 40 - 8 - 20 - 4, PathLimits.PayloadOf(1500, ipv6: true, ProtocolVersion.V3));
    }

    private static ScriptedAccess Use(BuiltInRig rig)
    {
        var access = new ScriptedAccess();
        rig.Lns.Backend.AccessOf = _ => access;
        return access;
    }

    private sealed class ScriptedAccess : IAccessBackend
    {
        private readonly Queue<AccessAnswer> _answers = new();
        private readonly Queue<(ulong Id, long Due)> _stored = new();
        private ulong _asked;

        public List<AccountingRecord> Records { get; } = [];

        /// <summary>Accounting-On and -Off.</summary>
        public List<AccountingRecord> OfServer { get; } = [];

        /// <summary>Records are stored this long after they arrived, if the deadline is kept; 0 to store them at once.</summary>
        public long Delay { get; set; }

        public string? BookName { get; set; }

        public List<AccessRequest> Requests { get; } = [];

        public List<(ulong Id, ControlOutcome Outcome)> Outcomes { get; } = [];

        public bool Silent { get; set; }

        public long NextDeadline => _stored.TryPeek(out var first) ? first.Due : long.MaxValue;

        public void Authenticate(ulong requestId, AccessRequest request, long now)
        {
            _asked = requestId;
            Requests.Add(request);
            if (!Silent)
                Accept();
        }

        public void Accept() =>
            _answers.Enqueue(new AccessAnswer.Authenticated(_asked, new AuthenticationResult { Accepted = true, UserName = BookName,
            Authorisation = new Authorisation() }));

        public void Ask(AccessAnswer request) => _answers.Enqueue(request);

        public void Account(ulong requestId, AccountingRecord record, long now)
        {
            (record.Status is AccountingStatus.On or AccountingStatus.Off ? OfServer : Records).Add(record);
            if (Delay > 0)
                _stored.Enqueue((requestId, now + Delay));
            else
                _answers.Enqueue(new AccessAnswer.Accounted(requestId, null));
        }

        public void Cancel(ulong requestId)
        {
        }

        public bool TryTake(out AccessAnswer? answer) => _answers.TryDequeue(out answer);

        public void Answer(ulong requestId, ControlOutcome outcome) => Outcomes.Add((requestId, outcome));

        public void HandleDeadline(long now)
        {
            while (_stored.TryPeek(out var first) && first.Due <= now)
                _answers.Enqueue(new AccessAnswer.Accounted(_stored.Dequeue().Id, null));
        }
    }
}
