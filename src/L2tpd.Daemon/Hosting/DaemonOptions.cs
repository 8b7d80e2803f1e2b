using L2tpd.Daemon.Configuration;

namespace L2tpd.Daemon.Hosting;

/// <summary>What the command line and the files say.</summary>
/// <param name="ConfigurationPath">To read again on SIGHUP.</param>
/// <param name="Configuration">As loaded.</param>
public sealed record DaemonOptions(string ConfigurationPath, DaemonConfiguration Configuration);
