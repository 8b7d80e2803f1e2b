using L2tpd.Access;
using L2tpd.Linux.Loop;
using L2tpd.Runtime.Loop;

namespace L2tpd.PppHosting.Radius;

/// <summary>
/// Carries out the calls of the accounting spool on the thread <c>l2tpd-spool</c>, in their order, and posts the results to the loop. After
/// the last call that waits, but at most once per second, what was written is synced to the disk.
/// </summary>
internal sealed class SpoolWorker : ISpoolStore, IDisposable
{
    private static readonly TimeSpan BetweenSyncs = TimeSpan.FromSeconds(1);

    /// <summary>How long the end of the daemon waits for the disk.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);

    private readonly EventLoop _events;
    private readonly LoopTimers _timers;
    private readonly SpoolFiles _files;
    private readonly WorkQueue _work;
    private bool _isSyncDue;

    /// <param name="events">The loop.</param>
    /// <param name="timers">The time of the loop.</param>
    /// <param name="faults">Takes exceptions that are defects.</param>
    /// <param name="files">The files; from now on they belong to the worker.</param>
    public SpoolWorker(EventLoop events, LoopTimers timers, FaultLog faults, SpoolFiles files)
    {
        (_events, _timers, _files) = (events, timers, files);
        _work = new WorkQueue("l2tpd-spool", error => events.Post(() => faults.Add("the accounting spool", error)));
    }

    /// <summary>Takes the results. Set before the first call.</summary>
    public AccountingSpool? Spool { get; set; }

    /// <inheritdoc/>
    public void Append(ulong token, byte[] frame)
    {
        _work.Add(() =>
        {
            var dropped = 0L;
            try
            {
                var place = _files.Append(frame, out dropped);
                _events.Post(() => Spool?.OnAppended(token, place, null, dropped));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                _events.Post(() => Spool?.OnAppended(token, null, error.Message, dropped));
            }
        });
        SyncLater();
    }

    /// <inheritdoc/>
    public void Read(ulong token, SpoolPlace place) => _work.Add(() =>
    {
        SpoolRecord? record = null;
        try
        {
            record = _files.Read(place);
        }
        catch (IOException)
        {
            // Reported as a record that cannot be read.
        }

        _events.Post(() => Spool?.OnRead(token, record, _timers.Now));
    });

    /// <inheritdoc/>
    public void MarkDone(SpoolPlace place)
    {
        _work.Add(() => Try(() => _files.MarkDone(place)));
        SyncLater();
    }

    /// <summary>Changes the bound of the files.</summary>
    public void ChangeMaxSize(long maxSize) => _work.Add(() => _files.MaxSize = maxSize);

    /// <inheritdoc/>
    public void Dispose()
    {
        _work.Add(() => Try(_files.Sync));
        if (_work.Complete(LongestEnd))
            _files.Dispose();
    }

    private void SyncLater()
    {
        if (_isSyncDue)
            return;

        _isSyncDue = true;
        _timers.After(BetweenSyncs, () =>
        {
            _isSyncDue = false;
            _work.AddLast(() => Try(_files.Sync));
        });
    }

    /// <summary>Of a call without a result: an error of the disk is reported, and nothing depends on it.</summary>
    private void Try(Action call)
    {
        try
        {
            call();
        }
        catch (IOException error)
        {
            _events.Post(() => Spool?.OnStoreError(error.Message));
        }
    }
}
