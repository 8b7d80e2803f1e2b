using L2tpd.Daemon.Hosting;
using L2tpd.Daemon.Logging;

TerminalModes.Prepare();
return await CommandLine.RunAsync(args).ConfigureAwait(false);
