using L2tpd.Access;
using L2tpd.Configuration;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.Radius;

/// <content>The accounting spool.</content>
public sealed partial class RadiusServers : ISpoolObserver
{
    private AccountingSpoolSettings? _spoolSettings;
    private SpoolWorker? _spoolWorker;
    private bool _isPrepared;

    /// <summary>Records that wait on disk.</summary>
    internal int Spooled => _exchange.Spool?.Count ?? 0;

    /// <summary>Accounting records that were lost since the start.</summary>
    internal long RecordsLost { get; private set; }

    void ISpoolObserver.OnSpoolFilling() => LogFilling(_spoolSettings?.Directory ?? "disk");

    void ISpoolObserver.OnSpoolEmpty(long delivered) => LogEmpty(delivered);

    void ISpoolObserver.OnSpoolError(string error)
    {
        if (_dropped.TryTake(_timers.Now, out var suppressed))
            LogNotWritten(_spoolSettings?.Directory ?? "disk", error, suppressed);
    }

    void ISpoolObserver.OnRecordsLost(long count, string why)
    {
        RecordsLost += count;
        if (_dropped.TryTake(_timers.Now, out var suppressed))
            LogLost(count, why, suppressed);
    }

    /// <summary>Opens the spool at the start, and changes its bounds at a reload.</summary>
    /// <returns>Why it cannot be used; <c>null</c>: it can, or there is none.</returns>
    private string? PrepareSpool()
    {
        var wanted = _wanted?.AccountingSpool;
        if (!_isPrepared)
        {
            _isPrepared = true;
            return wanted is null ? null : OpenSpool(wanted);
        }

        if (wanted?.Directory != _spoolSettings?.Directory)
            return "radius.accounting-spool: another directory takes effect with the next start of l2tpd";
        if (wanted is null || _exchange.Spool is not { } spool)
            return null;

        _spoolSettings = wanted;
        spool.MaxAge = (long)wanted.MaxAge.TotalSeconds;
        _spoolWorker?.ChangeMaxSize(wanted.MaxSize);
        return null;
    }

    private string? OpenSpool(AccountingSpoolSettings settings)
    {
        try
        {
            var files = new SpoolFiles(settings.Directory, settings.MaxSize);
            var entries = files.Recover();
            _spoolSettings = settings;
            _spoolWorker = new SpoolWorker(_events, _timers, _faults, files);
            var spool = new AccountingSpool(_exchange, _spoolWorker, UnixTime, this) { MaxAge = (long)settings.MaxAge.TotalSeconds };
            _spoolWorker.Spool = _exchange.Spool = spool;
            spool.Recover(entries);
            if (entries.Count > 0 || files.Damaged > 0)
                LogRecovered(entries.Count, settings.Directory, files.Damaged);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"radius.accounting-spool: cannot use {settings.Directory}: {error.Message}";
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No RADIUS server takes accounting records: they wait in {Directory}")]
    private partial void LogFilling(string directory);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "The accounting spool is empty again: {Delivered} records were delivered from it")]
    private partial void LogEmpty(long delivered);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "{Count} accounting records of an earlier run wait in {Directory} ({Damaged} octets of its files cannot be read)")]
    private partial void LogRecovered(int count, string directory, long damaged);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Cannot write accounting records to {Directory}: {Error}. They wait in memory, and are "
        + "lost if l2tpd ends before a server answers. Make room on the disk. ({Suppressed} more before)")]
    private partial void LogNotWritten(string directory, string error, long suppressed);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} accounting records were lost: {Why} ({Suppressed} more lines before)")]
    private partial void LogLost(long count, string why, long suppressed);
}
