using L2tpd.Daemon.Hosting;

return await CommandLine.RunAsync(args).ConfigureAwait(false);
