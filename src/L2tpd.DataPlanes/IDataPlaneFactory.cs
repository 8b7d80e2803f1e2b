using L2tpd.Configuration;
using L2tpd.Linux.Host;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using Microsoft.Extensions.Logging;

namespace L2tpd.DataPlanes;

/// <summary>
/// Says whether a data plane can run here, and opens it. A new data plane is a folder with one of these, and a line in
/// <see cref="DataPlaneRegistry"/>.
/// </summary>
public interface IDataPlaneFactory
{
    /// <summary>The choice of the configuration that stands for it.</summary>
    DataPlaneChoice Choice { get; }

    /// <summary>The word of the configuration for it.</summary>
    string Name { get; }

    /// <summary>Why the operator gets it: for the log, when it was asked for by name.</summary>
    string Reason => "configured";

    /// <summary>Why <c>data-plane: auto</c> takes it; <c>null</c>: it never does.</summary>
    string? ReasonForAuto { get; }

    /// <summary>What kind of socket carries L2TP over IP protocol 115 for it.</summary>
    IpSockets IpSockets { get; }

    /// <summary>It puts the same L2-Specific Sublayer on both directions of a session (RFC 3931 section 4.6).</summary>
    bool SublayersMustBeEqual => false;

    /// <summary>Why it cannot run on this kernel, in words that name the module or device; <c>null</c>: it can.</summary>
    /// <param name="probe">Asks the kernel; not called where the answer does not matter.</param>
    string? Obstacle(Func<KernelCapabilities> probe);

    /// <summary>What of a valid configuration it cannot do; <c>null</c>: nothing.</summary>
    string? Objection(DaemonConfiguration configuration) => null;

    /// <summary>Removes what a crashed run left behind and opens the data plane.</summary>
    /// <exception cref="DataPlaneException">It cannot be opened; the message says why and what to do.</exception>
    IDataPlane Open(DataPlaneEnvironment environment);
}

/// <summary>What a data plane is opened with.</summary>
/// <param name="Configuration">The configuration in force.</param>
/// <param name="Sink">Takes inputs for the engine.</param>
/// <param name="Timers">Timers of the loop.</param>
/// <param name="Transports">The sockets of tunnels.</param>
/// <param name="Budget">Limits open descriptors.</param>
/// <param name="Log">The log.</param>
public sealed record DataPlaneEnvironment(
    DaemonConfiguration Configuration, IInputSink Sink, LoopTimers Timers, Transports Transports, DescriptorBudget Budget, ILogger Log);

/// <summary>A data plane cannot be opened; the message says what is wrong and what to do, for the operator.</summary>
public sealed class DataPlaneException : Exception
{
    /// <inheritdoc/>
    public DataPlaneException()
    {
    }

    /// <inheritdoc/>
    public DataPlaneException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public DataPlaneException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
