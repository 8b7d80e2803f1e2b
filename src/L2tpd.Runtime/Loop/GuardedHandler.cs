using L2tpd.Linux.Loop;

namespace L2tpd.Runtime.Loop;

/// <summary>Keeps what a readiness handler throws from ending the loop.</summary>
public sealed class GuardedHandler(IReadinessHandler inner, FaultLog faults) : IReadinessHandler
{
    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        try
        {
            inner.OnReady(readiness);
        }
        catch (Exception error)
        {
            faults.Add(inner.GetType().Name, error);
        }
    }
}
