using Spectre.Console;

namespace L2tpd.Cli;

/// <summary>The terminal through Spectre.Console.</summary>
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

    /// <summary>States that are good are green, those on the way yellow; all else is plain.</summary>
    public static Style StyleOf(string cell) => cell switch
    {
        "established" or "network-up" => new Style(Color.Green),
        "idle" or "creating" or "created" or "ppp-started" => new Style(Color.Yellow),
        _ when cell.StartsWith("wait-", StringComparison.Ordinal) => new Style(Color.Yellow),
        _ => Style.Plain,
    };
}
