namespace L2tpd.Operations.Control;

/// <summary>The request is wrong; the message says why. Becomes HTTP 400.</summary>
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

/// <summary>A reload was refused and nothing was changed; the message says why. Becomes HTTP 409.</summary>
public sealed class ReloadRefusedException : Exception
{
    public ReloadRefusedException()
    {
    }

    public ReloadRefusedException(string message)
        : base(message)
    {
    }

    public ReloadRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public ReloadRefusedException(string message, IReadOnlyList<string> errors)
        : base(message) => Errors = errors;

    /// <summary>Errors in the files, one line each; none if the reload was refused for another reason.</summary>
    public IReadOnlyList<string> Errors { get; } = [];
}

/// <summary>The control socket cannot be opened; the message says why and what to do.</summary>
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
