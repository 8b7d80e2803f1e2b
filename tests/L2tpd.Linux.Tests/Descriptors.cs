using L2tpd.Linux.Host;

namespace L2tpd.Linux.Tests;

/// <summary>
/// Counts the descriptors of this process. The test host opens and closes its own at the same time, so a leak must show more than once.
/// </summary>
internal static class Descriptors
{
    private const int Times = 20;

    public static void AssertNoneLeft(Action action)
    {
        action();
        var before = Resources.OpenFiles;
        for (var i = 0; i < Times; i++)
            action();
        Assert.InRange(Resources.OpenFiles, 0, before + (Times / 2));
    }
}
