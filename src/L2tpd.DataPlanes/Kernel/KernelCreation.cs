using L2tpd.Runtime.Loop;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>
/// Has things made by a worker, and tries again for a while where one of the same id or name is there: the kernel deletes asynchronously,
/// so what was deleted before may be on its way out. Between two tries the worker is free for others. Loop thread only.
/// </summary>
/// <param name="worker">Where it is made.</param>
/// <param name="sink">The loop.</param>
/// <param name="timers">The loop's timers.</param>
/// <param name="isDeleting">Deletions are waiting that may be of what is in the way: it is waited for until they are done; null:
/// never.</param>
internal sealed class KernelCreation(WorkQueue worker, IInputSink sink, LoopTimers timers, Func<bool>? isDeleting = null)
{
    /// <summary>Doubles with each try: 635 ms in all.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(5);
    private const int MostTries = 8;

    /// <summary>Makes something.</summary>
    /// <param name="make">Does it, on the worker.</param>
    /// <param name="mayPass">What became of it may be otherwise in a moment, and is still wanted. Loop thread.</param>
    /// <param name="done">Gets what became of it in the end. Loop thread.</param>
    public void Make<T>(Func<T> make, Func<T, bool> mayPass, Action<T> done) => Try(make, mayPass, done, 1);

    private void Try<T>(Func<T> make, Func<T, bool> mayPass, Action<T> done, int attempt) => worker.Add(() =>
    {
        var made = make();
        sink.Post(() =>
        {
            if ((attempt < MostTries || isDeleting?.Invoke() == true) && mayPass(made))
            {
                timers.After(FirstWait * (1 << Math.Min(attempt - 1, MostTries - 2)), () =>
                    TryAgain(make, mayPass, done, attempt + 1, made));
            }
            else
            {
                done(made);
            }
        });
    });

    private void TryAgain<T>(Func<T> make, Func<T, bool> mayPass, Action<T> done, int attempt, T made)
    {
        // Whoever destroyed it meanwhile found nothing to delete: it must not be made after that.
        if (mayPass(made))
            Try(make, mayPass, done, attempt);
        else
            done(made);
    }
}
