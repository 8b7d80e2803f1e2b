using L2tpd.Daemon.Hosting;
using L2tpd.Operations.Logging;

CleanStart.Ensure();
TerminalModes.Prepare();
TolerantOutput.Install();
return await CommandLine.RunAsync(args).ConfigureAwait(false);
