using System.Runtime.InteropServices;

namespace L2tpd.TestKit;

/// <summary>Makes sockets in another network namespace; they stay there (setns(2)).</summary>
internal static partial class NetworkNamespace
{
    private const int CloneNewNet = 0x4000_0000;

    /// <summary>Runs <paramref name="make"/> inside a namespace that <c>ip netns</c> made.</summary>
    public static T Make<T>(string name, Func<T> make)
        where T : class
    {
        T? made = null;
        Exception? failure = null;
        // A thread of its own: it stays in that namespace, and ends.
        var thread = new Thread(() =>
        {
            try
            {
                Enter(name);
                made = make();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return made ?? throw new InvalidOperationException($"in {name}", failure);
    }

    /// <summary>Takes the calling thread, for good, into a namespace that <c>ip netns</c> made.</summary>
    public static void Enter(string name)
    {
        using var space = File.OpenHandle($"/run/netns/{name}");
        if (setns(space, CloneNewNet) != 0)
            throw new InvalidOperationException($"setns: {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int setns(Microsoft.Win32.SafeHandles.SafeFileHandle fd, int kind);
}
