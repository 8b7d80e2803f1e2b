using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>Accounting records on disk: when they go there, and how they come to a server in the end.</summary>
public sealed class AccountingSpoolTests : ISpoolObserver
{
    private readonly List<string> _reports = [];
    private readonly AccessRig _rig = new();
    private readonly PlayedStore _store;

    public AccountingSpoolTests() => _store = Use(_rig, new PlayedStore());

    [Fact]
    public void A_record_that_no_server_answers_goes_to_disk_and_is_stored_for_the_host()
    {
        Account(1, AccountingStatus.Start, "a");
        Pass(4_000);
        Assert.Equal(new AccessAnswer.Accounted(1, null), Assert.Single(_rig.Take()));
        var entry = Assert.Single(_store.Waiting);
        Assert.Equal((AccountingStatus.Start, "a", AccessRig.Epoch + 5), (entry.Status, entry.SessionId, entry.Timestamp));
        Assert.Equal(["filling"], _reports);
        // Nobody answers: all further records go there at once, and one is tried now and then.
        Account(2, AccountingStatus.Stop, "b");
        Pass(0);
        Assert.Equal(2, _rig.Take().Count);
        var sent = _rig.Sockets.Sent.Count;
        Pass(60_000);
        Assert.InRange(_rig.Sockets.Sent.Count - sent, 4, 24);
    }

    [Fact]
    public void Start_and_Stop_are_on_disk_before_a_server_answers_and_done_when_one_has_them()
    {
        Account(1, AccountingStatus.Start, "a");
        Account(2, AccountingStatus.Interim, "a");
        Account(3, AccountingStatus.Stop, "a");
        _store.Work();
        Assert.Equal([AccountingStatus.Start, AccountingStatus.Stop], _store.Waiting.Select(static entry => entry.Status));
        Assert.Equal(0, _store.Spool!.Count);
        Assert.Single(_rig.Sockets.Sent);
        _rig.Answer(RadiusCode.AccountingResponse);
        _store.Work();
        Assert.Equal(AccountingStatus.Stop, Assert.Single(_store.Waiting).Status);
        _rig.Answer(RadiusCode.AccountingResponse);
        _store.Work();
        Assert.Empty(_store.Waiting);
        Assert.Empty(_reports);
    }

    [Fact]
    public void A_record_that_was_answered_before_it_was_written_is_done_all_the_same()
    {
        Account(1, AccountingStatus.Start, "a");
        _rig.Answer(RadiusCode.AccountingResponse);
        _store.Work();
        _store.Work();
        Assert.Empty(_store.Waiting);
    }

    [Fact]
    public void A_record_that_no_server_answers_is_on_disk_once()
    {
        Account(1, AccountingStatus.Start, "a");
        Account(2, AccountingStatus.Stop, "a");
        Pass(4_000);
        Assert.Equal(2, _store.Frames.Count);
        Assert.Equal(2, _store.Waiting.Count());
        Assert.Equal(2, _rig.Take().Count);
    }

    [Fact]
    public void A_killed_process_leaves_its_last_Start_to_the_next()
    {
        Account(1, AccountingStatus.Start, "a");
        _store.Work();
        var next = new AccessRig();
        var store = Use(next, _store.AfterKill());
        Answered(next, store);
        Assert.Equal(["Start a"], Received);
        Assert.Empty(store.Waiting);
    }

    [Fact]
    public void Without_its_Start_a_Stop_is_not_written()
    {
        _store.Error = "No space left on device";
        Account(1, AccountingStatus.Start, "a");
        _store.Work();
        _store.Error = null;
        Account(2, AccountingStatus.Stop, "a");
        _store.Work();
        Assert.Empty(_store.Waiting);
        Assert.Equal("error No space left on device", Assert.Single(_reports));
        // Both are in memory, and go to disk together when no server answers.
        Pass(4_000);
        Assert.Equal([AccountingStatus.Start, AccountingStatus.Stop], _store.Waiting.Select(static entry => entry.Status));
    }

    [Fact]
    public void The_records_come_back_in_their_order_with_their_time_and_content()
    {
        Account(1, AccountingStatus.Start, "a");
        Pass(10_000);
        Account(2, AccountingStatus.Stop, "a");
        Account(3, AccountingStatus.Start, "b");
        Pass(20_000);
        Answered();
        // The one that was tried while the server came back is the first; then from the oldest.
        Assert.Equal(["Start a", "Start b", "Stop a"], Received.Order());
        Assert.True(Array.IndexOf(Received, "Start a") < Array.IndexOf(Received, "Stop a"));
        Assert.Equal(["filling", "empty 3"], _reports);
        Assert.Empty(_store.Waiting);
        var stop = _rig.Sockets.Sent.Last(sent => Text(sent.Packet) == "Stop a").Packet;
        Assert.Equal($"{AccessRig.Epoch + 15:x8}", Assert.Single(AccessRig.ValuesOf(stop, AttributeType.EventTimestamp)));
        Assert.InRange(Convert.ToInt32(Assert.Single(AccessRig.ValuesOf(stop, AttributeType.AcctDelayTime)), 16), 15, 60);
        Assert.Equal("c0000209", Assert.Single(AccessRig.ValuesOf(stop, AttributeType.NasIpAddress)));
        Assert.Equal("00000004", Assert.Single(AccessRig.ValuesOf(stop, AttributeType.AcctInputGigawords)));
        Assert.Equal("00000009", Assert.Single(AccessRig.ValuesOf(stop, AttributeType.AcctTerminateCause)));
        // A live record goes its own way again.
        Account(4, AccountingStatus.Start, "c");
        Assert.Equal("Start c", Text(_rig.Sockets.Sent[^1].Packet));
        Assert.Empty(_store.Waiting);
    }

    [Fact]
    public void A_record_that_nobody_answered_is_tried_again_when_the_ones_behind_it_cannot_be_read()
    {
        Account(1, AccountingStatus.Start, "a");
        Pass(4_000);
        Account(2, AccountingStatus.Start, "b");
        Pass(0);
        var damaged = _store.Waiting.Last();
        Assert.Equal("b", damaged.SessionId);
        _store.Frames[damaged.Place.Segment][SpoolFrame.HeaderSize] ^= 1;
        Pass(40_000);
        Assert.Contains(_reports, static report => report.StartsWith("1 lost", StringComparison.Ordinal));
        Answered();
        Assert.Equal(["Start a"], Received);
        Assert.Equal(0, _store.Spool!.Count);
    }

    [Fact]
    public void Of_the_Interims_of_a_session_only_the_newest_waits_and_none_behind_a_Stop()
    {
        Account(1, AccountingStatus.Start, "a");
        Pass(4_000);
        for (var i = 2ul; i < 10; i++)
            Account(i, AccountingStatus.Interim, "a");
        Pass(0);
        Assert.Equal([AccountingStatus.Start, AccountingStatus.Interim], _store.Waiting.Select(static entry => entry.Status));
        Account(10, AccountingStatus.Stop, "a");
        Pass(0);
        Assert.Equal([AccountingStatus.Start, AccountingStatus.Stop], _store.Waiting.Select(static entry => entry.Status));
        Assert.Equal(10, _rig.Take().Count);
        Answered();
        Assert.Equal(["Start a", "Stop a"], Received);
    }

    [Fact]
    public void The_records_of_a_former_run_come_before_the_Accounting_On_of_the_next_and_its_sessions_after_it()
    {
        Account(1, AccountingStatus.Start, "a");
        Pass(4_000);
        Account(2, AccountingStatus.Stop, "a");
        Account(3, AccountingStatus.Stop, "b");
        Pass(0);
        var next = new AccessRig();
        var store = Use(next, _store.AfterKill());
        Account(1, AccountingStatus.On, "run2", next);
        Account(2, AccountingStatus.Start, "c", next);
        Answered(next, store);
        // The sessions of the former run do not wait for each other, but On waits for both, and the new session for On.
        Assert.Equal(["Start a", "Stop a", "Stop b"], Received[..3].Order());
        Assert.True(Array.IndexOf(Received, "Start a") < Array.IndexOf(Received, "Stop a"));
        Assert.Equal(["On run2", "Start c"], Received[3..]);
        Assert.Empty(store.Waiting);
    }

    [Fact]
    public void A_record_that_is_at_a_server_when_others_stall_is_not_sent_twice()
    {
        Account(1, AccountingStatus.Start, "a");
        Pass(2_500);
        Account(2, AccountingStatus.Start, "b");
        var b = _rig.Sockets.Sent[^1];
        Pass(2_000);
        Assert.Equal(1, _store.Spool!.Count);
        Account(3, AccountingStatus.Stop, "b");
        _rig.Answer(RadiusCode.AccountingResponse, to: b);
        Pass(0);
        // The Start of b was answered in time, so that a server is there again.
        Assert.Equal(1, _store.Spool.Count);
        Assert.Equal(["Start a", "Stop b"], _store.Waiting.Select(static entry => $"{entry.Status} {entry.SessionId}"));
        Assert.Contains(_rig.Sockets.Sent, static sent => Text(sent.Packet) == "Stop b");
        Assert.Equal([1, 1], new[] { "Start b", "Stop b" }.Select(text =>
            _rig.Sockets.Sent.Where(sent => Text(sent.Packet) == text).DistinctBy(static sent => sent.Packet[1]).Count()));
    }

    [Fact]
    public void What_cannot_be_written_waits_in_memory_and_is_not_lost()
    {
        _store.Error = "No space left on device";
        Account(1, AccountingStatus.Start, "a");
        Pass(10_000);
        Account(2, AccountingStatus.Stop, "a");
        Pass(10_000);
        Assert.Empty(_rig.Take());
        Assert.Contains("error No space left on device", _reports);
        _store.Error = null;
        Pass(60_000);
        Assert.Equal(2, _rig.Take().Count);
        Assert.Equal(["Start a", "Stop a"], _store.Waiting.Select(static entry => $"{entry.Status} {entry.SessionId}"));
        Answered();
        Assert.Equal(["Start a", "Stop a"], Received);
    }

    [Fact]
    public void Nothing_is_on_disk_before_a_record_of_its_session_that_could_not_be_written()
    {
        Account(1, AccountingStatus.Start, "a");
        Account(2, AccountingStatus.Stop, "a");
        _store.Error = "No space left on device";
        _rig.Pass(3_500);
        // There is no room for the Start, but some for the Stop.
        _store.Work(calls: 1, results: 0);
        _store.Error = null;
        _store.Work();
        // The one that was written is marked.
        _store.Work();
        Assert.Empty(_store.Waiting);
        Pass(5_000);
        Assert.Equal(["Start a", "Stop a"], _store.Waiting.Select(static entry => $"{entry.Status} {entry.SessionId}"));
    }

    [Fact]
    public void A_record_that_no_server_takes_stops_no_other_and_is_lost_when_it_is_too_old()
    {
        _rig.Exchange.Spool!.MaxAge = 3_600;
        foreach (var session in (string[])["poison", "a", "b", "c"])
            Account(1, AccountingStatus.Stop, session);
        Pass(60_000);
        for (var i = 0; i < 4_000; i++)
        {
            if (_rig.Sockets.Sent.Count > 0 && Text(_rig.Sockets.Sent[^1].Packet) is var text && !text.Contains("poison"))
                _rig.Answer(RadiusCode.AccountingResponse);
            Pass(1_000);
        }

        Assert.Empty(_store.Waiting);
        Assert.Contains("1 lost: it waited for longer than max-age", _reports);
    }

    [Fact]
    public void The_end_of_the_daemon_leaves_what_is_not_answered_on_disk()
    {
        Account(1, AccountingStatus.Start, "a");
        Account(2, AccountingStatus.Stop, "a");
        Account(3, AccountingStatus.Off, "run");
        _store.Work();
        Assert.Equal(["Start a", "Stop a", "Off run"], _store.Waiting.Select(static entry => $"{entry.Status} {entry.SessionId}"));
    }

    [Fact]
    public void An_end_with_nothing_left_sends_Off_and_writes_nothing()
    {
        Account(1, AccountingStatus.Off, "run");
        _store.Work();
        Assert.Equal(("Off run", 0), (Text(_rig.Sockets.Sent[^1].Packet), _store.Frames.Count));
    }

    [Fact]
    public void Thousands_come_back_at_a_bounded_rate_and_few_at_a_time()
    {
        for (var i = 0ul; i < 1_000; i++)
            Account(i, AccountingStatus.Stop, $"s{i}");
        // The identifiers of unanswered requests rest for half a minute.
        Pass(60_000);
        Assert.Equal(1_000, _store.Waiting.Count());
        var (most, first) = (0, _rig.Now);
        while (_rig.Exchange.Spool!.Count > 0 && _rig.Now < first + 60_000)
        {
            var before = _rig.Sockets.Sent.Count;
            Pass(5);
            var sent = _rig.Sockets.Sent.Skip(before).ToArray();
            most = Math.Max(most, sent.Length);
            foreach (var one in sent)
                _rig.Answer(RadiusCode.AccountingResponse, to: one);
        }

        _store.Work();
        Assert.Empty(_store.Waiting);
        Assert.InRange(most, 2, AccountingSpool.Window);
        Assert.InRange(_rig.Now - first, 1_000 * 1_000 / AccountingSpool.PerSecond, 30_000);
    }

    void ISpoolObserver.OnSpoolFilling() => _reports.Add("filling");

    void ISpoolObserver.OnSpoolEmpty(long delivered) => _reports.Add($"empty {delivered}");

    void ISpoolObserver.OnSpoolError(string error) => _reports.Add($"error {error}");

    void ISpoolObserver.OnRecordsLost(long count, string why) => _reports.Add($"{count} lost: {why}");

    private string[] Received => [.. _answered.Distinct()];

    private readonly List<string> _answered = [];

    private PlayedStore Use(AccessRig rig, PlayedStore store)
    {
        store.Now = () => rig.Now;
        store.Spool = rig.Exchange.Spool = new AccountingSpool(
            rig.Exchange, store, () => AccessRig.Epoch + (uint)(rig.Now / 1_000), this);
        store.Spool.Recover(store.Waiting);
        return store;
    }

    private void Account(ulong id, AccountingStatus status, string session, AccessRig? rig = null)
    {
        rig ??= _rig;
        rig.Access.Account(id, new AccountingRecord
        {
            Status = status, Session = AccessRig.Session with { SessionId = session }, UserName = "alice",
            Counters = new SessionCounters(0x4_0000_0000, 0, 0, 0), TerminateCause = TerminateCause.NasError,
        }, rig.Now);
    }

    private void Pass(long milliseconds)
    {
        _store.Work();
        for (var passed = 0L; passed <= milliseconds; passed += 100)
        {
            _rig.Pass(Math.Min(100, milliseconds - passed));
            _store.Work();
            _rig.Take();
        }
    }

    /// <summary>The server is back: it answers what comes, once each, until nothing does.</summary>
    private void Answered(AccessRig? rig = null, PlayedStore? store = null)
    {
        (rig, store) = (rig ?? _rig, store ?? _store);
        var seen = rig.Sockets.Sent.Count;
        for (var end = rig.Now + 60_000; rig.Now < end; rig.Pass(50))
        {
            store.Work();
            for (; seen < rig.Sockets.Sent.Count; seen++)
            {
                _answered.Add(Text(rig.Sockets.Sent[seen].Packet));
                rig.Answer(RadiusCode.AccountingResponse, to: rig.Sockets.Sent[seen]);
            }
        }
    }

    private static string Text(byte[] packet) =>
        $"{(AccountingStatus)Convert.ToInt32(Assert.Single(AccessRig.ValuesOf(packet, AttributeType.AcctStatusType)), 16)} "
        + System.Text.Encoding.UTF8.GetString(
            Convert.FromHexString(Assert.Single(AccessRig.ValuesOf(packet, AttributeType.AcctSessionId))));
}
