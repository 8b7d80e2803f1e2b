namespace L2tpd.Cli;

/// <summary>Where output goes.</summary>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsTerminal">Output is for a person: tables may be fitted to the width and coloured.</param>
/// <param name="Width">Columns of the terminal.</param>
/// <param name="Colour">Colours are wanted (a terminal, NO_COLOR not set).</param>
public sealed record Screen(TextWriter Out, TextWriter Error, bool IsTerminal, int Width, bool Colour)
{
    /// <summary>The screen of this process.</summary>
    /// <param name="buffered">Used for standard output when that is not a terminal; flushed at the end.</param>
    public static Screen OfProcess(TextWriter buffered)
    {
        var terminal = !Console.IsOutputRedirected;
        var colour = terminal
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb";
        return new Screen(
            terminal ? Console.Out : buffered, Console.Error, terminal, terminal ? WidthOfTerminal() : int.MaxValue, colour);
    }

    private static int WidthOfTerminal()
    {
        try
        {
            return Console.WindowWidth > 0 ? Console.WindowWidth : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
