namespace L2tpd.Linux;

/// <summary>A system call failed and the caller cannot go on: during start, or by misuse. Never thrown on the packet path.</summary>
public sealed class LinuxException : Exception
{
    /// <summary>Makes the exception of an errno, a call and its object.</summary>
    public LinuxException(int errno, string call, string what)
        : base(new LinuxError(errno, call, what).ToString()) => (Errno, Call, What) = (errno, call, what);

    /// <summary>Makes an exception without an error.</summary>
    public LinuxException() : this(0, "", "") { }

    /// <summary>Makes an exception of a text.</summary>
    public LinuxException(string message) : base(message) => (Call, What) = ("", "");

    /// <summary>Makes an exception of a text and its cause.</summary>
    public LinuxException(string message, Exception innerException) : base(message, innerException) => (Call, What) = ("", "");

    /// <summary>The errno; 0 if unknown.</summary>
    public int Errno { get; }

    /// <summary>The system call.</summary>
    public string Call { get; }

    /// <summary>The object of the call.</summary>
    public string What { get; }
}
