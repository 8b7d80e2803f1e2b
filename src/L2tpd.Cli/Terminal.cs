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

    /// <summary>Final states are green, intermediate ones yellow, other cells plain.</summary>
    public static Style StyleOf(string cell) => cell switch
    {
        "established" or "network-up" => new Style(Color.Green),
        "idle" or "creating" or "created" or "ppp-started" => new Style(Color.Yellow),
        _ when cell.StartsWith("wait-", StringComparison.Ordinal) => new Style(Color.Yellow),
        _ => Style.Plain,
    };
}
