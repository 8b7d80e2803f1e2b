using System.Globalization;
using L2tpd.Control;
using L2tpd.Engine.Events;
using L2tpd.Linux;
using L2tpd.Operations.Control;
using L2tpd.Operations.Events;

namespace L2tpd.Operations.History;

/// <summary>
/// The last ends, refusals and failed look-ups. Each kind has a ring of its own. So have tunnels that were never established, and sessions
/// that ended together with many others of their tunnel: neither 60,000 sessions that end with a tunnel nor a flood of strangers displace
/// the entry that explains them. The whole list omits those sessions; the list of a name has them after their tunnel. Thread-safe: the loop
/// writes, control requests read on their own threads.
/// </summary>
public sealed class HistoryLog : IOperationsObserver
{
    /// <summary>Entries kept of each kind by default.</summary>
    public const int DefaultCapacity = 1_000;

    private const int Rings = 8;

    private const int WithTunnel = 7;

    private readonly Lock _lock = new();
    private readonly HistoryRing[] _rings;
    private readonly TimeProvider _clock;
    private readonly TunnelSessions _ending;
    private long _number;

    /// <param name="capacity">Entries kept of each kind: 1 to 1,000,000.</param>
    /// <param name="clock">Wall clock; <c>null</c> for the system's.</param>
    public HistoryLog(int capacity = DefaultCapacity, TimeProvider? clock = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1_000_000);
        _clock = clock ?? TimeProvider.System;
        _ending = new TunnelSessions(this);
        _rings = [.. Enumerable.Range(0, Rings).Select(_ => new HistoryRing(capacity))];
    }

    /// <inheritdoc/>
    public void Observe(OperationsEvent operationsEvent) => Record(operationsEvent, MonotonicClock.NowMilliseconds);

    /// <summary>Keeps the event if it is an end, a refusal or a failure.</summary>
    /// <param name="operationsEvent">Any event; read during the call only.</param>
    /// <param name="now">Engine time, ms.</param>
    /// <returns>True when an entry was made.</returns>
    public bool Record(OperationsEvent operationsEvent, long now)
    {
        switch (operationsEvent)
        {
            case SessionEnded { Reason.IsOfTunnel: true } ended:
                _ending.Add(HistoryRecords.From(ended, now));
                return true;
            case SessionEnded ended:
                Add(HistoryRecords.From(ended, now));
                return true;
            case TunnelEnded ended:
                _ending.End(HistoryRecords.From(ended, now));
                return true;
            case TunnelNotCompleted ended:
                Add(HistoryRecords.From(ended));
                return true;
            case PeerFellSilent silent:
                Add(HistoryRecords.From(silent, now));
                return true;
            case DigestsFail fail:
                Add(HistoryRecords.From(fail));
                return true;
            case TunnelRefused refused:
                Add(HistoryRecords.From(refused));
                return true;
            case SessionRefused refused:
                Add(HistoryRecords.From(refused));
                return true;
            case LookupFailed failed:
                Add(HistoryRecords.From(failed));
                return true;
            case SubscriberRefused refused:
                Add(HistoryRecords.From(refused));
                return true;
            case IkeFailed failed:
                Add(HistoryRecords.From(failed));
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// One page, the latest first. <see cref="PageRequest.Name"/>: a tunnel's name or id with its sessions, a session's name, a peer's
    /// name or IP address.
    /// </summary>
    /// <exception cref="ControlRequestException">The cursor is not one of ours.</exception>
    public Page<HistoryEntryView> Read(PageRequest request)
    {
        var before = Cursor(request.After);
        var records = Collect(request.Name, before, request.Limit + 1);
        var more = records.Count > request.Limit;
        if (more)
            records.RemoveAt(request.Limit);
        return new Page<HistoryEntryView>(
            records.ConvertAll(static r => HistoryViews.From(r)),
            more ? records[^1].Number.ToString(CultureInfo.InvariantCulture) : null);
    }

    internal void Add(HistoryRecord record)
    {
        lock (_lock)
            RingOf(record).Add(Stamped(record));
    }

    /// <summary>Keeps a session below its tunnel's entry.</summary>
    internal void AddBelowTunnel(in HistoryRecord record)
    {
        lock (_lock)
            _rings[WithTunnel].Add(Stamped(record));
    }

    /// <summary>A number for an entry that is added later, and sorts before those numbered meanwhile.</summary>
    internal long TakeNumber()
    {
        lock (_lock)
            return ++_number;
    }

    private HistoryRecord Stamped(in HistoryRecord record) =>
        record with { Number = record.Number == 0 ? ++_number : record.Number, AtTicks = _clock.GetUtcNow().UtcTicks };

    private HistoryRing RingOf(in HistoryRecord record) => record.Kind switch
    {
        // Rings are in the order of numbers; a half-open tunnel has no sessions, so its number was not taken before.
        HistoryKind.TunnelEnded when record.IsHalfOpenEnd => _rings[3],
        HistoryKind.DigestsFail when record.IsHalfOpenEnd => _rings[3],
        HistoryKind.TunnelEnded or HistoryKind.PeerSilent or HistoryKind.DigestsFail => _rings[0],
        HistoryKind.SessionEnded => _rings[1],
        HistoryKind.LookupFailed => _rings[4],
        HistoryKind.AuthenticationFailed => _rings[5],
        HistoryKind.IkeFailed => _rings[6],
        _ => _rings[2],
    };

    // Merges the rings by number, latest first; each is in order already.
    private List<HistoryRecord> Collect(string? name, long before, int limit)
    {
        var found = new List<HistoryRecord>(Math.Min(limit, 64));
        var query = new NameQuery(name ?? "");
        Span<int> ages = stackalloc int[_rings.Length];
        lock (_lock)
        {
            while (found.Count < limit)
            {
                var latest = -1;
                for (var i = 0; i < (name is null ? WithTunnel : _rings.Length); i++)
                {
                    if (ages[i] < _rings[i].Count
                        && (latest < 0 || _rings[i].Latest(ages[i]).Number > _rings[latest].Latest(ages[latest]).Number))
                    {
                        latest = i;
                    }
                }

                if (latest < 0)
                    break;
                ref readonly var record = ref _rings[latest].Latest(ages[latest]++);
                if (record.Number < before && (name is null || HistoryRecords.Fits(record, name, query)))
                    found.Add(record);
            }
        }

        return found;
    }

    private static long Cursor(string? after)
    {
        if (after is null)
            return long.MaxValue;
        return long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ControlRequestException($"after: \"{after}\" is not a cursor of this list");
    }
}
