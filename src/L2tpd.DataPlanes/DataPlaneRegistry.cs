using L2tpd.Configuration;
using L2tpd.DataPlanes.Kernel;
using L2tpd.DataPlanes.Null;
using L2tpd.DataPlanes.Userspace;
using L2tpd.Linux.Host;

namespace L2tpd.DataPlanes;

/// <summary>All data planes, in the order in which <c>data-plane: auto</c> tries them, and the choice among them.</summary>
public static class DataPlaneRegistry
{
    private static readonly IDataPlaneFactory[] Factories =
    [
        new KernelDataPlaneFactory(),
        new UserspaceDataPlaneFactory(),
        new NullDataPlaneFactory(),
    ];

    /// <summary>Chooses a data plane by the configuration and by what the kernel supports.</summary>
    /// <param name="choice">The configured choice.</param>
    /// <param name="probe">Asks the kernel; not called if the answer does not matter.</param>
    /// <param name="error">Why no data plane can run, and what to do; <c>null</c> if one can.</param>
    public static DataPlaneDecision? Decide(DataPlaneChoice choice, Func<KernelCapabilities> probe, out string? error)
    {
        error = null;
        // A probe opens sockets and devices: one for all factories that ask.
        var kernel = new Lazy<KernelCapabilities>(probe);
        if (choice == DataPlaneChoice.Auto)
            return DecideAuto(kernel, out error);
        var factory = Array.Find(Factories, factory => factory.Choice == choice)!;
        if (factory.Obstacle(kernel) is not { } obstacle)
            return new DataPlaneDecision(factory, factory.Reason);
        error = $"data-plane is '{factory.Name}', but {obstacle}";
        if (Automatic.FirstOrDefault(other => other != factory && other.Obstacle(kernel) is null) is { } possible)
            error += $". 'data-plane: {possible.Name}' can run here";
        return null;
    }

    private static IEnumerable<IDataPlaneFactory> Automatic => Factories.Where(static factory => factory.ReasonForAuto is not null);

    private static DataPlaneDecision? DecideAuto(Lazy<KernelCapabilities> kernel, out string? error)
    {
        var obstacles = new List<string>();
        foreach (var factory in Automatic)
        {
            if (factory.Obstacle(kernel) is { } obstacle)
            {
                obstacles.Add(obstacle);
                continue;
            }

            error = null;
            return new DataPlaneDecision(factory, $"auto: {string.Join("; ", [.. obstacles, factory.ReasonForAuto!])}");
        }

        error = $"data-plane is 'auto', but {string.Join("; ", obstacles)}. To run the control plane alone, set 'data-plane: null'";
        return null;
    }
}

/// <summary>The chosen data plane and the reason.</summary>
/// <param name="Factory">Opens the data plane.</param>
/// <param name="Why">The reason, for the log.</param>
public sealed record DataPlaneDecision(IDataPlaneFactory Factory, string Why)
{
    /// <summary>Never <see cref="DataPlaneChoice.Auto"/>.</summary>
    public DataPlaneChoice Choice => Factory.Choice;
}
