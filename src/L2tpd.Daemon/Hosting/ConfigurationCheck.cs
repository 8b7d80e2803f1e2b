using L2tpd.Configuration;
using L2tpd.DataPlanes;
using L2tpd.Linux.Host;

namespace L2tpd.Daemon.Hosting;

/// <summary><c>--check</c>, and the same at start: all errors and warnings, one line each.</summary>
public static class ConfigurationCheck
{
    /// <summary>Checks a file.</summary>
    /// <returns>0: it is fine; 1: it is not.</returns>
    public static int Run(string path, TextWriter output, TextWriter errors)
    {
        var loaded = Load(path, errors, MachineEnvironment.OfProcess() with { IsCheck = true });
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

    /// <summary>What is odd about a configuration that is valid as far as it goes; null: nothing.</summary>
    public static string? Objection(DaemonConfiguration configuration) => configuration.Listeners.IsEmpty
        && configuration.Engine.Tunnels.IsEmpty && configuration.Engine.StaticTunnels.IsEmpty
        ? "nothing is configured: no listener, no tunnel to dial and no static one, the daemon has nothing to do"
        : null;

    /// <summary>
    /// Why the daemon would not start with a valid configuration on this machine, which need not be the one it is for; null: no reason is
    /// known.
    /// </summary>
    /// <param name="configuration">As loaded.</param>
    /// <param name="probe">Asks the kernel.</param>
    public static string? MachineObjection(DaemonConfiguration configuration, Func<KernelCapabilities> probe)
    {
        if (DataPlaneRegistry.Decide(configuration.DataPlane, probe, out var error) is not { } decision)
            return error;
        return decision.Factory.Objection(configuration);
    }

    /// <summary>Loads a file and prints what is wrong with it.</summary>
    public static LoadResult Load(string path, TextWriter errors) => Load(path, errors, MachineEnvironment.OfProcess());

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
