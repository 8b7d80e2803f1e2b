using System.Diagnostics;
using L2tpd.Engine.Inputs;
using L2tpd.Linux.Loop;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>A loop without an engine: records the inputs from parts of the daemon, and the lines they log.</summary>
internal sealed class LoopRig : IInputSink, ILogger, IDisposable
{
    public LoopRig()
    {
        Faults = new FaultLog(this);
        Starter = new WorkQueue("test-starter", error => Lines.Add(error.ToString()));
    }

    public EventLoop Events { get; } = new();

    public LoopTimers Timers { get; } = new();

    public FaultLog Faults { get; }

    public WorkQueue Starter { get; }

    public List<EngineInput> Inputs { get; } = [];

    public List<string> Lines { get; } = [];

    public void Submit(EngineInput input) => Inputs.Add(input);

    public void Post(EngineInput input) => Events.Post(() => Inputs.Add(input));

    public void Post(Action work) => Events.Post(work);

    /// <summary>Turns until the condition holds.</summary>
    public void RunUntil(Func<bool> condition, string what, int seconds = 30)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed.TotalSeconds < seconds, $"not in {seconds} s: {what}\n{string.Join('\n', Lines)}");
            Turn();
        }
    }

    public void Turn()
    {
        while (Timers.TakeDue(MonotonicClock.NowMilliseconds) is { } timer)
            timer.Run();
        Events.RunOnce(Math.Min(Timers.Next, MonotonicClock.NowMilliseconds + 20));
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
        string> formatter)
    {
        lock (Lines)
            Lines.Add($"{logLevel}: {formatter(state, exception)}{exception}");
    }

    public void Dispose()
    {
        Starter.Dispose();
        Events.Dispose();
    }
}
