using L2tpd.Configuration;

namespace L2tpd.Daemon.Hosting;

/// <summary>What the command line and the files say.</summary>
/// <param name="ConfigurationPath">To read again on SIGHUP.</param>
/// <param name="Configuration">As loaded.</param>
/// <param name="LogLevel">Level of the command line, which wins over the file's; null: the file's.</param>
public sealed record DaemonOptions(string ConfigurationPath, DaemonConfiguration Configuration, LogLevelChoice? LogLevel)
{
    /// <summary>The configuration with what the command line says instead.</summary>
    public DaemonConfiguration Override(DaemonConfiguration configuration) =>
        LogLevel is { } level ? configuration with { Log = configuration.Log with { Level = level } } : configuration;
}
