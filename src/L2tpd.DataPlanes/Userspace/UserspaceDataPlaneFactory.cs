using L2tpd.Configuration;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;
using L2tpd.Runtime.Sockets;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>Opens the data plane that needs only TUN and TAP interfaces of the kernel.</summary>
internal sealed class UserspaceDataPlaneFactory : IDataPlaneFactory
{
    /// <inheritdoc/>
    public DataPlaneChoice Choice => DataPlaneChoice.Userspace;

    /// <inheritdoc/>
    public string Name => UserspaceDataPlane.Word;

    /// <inheritdoc/>
    public string ReasonForAuto => "TUN and TAP interfaces can be made";

    /// <inheritdoc/>
    public IpSockets IpSockets => IpSockets.Raw;

    /// <inheritdoc/>
    public string? Obstacle(Lazy<KernelCapabilities> kernel) =>
        kernel.Value.TunDevice is { IsAvailable: false } tun ? $"the userspace data plane cannot make interfaces. {tun}" : null;

    /// <inheritdoc/>
    public string? Objection(DaemonConfiguration configuration) =>
        configuration.PppProfiles.Values.FirstOrDefault(static profile => profile.Backend == PppBackend.Pppd) is { } profile
            ? "the userspace data plane cannot run pppd, which needs the kernel's PPP: set `backend: built-in` in PPP profile "
                + $"{profile.Name}"
            : null;

    /// <inheritdoc/>
    /// <remarks>When the daemon dies, the kernel removes the interfaces with their descriptors, so that no state file is needed.</remarks>
    public IDataPlane Open(DataPlaneEnvironment environment)
    {
        if (Objection(environment.Configuration) is { } objection)
            throw new DataPlaneException(objection);
        var error = TunTap.TryOpen("l2tpd%d", tap: false, offloads: false, out var trial);
        trial?.Dispose();
        if (!error.IsNone)
            throw new DataPlaneException(Explain(error));
        error = RtNetlink.TryOpen(out var links);
        if (!error.IsNone)
            throw new DataPlaneException($"the kernel's interfaces cannot be managed: {error}");
        return new UserspaceDataPlane(
            environment.Sink, environment.Transports, environment.Budget, environment.Timers, links!, environment.Configuration.Offloads,
            environment.Log);
    }

    /// <summary>Why the test interface could not be made, and what to do.</summary>
    private static string Explain(LinuxError error) => error.Errno is Errno.EPERM or Errno.EACCES
        ? $"network interfaces cannot be made ({error}): the capability CAP_NET_ADMIN is missing. Run as root, or set "
            + "AmbientCapabilities=CAP_NET_ADMIN in the unit; "
            + "'data-plane: null' needs no capability and carries no data"
        : $"network interfaces cannot be made: {error}";
}
