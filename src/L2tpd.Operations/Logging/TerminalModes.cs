namespace L2tpd.Operations.Logging;

/// <summary>Keeps the framework from changing the modes of the terminal.</summary>
public static class TerminalModes
{
    /// <summary>Lines on the terminal may be coloured.</summary>
    public static bool HasColour { get; private set; }

    /// <summary>
    /// To be called before anything is written. The framework's console switches the keypad of the terminal that TERM names (`\e[?1h\e=`) at its first use, and back only
    /// at an orderly end; of a terminal that can nothing it asks nothing.
    /// </summary>
    public static void Prepare()
    {
        HasColour = !Console.IsOutputRedirected
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb";
        Environment.SetEnvironmentVariable("TERM", "dumb");
    }
}
