using L2tpd.Cli;

return await CommandLine.RunAsync(args, Screen.OfProcess());
