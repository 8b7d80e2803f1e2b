namespace L2tpd.Runtime.Tracing;

/// <summary>
/// Where the parts of the daemon that see messages and frames find out whether somebody traces. It costs one branch when nobody does. Loop
/// thread only.
/// </summary>
public sealed class TraceTap
{
    /// <summary>Takes copies; <c>null</c> if nobody traces.</summary>
    public ITraceListener? Listener { get; set; }
}
