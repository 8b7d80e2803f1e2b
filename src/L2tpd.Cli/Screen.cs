using System.Text;

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
    /// <remarks>
    /// Output that does not go to a terminal is buffered: Console.Out flushes after every write, which for 100,000 rows would be 100,000 system calls.
    /// Whoever writes flushes at the end. It is not disposed, which would try once more what has just failed.
    /// </remarks>
    public static Screen OfProcess()
    {
        var terminal = !Console.IsOutputRedirected;
        var colour = terminal
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb";
        // Before the first use of the console: it switches the keypad of the terminal that TERM names (\e[?1h\e=), and of one that can nothing it asks nothing.
        Environment.SetEnvironmentVariable("TERM", "dumb");
        return new Screen(
            terminal ? Console.Out : _buffered ??= new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), BufferSize), Console.Error, terminal, terminal ? WidthOfTerminal() : int.MaxValue, colour);
    }

    private const int BufferSize = 32 * 1024;

    private static TextWriter? _buffered;

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
