namespace L2tpd.Daemon.Control;

/// <summary>The request makes no sense; the message says why. Becomes HTTP 400.</summary>
public sealed class ControlRequestException : Exception
{
    public ControlRequestException()
    {
    }

    public ControlRequestException(string message)
        : base(message)
    {
    }

    public ControlRequestException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The daemon cannot answer now: it is starting or stopping. Becomes HTTP 503.</summary>
public sealed class ControlUnavailableException : Exception
{
    public ControlUnavailableException()
    {
    }

    public ControlUnavailableException(string message)
        : base(message)
    {
    }

    public ControlUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The control socket cannot be had; the message says what is in the way and what to do.</summary>
public sealed class ControlSocketException : Exception
{
    public ControlSocketException()
    {
    }

    public ControlSocketException(string message)
        : base(message)
    {
    }

    public ControlSocketException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
