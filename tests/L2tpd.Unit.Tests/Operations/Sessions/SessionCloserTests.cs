using L2tpd.Engine.Configuration;
using L2tpd.Engine.Inputs;
using L2tpd.Operations.Control;
using L2tpd.Operations.Sessions;
using L2tpd.Runtime.Loop;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Operations.Sessions;

/// <summary>Many sessions are closed at a rate.</summary>
public sealed class SessionCloserTests
{
    private readonly List<EngineInput> _closed = [];
    private readonly LoopTimers _timers;
    private readonly SessionCloser _closer;
    private readonly EnginePair _pair = new(
        1, EnginePair.Tunnel("hq", [.. Enumerable.Range(0, 50).Select(static i => new LacSession { Name = $"s{i}" })]));

    private long _now = 1_000;

    public SessionCloserTests()
    {
        _timers = new LoopTimers(() => _now);
        _closer = new SessionCloser(_timers, _closed.Add);
    }

    [Theory]
    [InlineData(20, 2, 20, 40, 50)]
    [InlineData(10_000, 50, 50, 50, 50)]
    [InlineData(1, 1, 1, 2, 3)]
    public void So_many_are_closed_per_second(int rate, int atOnce, int afterOne, int afterTwo, int afterThree)
    {
        var view = _closer.Start(Sessions(), rate, "test");
        Assert.Equal((50, atOnce, 50 - atOnce), (view.Selected, view.Closed, view.Left));
        var counts = Enumerable.Range(0, 3).Select(_ => Pass(1_000)).ToArray();
        Assert.All(counts.Zip([afterOne, afterTwo, afterThree]), static pair => Assert.InRange(pair.First, pair.Second, pair.Second + 3));
        Assert.Equal(_closed.Count, _closer.View!.Closed);
        Assert.Equal(_closed.Count, _closed.OfType<CloseSession>().Select(static one => one.Session).Distinct().Count());
        Assert.All(_closed.OfType<CloseSession>(), static one => Assert.Equal("test", one.By));
    }

    [Fact]
    public void One_runs_at_a_time_and_can_be_stopped()
    {
        Assert.Null(_closer.Stop());
        _closer.Start(Sessions(), 10, "first");
        Assert.Contains("first", Assert.Throws<ControlUnavailableException>(() => _closer.Start(Sessions(), 10, "second")).Message);
        Pass(1_000);
        var stopped = _closer.Stop()!;
        Assert.Equal((true, 0, _closed.Count), (stopped.IsStopped, stopped.Left, stopped.Closed));
        Assert.Equal(stopped.Closed, Pass(10_000));
        Assert.Equal("second", _closer.Start(Sessions(), 10, "second").By);
    }

    [Fact]
    public void Nothing_selected_is_over_at_once()
    {
        var view = _closer.Start([], 10, "test");
        Assert.Equal((0, 0, 0), (view.Selected, view.Closed, view.Left));
        Assert.Equal(long.MaxValue, _timers.Next);
    }

    private IEnumerable<L2tpd.Engine.Calls.Session> Sessions() => _pair.Lac.Tunnels.SelectMany(static tunnel => tunnel.Sessions.Values);

    private int Pass(long milliseconds)
    {
        for (var end = _now + milliseconds; _now < end; _now += 10)
        {
            while (_timers.TakeDue(_now) is { } timer)
                timer.Run();
        }

        return _closed.Count;
    }
}
