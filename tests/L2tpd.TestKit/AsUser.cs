using System.Runtime.InteropServices;

namespace L2tpd.TestKit;

/// <summary>
/// Runs code as another user: on a thread of its own, which has that user's ids and no capability, and ends afterwards (setresuid(2) of one
/// thread).
/// </summary>
internal static partial class AsUser
{
    /// <summary>The user who owns nothing.</summary>
    public const int Nobody = 65_534;

    /// <summary>Runs it and waits; what it throws is thrown here.</summary>
    /// <param name="action">What to do.</param>
    /// <param name="networkNamespace">Where; null: here.</param>
    public static void Run(Action action, string? networkNamespace = null) => Start(action, networkNamespace).Join();

    /// <summary>Starts it.</summary>
    public static Running Start(Action action, string? networkNamespace = null)
    {
        var running = new Running();
        var thread = new Thread(() =>
        {
            try
            {
                if (networkNamespace is not null)
                    NetworkNamespace.Enter(networkNamespace);
                Become(Nobody);
                action();
            }
            catch (Exception failure)
            {
                running.Failure = failure;
            }
        })
        { IsBackground = true };
        running.Thread = thread;
        thread.Start();
        return running;
    }

    private static void Become(int user)
    {
        // The C library's function would change every thread of the process.
        nint number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 117 : 147;
        if (syscall(number, user, user, user) != 0)
            throw new InvalidOperationException($"setresuid: {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint syscall(nint number, nint first, nint second, nint third);

    /// <summary>What was started.</summary>
    internal sealed class Running
    {
        public Thread Thread { get; set; } = null!;

        public Exception? Failure { get; set; }

        /// <summary>Waits for its end, a minute at most.</summary>
        public void Join() => Assert.True(TryJoin(TimeSpan.FromSeconds(60)), "still running after 60 s");

        /// <summary>Waits for its end; what it threw is thrown here.</summary>
        public bool TryJoin(TimeSpan patience)
        {
            if (!Thread.Join(patience))
                return false;
            if (Failure is not null)
                throw new InvalidOperationException("as another user", Failure);
            return true;
        }
    }
}
