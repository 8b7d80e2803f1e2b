using L2tpd.Engine.Inputs;

namespace L2tpd.Runtime.Loop;

/// <summary>Takes the results of effects back into the engine, on the loop's thread, never from within a call of the engine.</summary>
public interface IInputSink
{
    /// <summary>Queues an input for this turn of the loop. Loop thread only.</summary>
    void Submit(EngineInput input);

    /// <summary>Queues an input. Any thread.</summary>
    void Post(EngineInput input);

    /// <summary>Runs work on the loop's thread. Any thread.</summary>
    void Post(Action work);
}
