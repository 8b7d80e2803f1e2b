using L2tpd.Configuration;
using L2tpd.DataPlanes;
using L2tpd.Linux.Host;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Hosting;

/// <summary>Chooses the data plane and opens it. One log line names it and the reason.</summary>
internal static partial class DataPlaneSetup
{
    /// <summary>Chooses among the data planes that this machine can run.</summary>
    /// <exception cref="StartException">None can run; the message says what is missing.</exception>
    public static DataPlaneDecision Decide(DataPlaneChoice choice) =>
        DataPlaneRegistry.Decide(choice, KernelCapabilities.Probe, out var error) ?? throw new StartException(error! + ".");

    /// <summary>Opens the chosen data plane.</summary>
    /// <exception cref="StartException">It cannot be opened; the message says why.</exception>
    public static IDataPlane Open(DataPlaneDecision decision, DataPlaneEnvironment environment)
    {
        LogChosen(environment.Log, decision.Factory.Name, decision.Why);
        try
        {
            return decision.Factory.Open(environment);
        }
        catch (DataPlaneException error)
        {
            throw new StartException(error.Message, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Data plane: {DataPlane} ({Why})")]
    private static partial void LogChosen(ILogger log, string dataPlane, string why);
}
