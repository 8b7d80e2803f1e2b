using System.CommandLine;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary><c>show metrics</c>: the text that Prometheus gets.</summary>
internal static class MetricsCommand
{
    public static Command Build(Func<ParseResult, Func<ControlClient, bool, Task>, Task<int>> withClient, Screen screen)
    {
        var command = new Command("metrics", "All counters in Prometheus' text format; docs/metrics.md lists them.");
        command.SetAction((parsed, cancellation) => withClient(parsed, async (client, json) =>
        {
            if (json)
            {
                CountersCommand.WriteJson(screen, await client.CountersAsync(cancellation: cancellation));
                return;
            }

            await screen.Out.WriteAsync((await client.MetricsAsync(cancellation)).AsMemory(), cancellation);
        }));
        return command;
    }
}
