using System.Text;
using L2tpd.Cli;

// Console.Out flushes after every write: 100,000 rows would be 100,000 system calls.
await using var buffered = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 32 * 1024);
return await CommandLine.RunAsync(args, Screen.OfProcess(buffered));
