using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>The client's end of a stream connection in the Unix domain. Non-blocking.</summary>
public sealed class UnixStreamSocket : IDisposable
{
    private UnixStreamSocket(FileDescriptor descriptor) => Descriptor = descriptor;

    public FileDescriptor Descriptor { get; }

    /// <summary>
    /// Connects, which in the Unix domain happens at once or not at all: ENOENT or ECONNREFUSED if nobody listens, EAGAIN if too many wait.
    /// </summary>
    /// <param name="path">The path of the listener's socket.</param>
    /// <param name="socket">The socket; <c>null</c> if there is an error.</param>
    public static unsafe LinuxError TryConnect(string path, out UnixStreamSocket? socket)
    {
        socket = null;
        var address = UnixAddress.Of(path);
        if (address.Length == 0)
            return new LinuxError(Errno.EINVAL, "connect", path);
        var error = SocketOptions.Open(LibC.AF_UNIX, LibC.SOCK_STREAM, 0, path, out var descriptor).Error;
        if (!error.IsNone)
            return error;
        fixed (byte* to = address)
        {
            if (Native.connect(descriptor, to, address.Length) < 0)
            {
                error = new LinuxError(LibC.errno, "connect", path);
                descriptor.Dispose();
                return error;
            }
        }

        socket = new UnixStreamSocket(descriptor);
        return LinuxError.None;
    }

    /// <returns>Octets read, 0 if the other end has closed, or -errno.</returns>
    public int Read(Span<byte> buffer) => Descriptor.Read(buffer);

    /// <summary>Writes as much as fits now.</summary>
    /// <returns>Octets written, or -errno.</returns>
    public unsafe int Write(ReadOnlySpan<byte> octets)
    {
        fixed (byte* start = octets)
        {
            while (true)
            {
                var count = Native.sendto(Descriptor, start, octets.Length, LibC.MSG_NOSIGNAL, null, 0);
                if (count >= 0)
                    return count;
                if (LibC.errno != Errno.EINTR)
                    return -LibC.errno;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();
}
