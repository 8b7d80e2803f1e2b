using L2tpd.Control;
using L2tpd.Daemon.Hosting;
using L2tpd.Operations.Logging;
using L2tpd.Runtime.Logging;

CleanStart.Ensure();
TerminalModes.Prepare();
TolerantOutput.Install();
return await CommandLine.RunAsync(args).ConfigureAwait(false);
