using L2tpd.DataPlanes.Kernel;
using L2tpd.Runtime.Loop;

namespace L2tpd.Unit.Tests.DataPlanes;

/// <summary>
/// An existing object with the same id or name may disappear: the creation is tried again, and meanwhile the worker does other jobs.
/// </summary>
public sealed class KernelCreationTests : IDisposable
{
    private readonly PostedWork posted = new();
    private readonly List<Exception> faults = [];
    private readonly WorkQueue worker;
    private readonly LoopTimers timers;
    private readonly KernelCreation creation;
    private long now;

    public KernelCreationTests()
    {
        worker = new WorkQueue("test", faults.Add);
        timers = new LoopTimers(() => now);
        creation = new KernelCreation(worker, posted, timers);
    }

    public void Dispose()
    {
        worker.Dispose();
        posted.Dispose();
        Assert.Empty(faults);
    }

    [Fact]
    public void Others_are_made_while_one_waits()
    {
        var done = new List<string>();
        var tries = 0;
        creation.Make(() => ++tries, static _ => true, made => done.Add($"colliding after {made}"));
        creation.Make(static () => 0, static _ => false, _ => done.Add("other"));
        posted.Run(2);
        Assert.Equal(["other"], done);

        var times = new List<long>();
        while (done.Count < 2)
        {
            now = timers.Next;
            times.Add(now);
            timers.TakeDue(now)!.Run();
            posted.Run(1);
        }

        Assert.Equal([5L, 15, 35, 75, 155, 315, 635], times);
        Assert.Equal("colliding after 8", done[1]);
        Assert.Equal(long.MaxValue, timers.Next);
    }

    [Fact]
    public void What_may_be_deleted_soon_is_waited_for_as_long_as_deletions_wait()
    {
        var deletions = 20;
        var patient = new KernelCreation(worker, posted, timers, () => deletions > 0);
        var tries = 0;
        var made = 0;
        patient.Make(() => ++tries, static _ => true, result => made = result);
        posted.Run(1);
        for (; deletions > 0; deletions--)
        {
            now = timers.Next;
            timers.TakeDue(now)!.Run();
            posted.Run(1);
        }

        Assert.Equal((0, 21), (made, tries));
        now = timers.Next;
        timers.TakeDue(now)!.Run();
        posted.Run(1);
        Assert.Equal(22, made);
    }

    [Fact]
    public void It_is_made_as_soon_as_it_can_be()
    {
        var tries = 0;
        var made = 0;
        creation.Make(() => ++tries, static made => made < 3, result => made = result);
        posted.Run(1);
        for (var i = 0; i < 2; i++)
        {
            now = timers.Next;
            timers.TakeDue(now)!.Run();
            posted.Run(1);
        }

        Assert.Equal((3, long.MaxValue), (made, timers.Next));
    }

    [Fact]
    public void What_is_no_longer_wanted_is_not_made_again()
    {
        var tries = 0;
        var isWanted = true;
        var made = 0;
        creation.Make(() => ++tries, _ => isWanted, result => made = result);
        posted.Run(1);
        isWanted = false;
        timers.TakeDue(timers.Next)!.Run();
        Assert.Equal((1, 1), (made, tries));
    }
}
