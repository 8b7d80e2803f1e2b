using L2tpd.Daemon.Hosting;
using L2tpd.Operations.Logging;

CleanStart.Ensure();
TerminalModes.Prepare();
TolerantStream.Install();
return await CommandLine.RunAsync(args).ConfigureAwait(false);
