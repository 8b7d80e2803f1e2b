using System.Diagnostics;
using L2tpd.Linux.Netlink;

namespace L2tpd.Linux.Probe;

/// <summary>Runs checks one by one and counts.</summary>
internal sealed class Checks
{
    private int _passed;
    private int _failed;

    public void Run(string name, Action check)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            check();
            Eventually(NoTunnels, "no tunnel of the check is left");
            _passed++;
            Console.WriteLine($"ok     {name} ({watch.ElapsedMilliseconds} ms)");
        }
        catch (Exception problem)
        {
            _failed++;
            Console.WriteLine($"FAILED {name}: {(problem is LinuxException ? problem.Message : problem)}");
        }
    }

    /// <summary>The kernel ends tunnels some time after their sockets are closed; the next check counts its own only.</summary>
    private static bool NoTunnels()
    {
        Ok(L2tpNetlink.TryOpen(out var netlink));
        using (netlink)
        {
            Ok(netlink!.ListTunnels(out var tunnels));
            return tunnels.Count == 0;
        }
    }

    public int Report()
    {
        Console.WriteLine($"{_passed} _passed, {_failed} _failed");
        return _failed == 0 ? 0 : 1;
    }

    public static void Ok(LinuxError error)
    {
        if (!error.IsNone)
            throw new LinuxException(error.ToString());
    }

    public static void Fails(int errno, LinuxError error)
    {
        if (error.Errno != errno)
            throw new LinuxException($"expected {Errno.Name(errno)}, got: {error}");
        Console.WriteLine($"       (as expected: {error})");
    }

    public static void Equal<T>(T expected, T found, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
            throw new LinuxException($"{what}: expected {expected}, found {found}");
    }

    public static void That(bool condition, string what)
    {
        if (!condition)
            throw new LinuxException(what);
    }

    /// <summary>Polls until the kernel has done what it does asynchronously.</summary>
    public static void Eventually(Func<bool> condition, string what)
    {
        for (var i = 0; i < 500; i++)
        {
            if (condition())
                return;
            Thread.Sleep(10);
        }

        throw new LinuxException("not within 5 s: " + what);
    }
}
