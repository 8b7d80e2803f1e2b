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
/// new client are dropped, and the client repeats its SCCRQ.
/// </summary>
public sealed partial class NatZones : IReadinessHandler, IDisposable
{
    private const string Key = "nat-zones";

    private readonly NatZoneRules _rules = new();
    private readonly WorkQueue _worker;
    private readonly XfrmTable _table;
    private readonly XfrmEvents _events;
    private readonly ILogger _log;
    private readonly LoopRegistration _registration;
    private int _isPending;
    private bool _isFailing;

    private NatZones(XfrmTable table, XfrmEvents changes, EventLoop loop, FaultLog faults, ILogger log)
    {
        (_table, _events, _log) = (table, changes, log);
        _worker = new WorkQueue("l2tpd-zones", error => faults.Add("nat-zones", error));
        _registration = loop.Register(changes.Descriptor, Readiness.Readable, new GuardedHandler(this, faults));
        Refresh();
    }

    /// <summary>Installs the table if a listener asks for it. Blocks; before the loop runs.</summary>
    /// <returns>The error; if there is none, <paramref name="zones"/> is <c>null</c> if no listener asks.</returns>
    public static LinuxError TryStart(
        ImmutableArray<Listener> listeners, EventLoop loop, FaultLog faults, ILogger log, out NatZones? zones)
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
            zones = new NatZones(table!, events!, loop, faults, log);
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
        _registration.Dispose();
        _worker.Dispose();
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

    private void Update()
    {
        Volatile.Write(ref _isPending, 0);
        var error = _table.ReadAssociations(out var associations);
        if (error.IsNone && _rules.Update(associations) is { Length: > 0 } script)
            error = NftProgram.Run(script, Key);
        if (!error.IsNone)
            _rules.Forget();
        if (!error.IsNone && !_isFailing)
            LogFailed(error);
        _isFailing = !error.IsNone;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Cannot follow the security associations in the nftables table ip l2tpd_nat_zones: {Error}. New clients behind NAT get no answer " +
        "until the next change succeeds")]
    private partial void LogFailed(LinuxError error);
}
