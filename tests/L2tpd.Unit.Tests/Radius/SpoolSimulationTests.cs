using L2tpd.Access;
using L2tpd.Radius.Wire;
using L2tpd.TestKit;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>
/// Accounting over a lossy link to a server that dies and comes back, by a daemon that is killed now and then: every record that was stored
/// reaches the server in the end, in order, and a server that knows duplicates by their identity counts none twice.
/// </summary>
public sealed class SpoolSimulationTests
{
    [Fact]
    public void Every_stored_record_reaches_the_server_and_none_counts_twice() =>
        Seeds.ForEach(40, static seed => new World(seed, hasDiskErrors: true).Run());

    /// <summary>The worker is never more than a few calls behind: what it has written by the time of the kill is not lost.</summary>
    [Fact]
    public void A_kill_loses_no_Start_and_no_Stop_that_the_disk_took() =>
        Seeds.ForEach(40, static seed => new World(seed, hasDiskErrors: false).Run());

    private sealed class World(ulong seed, bool hasDiskErrors) : ISpoolObserver
    {
        private const int Steps = 400;

        private readonly Random _random = new((int)seed);
        private readonly Dictionary<(string Session, AccountingStatus Status), string> _received = [];
        private readonly List<(string Session, AccountingStatus Status)> _order = [];
        private readonly Dictionary<ulong, (string Session, AccountingStatus Status)> _asked = [];
        private readonly HashSet<(string Session, AccountingStatus Status)> _stored = [];
        private readonly HashSet<string> _running = [];
        private readonly Queue<(int At, int Index)> _answers = new();
        private AccessRig _rig = new();
        private PlayedStore _store = new();
        private int _seen;
        private int _step;
        private int _sessions;
        private int _kills;
        private ulong _requests;
        private long _epoch;
        private bool _isUp = true;

        public void Run()
        {
            Begin(_store);
            for (; _step < Steps; _step++)
                Step(isCalm: false);
            _isUp = true;
            for (; _step < Steps + 3_000 && !(_rig.Exchange.Spool!.Count == 0 && _asked.Count == 0); _step++)
                Step(isCalm: true);
            Assert.Equal((0, 0), (_rig.Exchange.Spool!.Count, _asked.Count));
            _store.Work();
            Assert.Empty(_store.Waiting);
            Assert.All(_stored, record => Assert.Contains(record, _received.Keys));
            // A Stop never comes before its Start.
            foreach (var (session, _) in _order.Where(static record => record.Status == AccountingStatus.Stop))
            {
                var start = _order.IndexOf((session, AccountingStatus.Start));
                // Where the disk refused it, a kill may take a Start with it, and leave its Stop.
                Assert.True(start < 0
                    ? hasDiskErrors && !_stored.Contains((session, AccountingStatus.Start))
                    : start < _order.IndexOf((session, AccountingStatus.Stop)), $"the Stop of {session} came first");
            }
        }

        void ISpoolObserver.OnSpoolFilling()
        {
        }

        void ISpoolObserver.OnSpoolEmpty(long delivered)
        {
        }

        void ISpoolObserver.OnSpoolError(string error)
        {
        }

        void ISpoolObserver.OnRecordsLost(long count, string why) => Assert.Fail($"{count} records lost: {why}");

        private void Step(bool isCalm)
        {
            if (!isCalm)
            {
                Disturb();
                if (_random.Next(3) == 0)
                    Account($"r{_kills}s{_sessions++}", AccountingStatus.Start);
                else if (_running.Count > 0 && _random.Next(3) == 0)
                    Account(_running.ElementAt(_random.Next(_running.Count)), AccountingStatus.Stop);
            }

            _store.Work(isCalm ? int.MaxValue : _random.Next(6), isCalm ? int.MaxValue : _random.Next(6));
            _rig.Pass(isCalm ? 200 : _random.Next(1_000));
            Serve(isCalm);
            Collect();
        }

        private void Disturb()
        {
            if (_random.Next(25) == 0)
                _isUp = !_isUp;
            _store.Error = hasDiskErrors && _random.Next(10) == 0 ? "No space left on device" : null;
            if (_random.Next(60) == 0)
                Kill();
        }

        /// <summary>The process is gone: what was neither stored nor received is lost with it, and no session is up any more.</summary>
        private void Kill()
        {
            if (!hasDiskErrors)
            {
                // The worker is done with its calls, and no result has come to the loop yet.
                _store.Work(results: 0);
                _stored.UnionWith(_asked.Values);
            }

            _epoch += _rig.Now;
            (_rig, _store, _seen) = (new AccessRig(), _store.AfterKill(), 0);
            _kills++;
            _asked.Clear();
            _running.Clear();
            _answers.Clear();
            Begin(_store);
        }

        private void Begin(PlayedStore store)
        {
            var rig = _rig;
            store.Now = () => rig.Now;
            store.Spool = rig.Exchange.Spool = new AccountingSpool(
                rig.Exchange, store, () => AccessRig.Epoch + (uint)((_epoch + rig.Now) / 1_000), this);
            store.Spool.Recover(store.Waiting);
        }

        private void Account(string session, AccountingStatus status)
        {
            if (status == AccountingStatus.Start)
                _running.Add(session);
            else
                _running.Remove(session);
            _asked[++_requests] = (session, status);
            _rig.Access.Account(_requests, new AccountingRecord
            {
                Status = status, Session = AccessRig.Session with { SessionId = session }, UserName = session,
            }, _rig.Now);
        }

        /// <summary>The server takes packets, or the link loses them; answers may be lost, late or come twice.</summary>
        private void Serve(bool isCalm)
        {
            for (; _seen < _rig.Sockets.Sent.Count; _seen++)
            {
                if (!_isUp || (!isCalm && _random.Next(5) == 0))
                    continue;

                Receive(_rig.Sockets.Sent[_seen].Packet);
                for (var copies = isCalm ? 1 : _random.Next(3); copies > 0; copies--)
                    _answers.Enqueue((_step + (isCalm ? 0 : _random.Next(4)), _seen));
            }

            for (var left = _answers.Count; left > 0; left--)
            {
                var answer = _answers.Dequeue();
                if (answer.At > _step)
                    _answers.Enqueue(answer);
                else
                    _rig.Answer(RadiusCode.AccountingResponse, to: _rig.Sockets.Sent[answer.Index]);
            }
        }

        /// <summary>As a data base does: a second record of that identity must be the same record.</summary>
        private void Receive(byte[] packet)
        {
            var session = System.Text.Encoding.UTF8.GetString(
                Convert.FromHexString(Assert.Single(AccessRig.ValuesOf(packet, AttributeType.AcctSessionId))));
            var status = (AccountingStatus)Convert.ToInt32(Assert.Single(AccessRig.ValuesOf(packet, AttributeType.AcctStatusType)), 16);
            var content = Assert.Single(AccessRig.ValuesOf(packet, AttributeType.EventTimestamp))
                + Assert.Single(AccessRig.ValuesOf(packet, AttributeType.UserName));
            if (_received.TryGetValue((session, status), out var former))
            {
                Assert.Equal(former, content);
                return;
            }

            _received[(session, status)] = content;
            _order.Add((session, status));
        }

        private void Collect()
        {
            foreach (var answer in _rig.Take())
            {
                if (answer is AccessAnswer.Accounted { Error: null } accounted && _asked.Remove(accounted.RequestId, out var record))
                    _stored.Add(record);
            }

            _rig.Answers.Clear();
        }
    }
}
