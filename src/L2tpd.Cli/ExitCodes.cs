namespace L2tpd.Cli;

/// <summary>Exit codes of l2tpctl.</summary>
public static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>The daemon refused the request: not found, ambiguous, not available. Or a file cannot be read or written.</summary>
    public const int Refused = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The daemon could not be reached.</summary>
    public const int Unreachable = 3;

    /// <summary>Standard output could not be written.</summary>
    public const int OutputLost = 4;
}
