using System.Text;
using L2tpd.Linux.Interop;
using L2tpd.Linux.Offload;

namespace L2tpd.Linux.Host;

/// <summary>A TUN or TAP device (/dev/net/tun), not persistent, non-blocking, without packet information header.</summary>
public sealed class TunTap : IOffloadDevice, IDisposable
{
    /// <summary>The longest packet that can be read, the device's header included, octets.</summary>
    public const int LongestRead = VirtioHeader.Size + 22 + 65_535;

    internal const string DevicePath = "/dev/net/tun";

    private TunTap(FileDescriptor descriptor, string name, bool isEthernet, bool hasOffloads) =>
        (Descriptor, Name, IsEthernet, HasOffloads) = (descriptor, name, isEthernet, hasOffloads);

    /// <summary>The descriptor, to register with the loop.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>The name it got.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsEthernet { get; }

    /// <summary>Each packet has a header of the device: see <see cref="SegmentedPacket"/> for what is read, <see cref="TcpCoalescer"/> for what is written.</summary>
    public bool HasOffloads { get; }

    /// <summary>Makes one.</summary>
    /// <param name="name">Name, or a pattern such as <c>l2tp%d</c>; at most 15 octets.</param>
    /// <param name="tap">Ethernet frames; else IP packets.</param>
    /// <param name="offloads">Take checksums and the cutting of TCP off the system (IFF_VNET_HDR, TUNSETOFFLOAD).</param>
    /// <param name="device">The device; down, see RtNetlink.</param>
    public static unsafe LinuxError TryOpen(string name, bool tap, bool offloads, out TunTap? device)
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
        var flags = (tap ? LibC.IFF_TAP : LibC.IFF_TUN) | LibC.IFF_NO_PI | (offloads ? LibC.IFF_VNET_HDR : 0);
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
        // A system that has no such offloads hands every packet whole, with the header before it.
        if (offloads)
            _ = LibC.ioctl(descriptor, LibC.TUNSETOFFLOAD, (void*)(LibC.TUN_F_CSUM | LibC.TUN_F_TSO4 | LibC.TUN_F_TSO6));
        device = new TunTap(descriptor, Encoding.UTF8.GetString(given[..given.IndexOf((byte)0)]), tap, offloads);
        return LinuxError.None;
    }

    /// <summary>Reads one packet, with the device's header if it has one.</summary>
    /// <param name="packet">Room for <see cref="LongestRead"/> octets with offloads, else for what the device's MTU allows.</param>
    /// <returns>Octets, or -errno (-EAGAIN: none now).</returns>
    public int Read(Span<byte> packet) => Descriptor.Read(packet);

    /// <inheritdoc/>
    public int Write(ReadOnlySpan<byte> header, ReadOnlySpan<byte> packet) => header.IsEmpty ? Descriptor.Write(packet) : Descriptor.Write(header, packet);

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();
}
