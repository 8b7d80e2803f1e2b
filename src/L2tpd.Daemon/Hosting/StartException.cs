namespace L2tpd.Daemon.Hosting;

/// <summary>The daemon cannot start. The message tells the operator why, and what to do.</summary>
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
