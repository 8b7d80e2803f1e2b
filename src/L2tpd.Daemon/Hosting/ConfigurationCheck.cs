using L2tpd.Configuration;
using L2tpd.DataPlanes;
using L2tpd.Linux.Host;

namespace L2tpd.Daemon.Hosting;

/// <c>--check</c>, and the same check at start: all errors and warnings, one line each.
public static class ConfigurationCheck
{
    /// <summary>Checks a file.</summary>
    /// <returns>0 if it is valid, otherwise 1.</returns>
    public static int Run(string path, string? instance, TextWriter output, TextWriter errors)
    {
        var loaded = Load(path, errors, MachineEnvironment.OfProcess(instance) with { IsCheck = true });
        if (loaded.Configuration is not { } configuration)
            return 1;
        if (Objection(configuration) is { } objection)
            errors.WriteLine($"{path}: {objection} (warning)");
        if (MachineObjection(configuration, KernelCapabilities.Probe) is { } machine)
            errors.WriteLine($"{path}: would not start on this machine: {machine} (warning)");
        output.WriteLine($"{path}: OK ({configuration.Listeners.Length} listeners, {configuration.Engine.Peers.Length} peers, "
            + $"{configuration.Engine.Tunnels.Length} tunnels to dial, {configuration.Engine.StaticTunnels.Length} static tunnels)");
        return 0;
    }

    /// <summary>A warning about a valid configuration that this process runs; <c>null</c> if there is none.</summary>
    public static string? Objection(DaemonConfiguration configuration) => Objection(configuration, UserDatabase.EffectiveUser);

    /// <summary>A warning about a valid configuration; <c>null</c> if there is none.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="user">The user that the daemon runs as.</param>
    public static string? Objection(DaemonConfiguration configuration, uint user)
    {
        if (configuration.Listeners.IsEmpty && configuration.Engine.Tunnels.IsEmpty && configuration.Engine.StaticTunnels.IsEmpty)
            return "no listener, no tunnel to dial and no static tunnel is configured: the daemon has nothing to do";
        return user != 0 && configuration.PppProfiles.Values.FirstOrDefault(static profile => profile.Backend == PppBackend.Pppd) is { } ppp
            ? $"{ppp.Name}: pppd needs root, and l2tpd runs as another user: its sessions will fail. Use `backend: built-in`, or run the "
                + "service as root (l2tpd(8))"
            : null;
    }

    /// <summary>
    /// Why the daemon would not start with a valid configuration on this machine, which may be another one than the target; <c>null</c> if
    /// no reason is known.
    /// </summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="probe">Asks the kernel.</param>
    public static string? MachineObjection(DaemonConfiguration configuration, Func<KernelCapabilities> probe)
    {
        if (DataPlaneRegistry.Decide(configuration.DataPlane, probe, out var error) is not { } decision)
            return error;
        return decision.Factory.Objection(configuration);
    }

    /// <summary>Loads a file and prints its errors and warnings.</summary>
    public static LoadResult Load(string path, string? instance, TextWriter errors) =>
        Load(path, errors, MachineEnvironment.OfProcess(instance));

    private static LoadResult Load(string path, TextWriter errors, LoadEnvironment environment)
    {
        var loaded = ConfigurationLoader.Load(path, environment);
        foreach (var warning in loaded.Warnings)
            errors.WriteLine($"{warning} (warning)");
        foreach (var error in loaded.Errors)
            errors.WriteLine(error);
        if (loaded.Configuration is null)
            errors.WriteLine($"{path}: {loaded.Errors.Length} {(loaded.Errors.Length == 1 ? "error" : "errors")}");
        return loaded;
    }
}
