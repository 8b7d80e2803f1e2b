using L2tpd.Linux.Interop;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace L2tpd.Linux;

/// <summary>Owns one file descriptor and closes it exactly once.</summary>
public sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>Takes ownership of <paramref name="number"/>.</summary>
    public FileDescriptor(int number) : base(ownsHandle: true) => SetHandle(number);

    /// <summary>The number, for logs, netlink attributes and child processes. It means nothing once the descriptor is closed.</summary>
    public int Number => (int)handle;

    /// <summary>A second descriptor for the same open file, close-on-exec (fcntl F_DUPFD_CLOEXEC).</summary>
    /// <exception cref="LinuxException">EMFILE.</exception>
    public FileDescriptor Duplicate() => Duplicate(0);

    /// <summary>A duplicate whose number is at least <paramref name="lowest"/>.</summary>
    internal FileDescriptor Duplicate(int lowest)
    {
        var copy = Native.fcntl(this, LibC.F_DUPFD_CLOEXEC, lowest);
        return copy >= 0 ? new FileDescriptor(copy) : throw new LinuxException(LibC.errno, "fcntl", "F_DUPFD_CLOEXEC");
    }

    /// <returns>Octets read, 0 at the end of the file, or -errno.</returns>
    internal unsafe int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = Native.read(this, start, buffer.Length);
                if (count >= 0)
                    return count;
                if (LibC.errno != Errno.EINTR)
                    return -LibC.errno;
            }
        }
    }

    /// <summary>Writes. The kernel takes a packet whole or not at all.</summary>
    /// <returns>0 or errno.</returns>
    internal unsafe int Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                if (Native.write(this, start, buffer.Length) >= 0)
                    return 0;
                if (LibC.errno != Errno.EINTR)
                    return LibC.errno;
            }
        }
    }

    /// <summary>Writes as much as there is room for.</summary>
    /// <returns>Octets written, or -errno.</returns>
    internal unsafe int WriteSome(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = Native.write(this, start, buffer.Length);
                if (count >= 0)
                    return (int)count;
                if (LibC.errno != Errno.EINTR)
                    return -LibC.errno;
            }
        }
    }

    /// <summary>Writes two pieces as one packet.</summary>
    /// <returns>0 or errno.</returns>
    internal unsafe int Write(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        fixed (byte* firstStart = first, secondStart = second)
        {
            var pieces = stackalloc iovec[2];
            pieces[0] = new iovec { iov_base = firstStart, iov_len = first.Length };
            pieces[1] = new iovec { iov_base = secondStart, iov_len = second.Length };
            while (true)
            {
                if (Native.writev(this, pieces, 2) >= 0)
                    return 0;
                if (LibC.errno != Errno.EINTR)
                    return LibC.errno;
            }
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibC.close(Number) == 0;
}
