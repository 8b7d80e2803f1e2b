namespace L2tpd.Linux;

/// <summary>Why a call into the kernel failed, as a value: for what may fail in the ordinary run of a daemon.</summary>
/// <param name="Errno">The errno, 0 when nothing failed.</param>
/// <param name="Call">The system call or netlink command, for example <c>bind</c> or <c>TUNNEL_CREATE</c>.</param>
/// <param name="What">What it was done to, and the kernel's own text where it sent one.</param>
public readonly record struct LinuxError(int Errno, string Call, string What)
{
    /// <summary>Nothing failed.</summary>
    public static LinuxError None => default;

    /// <summary>True when nothing failed.</summary>
    public bool IsNone => Errno == 0;

    /// <summary>The same as an exception, for callers to whom it is fatal.</summary>
    public LinuxException ToException() => new(Errno, Call, What);

    /// <summary>Throws <see cref="LinuxException"/> when there is an error.</summary>
    public void ThrowIfError()
    {
        if (!IsNone)
            throw ToException();
    }

    /// <summary>For example <c>bind 127.0.0.1:1701: EADDRINUSE (Address already in use)</c>.</summary>
    public override string ToString() =>
        IsNone ? "no error" : What is { Length: > 0 } ? $"{Call} {What}: {Linux.Errno.Describe(Errno)}" : $"{Call}: {Linux.Errno.Describe(Errno)}";
}
