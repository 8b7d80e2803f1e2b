using L2tpd.Linux.Loop;

namespace L2tpd.Runtime.Loop;

/// <summary>Catches what a readiness handler throws, so that the loop goes on.</summary>
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
