using L2tpd.Configuration;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.Filters;

/// <summary>
/// Filters of users (Filter-Id): a session becomes an element of the nftables set that its filter names. The program <c>nft</c> runs on a
/// thread of its own, for all changes that came meanwhile in one transaction, so that ten thousand sessions at once cost a few runs. Loop
/// thread only.
/// </summary>
public sealed partial class SessionFilters : IDisposable
{
    private const string Key = "filters";
    private const int MostAtOnce = 1_000;

    private static readonly TimeSpan LastCalls = TimeSpan.FromSeconds(3);

    private readonly IInputSink _sink;
    private readonly ILogger _log;
    private readonly WorkQueue _queue;
    private readonly FilterTable _table;
    private readonly Lock _lock = new();
    private readonly Queue<(FilterMember Member, bool Add, Action<string>? OnProblem)> _pending = new();
    private FilterSettings? _settings;

    public SessionFilters(FaultLog faults, IInputSink sink, ILogger log)
    {
        (_sink, _log) = (sink, log);
        _queue = new WorkQueue("l2tpd-nft", error => sink.Post(() => faults.Add("filters", error)));
        _table = new FilterTable(
            static script => script.Length == 0 ? LinuxError.None : NftProgram.Run(script, Key), ListTable,
            static () => MonotonicClock.NowMilliseconds);
    }

    /// <summary>Whether names of filters have an effect.</summary>
    public bool IsOn => _settings is not null;

    /// <summary>A session whose filter cannot be set ends.</summary>
    public bool IsRequired => _settings is { Required: true };

    /// <summary>Takes over the settings, at the start and at each reload: sessions are added again, since the table may be new.</summary>
    public void Use(FilterSettings? settings)
    {
        if (settings is null && _settings is null)
            return;
        _settings = settings;
        _queue.Add(() =>
        {
            if (_table.Use(settings) is { IsNone: false } error)
                LogNoTable($"{settings!.Family} {settings.Table}", error);
        });
    }

    /// <summary>Makes a session an element of a set.</summary>
    /// <param name="member">The session and the set.</param>
    /// <param name="onProblem">Called on the loop with the reason why it is none.</param>
    internal void Add(FilterMember member, Action<string> onProblem) => Enqueue((member, true, onProblem));

    /// <summary>The session is no element any more.</summary>
    internal void Remove(FilterMember member) => Enqueue((member, false, null));

    /// <inheritdoc/>
    public void Dispose()
    {
        _queue.Add(_table.RemoveAll);
        _queue.Complete(LastCalls);
        _queue.Dispose();
    }

    private void Enqueue((FilterMember Member, bool Add, Action<string>? OnProblem) change)
    {
        bool isFirst;
        lock (_lock)
        {
            isFirst = _pending.Count == 0;
            _pending.Enqueue(change);
        }

        if (isFirst)
            _queue.Add(ApplyPending);
    }

    /// <summary>Worker thread only.</summary>
    private void ApplyPending()
    {
        while (true)
        {
            var changes = new List<(FilterMember Member, bool Add, Action<string>? OnProblem)>();
            lock (_lock)
            {
                while (changes.Count < MostAtOnce && _pending.TryDequeue(out var change))
                    changes.Add(change);
            }

            if (changes.Count == 0)
                return;
            var problems = _table.Apply([.. changes.Select(static change => (change.Member, change.Add))]);
            for (var i = 0; i < problems.Length; i++)
            {
                if (problems[i] is { } problem && changes[i].OnProblem is { } onProblem)
                    _sink.Post(() => onProblem(problem));
            }
        }
    }

    private static (LinuxError Error, string Listing) ListTable(FilterSettings settings, bool terse)
    {
        string[] arguments = ["list", "table", settings.Family, settings.Table];
        var error = NftProgram.Read(terse ? ["-t", .. arguments] : arguments, Key, out var listing);
        return (error, listing);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The nftables table {Table} of `filters` cannot be read: {Error}. Sessions with a Filter-Id are not filtered until it is loaded")]
    private partial void LogNoTable(string table, LinuxError error);
}
