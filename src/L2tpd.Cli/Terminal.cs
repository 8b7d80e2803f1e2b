using Spectre.Console;

namespace L2tpd.Cli;

/// <summary>Access to the terminal by Spectre.Console.</summary>
internal static class Terminal
{
    public static IAnsiConsole Open(Screen screen)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = screen.Colour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = screen.Colour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(screen.Out),
        });
        console.Profile.Width = screen.Width;
        return console;
    }

    /// <summary>Begins bold text.</summary>
    public const string Bold = "\u001b[1m";

    /// <summary>Ends what <see cref="Bold"/> or <see cref="EscapeOf"/> began.</summary>
    public const string Plain = "\u001b[0m";

    /// <summary>Final states are green, intermediate ones yellow, other cells plain (<c>null</c>).</summary>
    public static string? EscapeOf(string cell) => cell switch
    {
        "established" or "network-up" => "\u001b[32m",
        "idle" or "creating" or "created" or "ppp-started" => "\u001b[33m",
        _ when cell.StartsWith("wait-", StringComparison.Ordinal) => "\u001b[33m",
        _ => null,
    };
}
