using Microsoft.Win32.SafeHandles;

namespace L2tpd.Linux;

/// <summary>Owns one file descriptor and closes it exactly once.</summary>
public sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>Takes ownership of <paramref name="number"/>.</summary>
    public FileDescriptor(int number) : base(ownsHandle: true) => SetHandle(number);

    /// <summary>The number, for logs, netlink attributes and child processes; meaningless once closed.</summary>
    public int Number => (int)handle;

    /// <summary>A second descriptor for the same open file, close-on-exec (fcntl F_DUPFD_CLOEXEC).</summary>
    /// <exception cref="LinuxException">EMFILE.</exception>
    public FileDescriptor Duplicate() => throw new NotImplementedException();

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => throw new NotImplementedException();
}
