namespace L2tpd.Operations.Logging;

/// <summary>Prevents the framework from changing the modes of the terminal.</summary>
public static class TerminalModes
{
    /// <summary>Lines on the terminal may be coloured.</summary>
    public static bool HasColour { get; private set; }

    /// <summary>
    /// To be called before anything is written. At its first use the framework's console switches the keypad of the terminal that TERM
    /// names (`\e[?1h\e=`), and switches it back only at an orderly end. It does not do so for a terminal without capabilities.
    /// </summary>
    public static void Prepare()
    {
        HasColour = !Console.IsOutputRedirected
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb";
        Environment.SetEnvironmentVariable("TERM", "dumb");
    }
}
