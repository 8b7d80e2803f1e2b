using L2tpd.Runtime.Loop;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>
/// Makes objects on a worker, and tries again for a while if an object with the same id or name exists: the kernel deletes asynchronously,
/// so that the existing one may be about to disappear. Between two tries the worker does other jobs. Loop thread only.
/// </summary>
/// <param name="worker">The worker.</param>
/// <param name="sink">The loop.</param>
/// <param name="timers">The loop's timers.</param>
/// <param name="isDeleting">Whether deletions are queued that may remove the existing object, so that it is worth waiting; <c>null</c> if
/// never.</param>
internal sealed class KernelCreation(WorkQueue worker, IInputSink sink, LoopTimers timers, Func<bool>? isDeleting = null)
{
    /// <summary>Doubles with each try: 635 ms in total.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(5);
    private const int MostTries = 8;

    /// <summary>Makes an object.</summary>
    /// <param name="make">Makes it, on the worker.</param>
    /// <param name="mayPass">Whether the result may be different in a moment, and the object is still wanted. Loop thread.</param>
    /// <param name="done">Takes the final result. Loop thread.</param>
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
        // If the object was destroyed meanwhile, there was nothing to delete: it must not be made after that.
        if (mayPass(made))
            Try(make, mayPass, done, attempt);
        else
            done(made);
    }
}
