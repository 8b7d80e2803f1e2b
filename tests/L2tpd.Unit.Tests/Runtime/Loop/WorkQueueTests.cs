using L2tpd.Runtime.Loop;

namespace L2tpd.Unit.Tests.Runtime.Loop;

public sealed class WorkQueueTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public void What_may_wait_waits_for_what_is_added_later_and_keeps_its_order()
    {
        var done = new List<string>();
        using var gate = new ManualResetEventSlim();
        using var queue = new WorkQueue("test", static error => Assert.Fail(error.ToString()));
        queue.Add(() => gate.Wait(Long));
        queue.AddLast(() => done.Add("deletion 1"));
        queue.AddLast(() => done.Add("deletion 2"));
        queue.Add(() => done.Add("creation 1"));
        queue.Add(() => done.Add("creation 2"));
        gate.Set();
        Assert.True(queue.Complete(Long));
        Assert.Equal(["creation 1", "creation 2", "deletion 1", "deletion 2"], done);
        Assert.Equal(0, queue.Waiting);
        queue.Add(() => done.Add("too late"));
        Assert.Equal(0, queue.Waiting);
    }
}
