using System.CommandLine;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary><c>show counters</c>: one line for each value of the daemon's registry.</summary>
internal static class CountersCommand
{
    private static readonly Argument<string?> Text = new("TEXT")
    {
        Description = "Only counters whose name contains it.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> Wide = new("--wide")
    {
        Description = "Show kind, unit and meaning too.",
    };

    public static Command Build(Func<ParseResult, Func<ControlClient, bool, Task>, Task<int>> withClient, Screen screen)
    {
        var command = new Command("counters", "Counters of the daemon since its start, by name and labels.") { Text, Wide };
        command.SetAction((parsed, cancellation) => withClient(parsed, async (client, json) =>
        {
            var counters = await client.CountersAsync(parsed.GetValue(Text), cancellation);
            if (json)
                WriteJson(screen, counters);
            else
                WriteTable(screen, counters, parsed.GetValue(Wide));
        }));
        return command;
    }

    public static void WriteJson(Screen screen, CountersView counters)
    {
        var array = new JsonArrayWriter<CounterView>(screen.Out, ControlJson.Default.CounterView);
        array.Write(counters.Items);
        array.End();
    }

    private static void WriteTable(Screen screen, CountersView counters, bool wide)
    {
        TableColumn[] columns = [new("NAME"), new("LABELS"), new("VALUE", Right: true)];
        var table = TableWriter.For(screen, wide ? [.. columns, new("KIND"), new("UNIT"), new("MEANING")] : columns);
        table.Write([.. counters.Items.SelectMany(counter => counter.Samples.Select(sample => Row(counter, sample, wide)))]);
    }

    private static string[] Row(CounterView counter, CounterSampleView sample, bool wide)
    {
        string[] row = [counter.Name, Labels(sample), DisplayText.Number(sample.Value)];
        return wide ? [.. row, counter.Kind, counter.Unit, DisplayText.Clean(counter.Help)] : row;
    }

    private static string Labels(CounterSampleView sample) => sample.Labels is null
        ? "-"
        : string.Join(',', sample.Labels.Select(static label => $"{label.Key}={DisplayText.Clean(label.Value)}"));
}
