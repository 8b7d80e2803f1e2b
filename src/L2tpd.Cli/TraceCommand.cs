using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary><c>trace NAME</c>: control messages and PPP frames as they pass, as text, JSON or a capture.</summary>
internal static class TraceCommand
{
    private static readonly Option<string?> Write = new("--write", "-w")
    {
        Description = "Write a capture for tshark or Wireshark, and no text.",
        HelpName = "FILE",
    };

    private static readonly Option<TimeSpan?> For = DurationOption.Make(
        "--for", "Longest duration, 10m by default.", TimeSpan.FromHours(24));

    private static readonly Option<int?> Count = new("--count", "-c")
    {
        Description = "Largest number of messages and frames, 10000 by default.",
        HelpName = "N",
    };

    private const int LargestCount = 10_000_000;

    static TraceCommand() => Count.CustomParser = static result =>
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count is > 0 and <= LargestCount)
        {
            return count;
        }

        result.AddError($"--count: \"{result.Tokens[0].Value}\" is not a number from 1 to {LargestCount}");
        return null;
    };

    public static Command Build(Func<ParseResult, Func<ControlClient, bool, Task>, Task<int>> withClient, Screen screen)
    {
        var name = new Argument<string>("NAME")
        {
            Description = "A peer, tunnel, session or user, or the address of a peer.",
        };
        var command = new Command("trace", "Show control messages and PPP frames as they pass, without secrets and passwords.")
        {
            name, Write, For, Count,
        };
        command.SetAction((parsed, cancellation) => withClient(parsed, async (client, json) =>
        {
            var views = client.TraceAsync(parsed.GetRequiredValue(name), parsed.GetValue(For), parsed.GetValue(Count), cancellation);
            using var file = parsed.GetValue(Write) is { } path ? Open(path) : null;
            await PrintAsync(views, screen, file, json, cancellation);
        }));
        return command;
    }

    private static CaptureFile Open(string path)
    {
        try
        {
            return CaptureFile.Create(path);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static async Task PrintAsync(
        IAsyncEnumerable<TraceView> views, Screen screen, CaptureFile? file, bool json, CancellationToken cancellation)
    {
        var shown = 0L;
        try
        {
            await foreach (var view in views)
            {
                if (view.Kind is "start" or "end")
                {
                    await screen.Error.WriteLineAsync($"l2tpctl: {DisplayText.Clean(view.Text)}{Figures(view)}");
                }
                else
                {
                    shown++;
                    await ShowAsync(view, screen, file, json, cancellation);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Ctrl-C is how a trace ends early.
            await screen.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"l2tpctl: ended: {shown} shown"));
        }
    }

    private static async Task ShowAsync(TraceView view, Screen screen, CaptureFile? file, bool json, CancellationToken cancellation)
    {
        if (file is not null)
        {
            Save(view, file);
            return;
        }

        await screen.Out.WriteAsync(json ? JsonSerializer.Serialize(view, ControlJson.Default.TraceView) + "\n" : Text(view));
        await screen.Out.FlushAsync(cancellation);
    }

    private static void Save(TraceView view, CaptureFile file)
    {
        if (view is not { Local: { } local, Remote: { } remote, Octets: { } octets })
            return;
        file.TryAdd(
            view.At, view.Direction == "out" ? local : remote, view.Direction == "out" ? remote : local, Convert.FromBase64String(octets));
        file.Flush();
    }

    private static string Figures(TraceView view) => view.Shown is { } shown
        ? string.Create(CultureInfo.InvariantCulture, $": {shown} shown, {view.Missed ?? 0} left out") : "";

    /// <summary>"12:20:11.123456 > 192.0.2.1:1701 SCCRQ ..." and an indented line for each AVP or option.</summary>
    internal static string Text(TraceView view)
    {
        string?[] parts =
        [
            view.At.UtcDateTime.ToString("HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
            view.Direction == "out" ? ">" : "<",
            DisplayText.Clean(view.Remote),
            view.Session is null ? null : $"session {DisplayText.Clean(view.Session)}",
            view.User is null ? null : $"user {DisplayText.Clean(view.User)}",
            DisplayText.Clean(view.Text),
        ];
        var details = (view.Details ?? []).Select(static line => $"    {DisplayText.Clean(line)}\n");
        return $"{string.Join(' ', parts.OfType<string>())}\n{string.Concat(details)}";
    }
}
