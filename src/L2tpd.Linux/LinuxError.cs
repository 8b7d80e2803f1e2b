namespace L2tpd.Linux;

/// <summary>Why a call into the kernel failed. A value, for failures that a running daemon must expect.</summary>
/// <param name="Errno">The errno; 0 if nothing failed.</param>
/// <param name="Call">The system call or netlink command, for example <c>bind</c> or <c>TUNNEL_CREATE</c>.</param>
/// <param name="What">The object of the call, and the kernel's own text if it sent one.</param>
public readonly record struct LinuxError(int Errno, string Call, string What)
{
    /// <summary>No error.</summary>
    public static LinuxError None => default;

    /// <summary>Whether nothing failed.</summary>
    public bool IsNone => Errno == 0;

    /// <summary>The error as an exception, for callers that cannot go on.</summary>
    public LinuxException ToException() => new(Errno, Call, What);

    /// <summary>Throws <see cref="LinuxException"/> if there is an error.</summary>
    public void ThrowIfError()
    {
        if (!IsNone)
            throw ToException();
    }

    /// <summary>For example <c>bind 127.0.0.1:1701: EADDRINUSE (Address already in use)</c>.</summary>
    public override string ToString()
    {
        if (IsNone)
            return "no error";
        var subject = string.IsNullOrEmpty(What) ? Call : $"{Call} {What}";
        return $"{subject}: {Linux.Errno.Describe(Errno)}";
    }
}
