using System.Text;

namespace L2tpd.Cli;

/// <summary>Standard output and error, and the properties of the terminal.</summary>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsTerminal">Standard output is a terminal: tables are fitted to its width.</param>
/// <param name="Width">Columns of the terminal.</param>
/// <param name="Colour">Output is coloured (a terminal, NO_COLOR not set).</param>
public sealed record Screen(TextWriter Out, TextWriter Error, bool IsTerminal, int Width, bool Colour)
{
    /// <summary>The screen of this process.</summary>
    /// <remarks>
    /// Output that does not go to a terminal is buffered, because Console.Out flushes after every write: 100,000 rows would be 100,000
    /// system calls. The command flushes it at the end. It is not disposed, which would repeat a write that failed.
    /// </remarks>
    public static Screen OfProcess()
    {
        var terminal = !Console.IsOutputRedirected;
        var colour = terminal
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb";
        // Before the first use of the console, which switches the keypad of the terminal that TERM names (\e[?1h\e=).
        Environment.SetEnvironmentVariable("TERM", "dumb");
        var output = terminal
            ? Console.Out
            : _buffered ??= new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), BufferSize);
        return new Screen(output, Console.Error, terminal, terminal ? WidthOfTerminal() : int.MaxValue, colour);
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
