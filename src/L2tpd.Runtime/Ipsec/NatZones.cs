using System.Collections.Immutable;
using L2tpd.Configuration;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.Runtime.Ipsec;

/// <summary>
/// <c>nat-zones</c> of listeners: keeps <see cref="NatZoneRules"/> in step with the kernel's security associations, whoever sets those up.
/// The loop only notes that something changed; a worker reads the associations and runs nft. While that takes its time, datagrams of the
/// new client are dropped, and the client repeats its SCCRQ. After a failure the worker tries again every five seconds, and replaces the
/// whole table if nft refused a script. A table that another program removes is noticed at the next change of an association.
/// </summary>
public sealed partial class NatZones : IReadinessHandler, IDisposable
{
    private const string Key = "nat-zones";

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    // Longer than nft may take: a script that still runs could make the table again after its deletion.
    private static readonly TimeSpan LastUpdate = TimeSpan.FromSeconds(11);

    private readonly NatZoneRules _rules;
    private readonly WorkQueue _worker;
    private readonly XfrmTable _table;
    private readonly XfrmEvents _events;
    private readonly EventLoop _loop;
    private readonly LoopTimers _timers;
    private readonly ILogger _log;
    private readonly LoopRegistration _registration;
    private LoopTimer? _retry;
    private int _isPending;
    private volatile bool _isFailing;
    private volatile bool _isDisposed;

    private NatZones(
        NatZoneRules rules, XfrmTable table, XfrmEvents changes, EventLoop loop, LoopTimers timers, FaultLog faults, ILogger log)
    {
        (_rules, _table, _events, _loop, _timers, _log) = (rules, table, changes, loop, timers, log);
        _worker = new WorkQueue("l2tpd-zones", error => faults.Add("nat-zones", error));
        _registration = loop.Register(changes.Descriptor, Readiness.Readable, new GuardedHandler(this, faults));
        Refresh();
    }

    /// <summary>Installs the table if a listener asks for it. Blocks; before the loop runs.</summary>
    /// <returns>The error; if there is none, <paramref name="zones"/> is <c>null</c> if no listener asks.</returns>
    public static LinuxError TryStart(
        ImmutableArray<Listener> listeners, EventLoop loop, LoopTimers timers, FaultLog faults, ILogger log, out NatZones? zones)
    {
        zones = null;
        if (!listeners.Any(static listener => listener.NatZones))
            return LinuxError.None;
        var error = XfrmEvents.TryOpen(out var events);
        XfrmTable? table = null;
        if (error.IsNone)
            error = XfrmTable.TryOpen(out table);
        if (error.IsNone)
            error = NftProgram.Run(NatZoneRules.Script(listeners), Key);
        if (error.IsNone)
        {
            zones = new NatZones(new NatZoneRules(listeners), table!, events!, loop, timers, faults, log);
            return error;
        }

        events?.Dispose();
        table?.Dispose();
        return error;
    }

    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        _events.Drain();
        Refresh();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        _registration.Dispose();
        _retry?.Cancel();
        _worker.Complete(LastUpdate);
        NftProgram.Run($"delete table {NatZoneRules.Table}\n", Key);
        _events.Dispose();
        _table.Dispose();
    }

    // Changes that come while one update waits are in that update.
    private void Refresh()
    {
        if (Interlocked.Exchange(ref _isPending, 1) == 0)
            _worker.Add(Update);
    }

    // Worker thread.
    private void Update()
    {
        Volatile.Write(ref _isPending, 0);
        if (_isDisposed)
            return;
        var error = _table.ReadAssociations(out var associations);
        if (error.IsNone && _rules.Update(associations) is { Length: > 0 } script)
        {
            error = NftProgram.Run(script, Key);
            if (!error.IsNone)
                _rules.Forget();
        }

        var wasFailing = _isFailing;
        _isFailing = !error.IsNone;
        if (_isFailing && !wasFailing)
            LogFailed(error, RetryInterval.TotalSeconds);
        else if (wasFailing && !_isFailing)
            LogWorksAgain();
        if (_isFailing)
            _loop.Post(PrepareRetry);
    }

    // Loop thread, as Retry. A timer that still runs serves this failure as well.
    private void PrepareRetry()
    {
        if (!_isDisposed && _retry is not { IsCancelled: false })
            _retry = _timers.After(RetryInterval, Retry);
    }

    private void Retry()
    {
        if (_isFailing)
            Refresh();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Cannot write the security associations to the nftables table ip l2tpd_nat_zones: {Error}. New clients behind NAT get no answer. " +
        "l2tpd tries again every {Seconds} s")]
    private partial void LogFailed(LinuxError error, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message =
        "The nftables table ip l2tpd_nat_zones has all security associations again")]
    private partial void LogWorksAgain();
}
