using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging.Abstractions;

namespace L2tpd.Unit.Tests.Runtime.Loop;

/// <summary>Memory is returned once after each peak, and never during one.</summary>
public sealed class IdleCompactionTests
{
    private readonly Heap _heap = new();
    private readonly LoopTimers _timers;
    private long _now;

    public IdleCompactionTests()
    {
        _timers = new LoopTimers(() => _now);
        new IdleCompaction(_timers, _heap, NullLogger.Instance).Start();
    }

    [Fact]
    public void AfterAStormTheFirstQuietIntervalCompacts()
    {
        _heap.Allocated = IdleCompaction.Storm;
        Pass();
        Assert.Equal(0, _heap.Compactions);
        _heap.Allocated += IdleCompaction.Quiet;
        Pass();
        Assert.Equal(1, _heap.Compactions);
    }

    [Fact]
    public void WhileTheStormLastsNothingIsDone()
    {
        for (var i = 0; i < 20; i++)
        {
            _heap.Allocated += IdleCompaction.Quiet + 1;
            Pass();
        }

        Assert.Equal(0, _heap.Compactions);
    }

    [Fact]
    public void LittleIsNotWorthIt()
    {
        _heap.Allocated = IdleCompaction.Storm - 1;
        Pass();
        Pass();
        Assert.Equal(0, _heap.Compactions);
    }

    [Fact]
    public void OnceForEachStorm()
    {
        for (var storm = 1; storm <= 3; storm++)
        {
            _heap.Allocated += IdleCompaction.Storm;
            for (var i = 0; i < 10; i++)
                Pass();
            Assert.Equal(storm, _heap.Compactions);
        }
    }

    [Fact]
    public void ItLooksAtTheIntervalExactly()
    {
        _heap.Allocated = IdleCompaction.Storm;
        Pass();
        _now += (long)IdleCompaction.Interval.TotalMilliseconds - 1;
        RunDue();
        Assert.Equal(0, _heap.Compactions);
        _now++;
        RunDue();
        Assert.Equal(1, _heap.Compactions);
    }

    private void Pass()
    {
        _now += (long)IdleCompaction.Interval.TotalMilliseconds;
        RunDue();
    }

    private void RunDue()
    {
        while (_timers.TakeDue(_now) is { } timer)
            timer.Run();
    }

    private sealed class Heap : IHeap
    {
        public long Allocated { get; set; }

        public int Compactions { get; private set; }

        public void Compact() => Compactions++;
    }
}
