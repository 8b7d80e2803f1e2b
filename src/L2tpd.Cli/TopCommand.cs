using System.CommandLine;
using System.Globalization;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary><c>top</c>: a screen of what the daemon does, which is drawn again and again.</summary>
internal static class TopCommand
{
    private const int DefaultWidth = 80;
    private const int DefaultHeight = 24;

    /// <summary>The other screen of the terminal, without a cursor, and back.</summary>
    private const string Enter = "\u001b[?1049h\u001b[?25l";

    private const string Leave = "\u001b[?25h\u001b[?1049l";

    private static readonly TimeSpan KeyInterval = TimeSpan.FromMilliseconds(50);

    private static readonly Option<bool> Once = new("--once") { Description = "Print one screen, with the rates of one interval." };

    private static readonly Option<TimeSpan?> Interval = DurationOption.Make(
        "--interval", "Time between two screens, 2s by default.", TimeSpan.FromHours(1));

    public static Command Build(Func<ParseResult, Func<ControlClient, bool, Task>, Task<int>> withClient, Screen screen)
    {
        var command = new Command("top", "A live screen: set-ups, traffic, retransmissions, drops, the busiest tunnels and sessions.")
        {
            Once, Interval,
        };
        command.Validators.Add(result =>
        {
            if (!screen.IsTerminal && !result.GetValue(Once))
                result.AddError("top needs a terminal; --once prints one screen");
        });
        command.SetAction((parsed, cancellation) => withClient(parsed, (client, _) =>
        {
            var interval = parsed.GetValue(Interval) ?? TimeSpan.FromSeconds(2);
            return parsed.GetValue(Once) ? PrintAsync(client, screen, interval, cancellation)
                : WatchAsync(client, screen, interval, cancellation);
        }));
        return command;
    }

    private static async Task PrintAsync(ControlClient client, Screen screen, TimeSpan interval, CancellationToken cancellation)
    {
        var before = await TopSample.ReadAsync(client, TopSort.Rate, cancellation);
        await Task.Delay(interval, cancellation);
        var now = await TopSample.ReadAsync(client, TopSort.Rate, cancellation);
        foreach (var line in TopScreen.Lines(before, now, TopSort.Rate, DefaultWidth, DefaultHeight))
            await screen.Out.WriteAsync(line + "\n");
    }

    private static async Task WatchAsync(ControlClient client, Screen screen, TimeSpan interval, CancellationToken cancellation)
    {
        var before = (TopSample?)null;
        var sort = TopSort.Rate;
        await screen.Out.WriteAsync(Enter);
        try
        {
            while (true)
            {
                var now = await TopSample.ReadAsync(client, sort, cancellation);
                await DrawAsync(screen, before, now, sort, cancellation);
                var next = now.At + interval;
                while (TimeProvider.System.GetUtcNow() < next)
                {
                    if (!TryReadKey(out var key))
                    {
                        await Task.Delay(KeyInterval, cancellation);
                    }
                    else if (key is 'q' or 'Q')
                    {
                        return;
                    }
                    else if (key is 's' or 'S')
                    {
                        sort = (TopSort)(((int)sort + 1) % 3);
                        now = now with { Sessions = (await TopSample.ReadAsync(client, sort, cancellation)).Sessions };
                        await DrawAsync(screen, before, now, sort, cancellation);
                    }
                }

                before = now;
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Ctrl-C ends it as q does.
        }
        finally
        {
            await screen.Out.WriteAsync(Leave);
            await screen.Out.FlushAsync(CancellationToken.None);
        }
    }

    private static Task DrawAsync(Screen screen, TopSample? before, TopSample now, TopSort sort, CancellationToken cancellation)
    {
        var (width, height) = Size();
        var lines = TopScreen.Lines(before, now, sort, width, height - 1)
            .Append(string.Create(CultureInfo.InvariantCulture, $"q: quit   s: sort, now by {Word(sort)}"));
        // Each line is cleared behind its end, and the screen below the last one: no flicker.
        var text = "\u001b[H" + string.Join("\u001b[K\r\n", lines) + "\u001b[K\u001b[J";
        return screen.Out.WriteAsync(text.AsMemory(), cancellation);
    }

    private static string Word(TopSort sort) => sort switch
    {
        TopSort.Octets => "octets",
        TopSort.Name => "name",
        _ => "rate",
    };

    // Both change while it runs. A terminal that does not tell its size has 0.
    private static (int Width, int Height) Size()
    {
        try
        {
            var (width, height) = (Console.WindowWidth, Console.WindowHeight);
            return (width > 0 ? width : DefaultWidth, height > 0 ? height : DefaultHeight);
        }
        catch (IOException)
        {
            return (DefaultWidth, DefaultHeight);
        }
    }

    private static bool TryReadKey(out char key)
    {
        key = '\0';
        if (Console.IsInputRedirected || !Console.KeyAvailable)
            return false;
        key = Console.ReadKey(intercept: true).KeyChar;
        return true;
    }
}
