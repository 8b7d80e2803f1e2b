using System.Text;
using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Host;

/// <summary>A TUN or TAP device (/dev/net/tun), not persistent, non-blocking, without packet information header.</summary>
public sealed class TunTap : IDisposable
{
    internal const string DevicePath = "/dev/net/tun";

    private TunTap(FileDescriptor descriptor, string name) => (Descriptor, Name) = (descriptor, name);

    /// <summary>The descriptor, to register with the loop.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>The name it got.</summary>
    public string Name { get; }

    /// <summary>Makes one.</summary>
    /// <param name="name">Name, or a pattern such as <c>l2tp%d</c>; at most 15 octets.</param>
    /// <param name="tap">Ethernet frames; else IP packets.</param>
    /// <param name="virtioHeader">IFF_VNET_HDR: a virtio_net_hdr before each packet.</param>
    /// <param name="device">The device; down, see RtNetlink.</param>
    public static unsafe LinuxError TryOpen(string name, bool tap, bool virtioHeader, out TunTap? device)
    {
        device = null;
        Span<byte> request = stackalloc byte[LibC.IfreqSize];
        if (Encoding.UTF8.GetByteCount(name) >= LibC.IFNAMSIZ)
            return new LinuxError(Errno.ENAMETOOLONG, "TUNSETIFF", name);
        var number = LibC.open(DevicePath, LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        if (number < 0)
            return new LinuxError(LibC.LastErrno, "open", DevicePath);
        var descriptor = new FileDescriptor(number);
        Encoding.UTF8.GetBytes(name, request);
        var flags = (tap ? LibC.IFF_TAP : LibC.IFF_TUN) | LibC.IFF_NO_PI | (virtioHeader ? LibC.IFF_VNET_HDR : 0);
        BitConverter.TryWriteBytes(request[LibC.IFNAMSIZ..], (short)flags);
        fixed (byte* start = request)
        {
            if (LibC.ioctl(descriptor, LibC.TUNSETIFF, start) < 0)
            {
                var error = new LinuxError(LibC.LastErrno, "TUNSETIFF", name);
                descriptor.Dispose();
                return error;
            }
        }
        var given = request[..LibC.IFNAMSIZ];
        device = new TunTap(descriptor, Encoding.UTF8.GetString(given[..given.IndexOf((byte)0)]));
        return LinuxError.None;
    }

    /// <summary>Reads one packet.</summary>
    /// <returns>Octets, or -errno (-EAGAIN: none now).</returns>
    public int Read(Span<byte> packet) => Descriptor.Read(packet);

    /// <summary>Writes one packet.</summary>
    /// <returns>0 or errno.</returns>
    public int Write(ReadOnlySpan<byte> packet) => Descriptor.Write(packet);

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();
}
