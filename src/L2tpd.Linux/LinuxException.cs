namespace L2tpd.Linux;

/// <summary>A system call failed where the program cannot go on: set-up, or misuse. Never thrown on the packet path.</summary>
public sealed class LinuxException : Exception
{
    /// <summary>Makes one of what failed.</summary>
    public LinuxException(int errno, string call, string what)
        : base(new LinuxError(errno, call, what).ToString()) => (Errno, Call, What) = (errno, call, what);

    /// <summary>Makes an empty one.</summary>
    public LinuxException() : this(0, "", "") { }

    /// <summary>Makes one of a text alone.</summary>
    public LinuxException(string message) : base(message) => (Call, What) = ("", "");

    /// <summary>Makes one of a text and a cause.</summary>
    public LinuxException(string message, Exception innerException) : base(message, innerException) => (Call, What) = ("", "");

    /// <summary>The errno.</summary>
    public int Errno { get; }

    /// <summary>The system call.</summary>
    public string Call { get; }

    /// <summary>What it was done to.</summary>
    public string What { get; }
}
