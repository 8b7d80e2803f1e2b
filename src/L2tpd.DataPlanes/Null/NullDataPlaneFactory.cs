using L2tpd.Configuration;
using L2tpd.Linux.Host;
using L2tpd.Runtime.Sockets;
using Microsoft.Extensions.Logging;

namespace L2tpd.DataPlanes.Null;

/// <summary>Opens the data plane that carries no data: for tests, and to check whether a peer answers.</summary>
internal sealed partial class NullDataPlaneFactory : IDataPlaneFactory
{
    /// <inheritdoc/>
    public DataPlaneChoice Choice => DataPlaneChoice.Null;

    /// <inheritdoc/>
    public string Name => NullDataPlane.Word;

    /// <inheritdoc/>
    public string Reason => "configured: control messages only, no data is carried";

    /// <inheritdoc/>
    public string? ReasonForAuto => null;

    /// <inheritdoc/>
    public IpSockets IpSockets => IpSockets.Either;

    /// <inheritdoc/>
    public string? Obstacle(Lazy<KernelCapabilities> kernel) => null;

    /// <inheritdoc/>
    public IDataPlane Open(DataPlaneEnvironment environment)
    {
        foreach (var profile in environment.Configuration.PppProfiles.Keys)
            LogPppIgnored(environment.Log, profile);
        return new NullDataPlane(environment.Sink, environment.Transports);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "PPP profile {Profile} is not used: the data plane `null` carries no data")]
    private static partial void LogPppIgnored(ILogger log, string profile);
}
