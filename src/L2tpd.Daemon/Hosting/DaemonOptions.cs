using L2tpd.Configuration;

namespace L2tpd.Daemon.Hosting;

/// <summary>The options of the command line and the loaded configuration.</summary>
/// <param name="ConfigurationPath">The file to read again on SIGHUP.</param>
/// <param name="Configuration">The configuration at start.</param>
/// <param name="LogLevel">Level of the command line, which takes precedence over the file's; <c>null</c> if it has none.</param>
public sealed record DaemonOptions(string ConfigurationPath, DaemonConfiguration Configuration, LogLevelChoice? LogLevel)
{
    /// <summary>The name of this daemon among several on the machine; <c>null</c> for the only one.</summary>
    public string? Instance { get; init; }

    /// <summary>The configuration with the options of the command line applied.</summary>
    public DaemonConfiguration Override(DaemonConfiguration configuration) =>
        LogLevel is { } level ? configuration with { Log = configuration.Log with { Level = level } } : configuration;
}
