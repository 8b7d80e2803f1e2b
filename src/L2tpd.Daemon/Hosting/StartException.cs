namespace L2tpd.Daemon.Hosting;

/// <summary>The daemon cannot start; the message says what is wrong and what to do, for the operator.</summary>
public sealed class StartException : Exception
{
    public StartException(string message)
        : base(message)
    {
    }

    public StartException()
    {
    }

    public StartException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
