using System.Collections.Concurrent;
using L2tpd.Engine.Inputs;
using L2tpd.Runtime.Loop;

namespace L2tpd.Unit.Tests.DataPlanes;

/// <summary>Takes the place of the loop: posted work runs when the test calls <see cref="Run"/>.</summary>
internal sealed class PostedWork : IInputSink, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly BlockingCollection<Action> _posted = [];

    /// <summary>Inputs for the engine, in order.</summary>
    public List<EngineInput> Inputs { get; } = [];

    public void Submit(EngineInput input) => Inputs.Add(input);

    public void Post(EngineInput input) => _posted.Add(() => Inputs.Add(input));

    public void Post(Action work) => _posted.Add(work);

    /// <summary>Waits for this number of results of the worker and runs them.</summary>
    public void Run(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(_posted.TryTake(out var work, Patience), "the worker posts nothing");
            work();
        }
    }

    public void Dispose() => _posted.Dispose();
}
