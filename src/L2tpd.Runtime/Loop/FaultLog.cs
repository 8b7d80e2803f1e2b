using Microsoft.Extensions.Logging;

namespace L2tpd.Runtime.Loop;

/// <summary>
/// Catches exceptions at the edge of the loop. Such an exception is a defect of l2tpd: it is logged and counted, and must not stop the
/// other tunnels. The first few are logged in full, then every thousandth.
/// </summary>
public sealed partial class FaultLog(ILogger log)
{
    private const long LoggedInFull = 20;
    private const long ThenOneIn = 1_000;

    /// <summary>Exceptions caught so far.</summary>
    public long Count { get; private set; }

    public void Add(string where, Exception error)
    {
        Count++;
        if (Count <= LoggedInFull || Count % ThenOneIn == 0)
            LogFault(where, Count, error);
    }

    [LoggerMessage(Level = LogLevel.Error, Message =
        "Internal error {Count} in {Where}. The daemon continues. Report this as a defect of l2tpd.")]
    private partial void LogFault(string where, long count, Exception error);
}
