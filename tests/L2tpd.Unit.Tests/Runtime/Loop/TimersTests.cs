using L2tpd.Linux;
using L2tpd.Runtime.Loop;

namespace L2tpd.Unit.Tests.Runtime.Loop;

public sealed class TimersTests
{
    [Fact]
    public void Timers_come_in_order_once_and_cancelled_ones_not_at_all()
    {
        var timers = new LoopTimers();
        var ran = new List<string>();
        Assert.Equal(long.MaxValue, timers.Next);
        timers.After(TimeSpan.FromSeconds(20), () => ran.Add("late"));
        timers.After(TimeSpan.FromSeconds(10), () => ran.Add("early"));
        timers.After(TimeSpan.FromSeconds(15), () => ran.Add("cancelled")).Cancel();
        var now = MonotonicClock.NowMilliseconds;
        Assert.InRange(timers.Next, now + 9_000, now + 10_000);
        Assert.Null(timers.TakeDue(now));
        timers.TakeDue(now + 30_000)!.Run();
        timers.TakeDue(now + 30_000)!.Run();
        Assert.Null(timers.TakeDue(now + 30_000));
        Assert.Equal(["early", "late"], ran);
    }

    [Fact]
    public void A_timer_runs_once()
    {
        var count = 0;
        var timer = new LoopTimer(() => count++);
        timer.Run();
        timer.Run();
        Assert.True(timer.IsCancelled);
        Assert.Equal(1, count);
    }

    [Fact]
    public void Work_is_done_in_order_and_a_fault_does_not_stop_it()
    {
        var done = new List<int>();
        var faults = new List<Exception>();
        using var queue = new WorkQueue("test", faults.Add);
        queue.Add(() => done.Add(1));
        queue.Add(() => throw new InvalidOperationException("two"));
        queue.Add(() => done.Add(3));
        Assert.True(queue.Complete(TimeSpan.FromSeconds(30)));
        queue.Add(() => done.Add(4));
        Assert.Equal([1, 3], done);
        Assert.Equal("two", Assert.Single(faults).Message);
    }
}
