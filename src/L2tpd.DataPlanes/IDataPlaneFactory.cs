using L2tpd.Configuration;
using L2tpd.Linux.Host;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using Microsoft.Extensions.Logging;

namespace L2tpd.DataPlanes;

/// <summary>
/// Checks whether a data plane can run, and opens it. A new data plane is a folder with an implementation of this interface, and a line in
/// <see cref="DataPlaneRegistry"/>.
/// </summary>
public interface IDataPlaneFactory
{
    /// <summary>The choice of the configuration that stands for the data plane.</summary>
    DataPlaneChoice Choice { get; }

    /// <summary>The value of <c>data-plane</c> in the configuration.</summary>
    string Name { get; }

    /// <summary>The reason for the log if the configuration names this data plane.</summary>
    string Reason => "configured";

    /// <summary>The reason for the log if <c>data-plane: auto</c> chose this data plane; <c>null</c> if it never does.</summary>
    string? ReasonForAuto { get; }

    /// <summary>The kind of socket that carries L2TP over IP protocol 115.</summary>
    IpSockets IpSockets { get; }

    /// <summary>Whether both directions of a session must have the same L2-Specific Sublayer (RFC 3931 section 4.6).</summary>
    bool SublayersMustBeEqual => false;

    /// <summary>
    /// Why the data plane cannot run on this kernel, with the name of the missing module or device; <c>null</c> if it can.
    /// </summary>
    /// <param name="kernel">What the kernel supports; asked when it is first read.</param>
    string? Obstacle(Lazy<KernelCapabilities> kernel);

    /// <summary>What a valid configuration asks for that this data plane cannot do; <c>null</c> if there is nothing.</summary>
    string? Objection(DaemonConfiguration configuration) => null;

    /// <summary>Removes what a crashed run left in the kernel, and opens the data plane.</summary>
    /// <exception cref="DataPlaneException">It cannot be opened; the message says why and what to do.</exception>
    IDataPlane Open(DataPlaneEnvironment environment);
}

/// <summary>The arguments of <see cref="IDataPlaneFactory.Open"/>.</summary>
/// <param name="Configuration">The configuration in force.</param>
/// <param name="Sink">Takes inputs for the engine.</param>
/// <param name="Timers">Timers of the loop.</param>
/// <param name="Transports">The sockets of tunnels.</param>
/// <param name="Budget">Limits open descriptors.</param>
/// <param name="Log">The log.</param>
public sealed record DataPlaneEnvironment(
    DaemonConfiguration Configuration, IInputSink Sink, LoopTimers Timers, Transports Transports, DescriptorBudget Budget, ILogger Log);

/// <summary>A data plane cannot be opened. The message tells the operator why, and what to do.</summary>
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
