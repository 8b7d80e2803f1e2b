using System.Text;
using L2tpd.Linux.Interop;
using L2tpd.Linux.Offload;
using Tmds.Linux;

namespace L2tpd.Linux.Host;

/// <summary>A TUN or TAP device (/dev/net/tun): not persistent, non-blocking, without the packet information header.</summary>
public sealed class TunTap : IOffloadDevice, IDisposable
{
    /// <summary>The longest packet that can be read, in octets, including the device's header.</summary>
    public const int LongestRead = VirtioHeader.Size + 22 + 65_535;

    internal const string DevicePath = "/dev/net/tun";

    private TunTap(FileDescriptor descriptor, string name, bool isEthernet, bool hasOffloads) =>
        (Descriptor, Name, IsEthernet, HasOffloads) = (descriptor, name, isEthernet, hasOffloads);

    /// <summary>The descriptor, for the loop.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>The name that the kernel gave it.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsEthernet { get; }

    /// <summary>
    /// Whether each packet has a virtio header: see <see cref="SegmentedPacket"/> for reading and <see cref="TcpCoalescer"/> for writing.
    /// </summary>
    public bool HasOffloads { get; }

    /// <summary>Makes a device.</summary>
    /// <param name="name">Name, or a pattern such as <c>l2tp%d</c>. At most 15 octets.</param>
    /// <param name="tap">Ethernet frames instead of IP packets.</param>
    /// <param name="offloads">Do checksums and TCP segmentation for the kernel (IFF_VNET_HDR, TUNSETOFFLOAD).</param>
    /// <param name="device">The device. It is down: see <see cref="Netlink.RtNetlink"/>.</param>
    public static unsafe LinuxError TryOpen(string name, bool tap, bool offloads, out TunTap? device)
    {
        device = null;
        Span<byte> request = stackalloc byte[Native.IfreqSize];
        if (Encoding.UTF8.GetByteCount(name) >= Native.IFNAMSIZ)
            return new LinuxError(Errno.ENAMETOOLONG, "TUNSETIFF", name);
        var number = Native.open(DevicePath, LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        if (number < 0)
            return new LinuxError(LibC.errno, "open", DevicePath);
        var descriptor = new FileDescriptor(number);
        Encoding.UTF8.GetBytes(name, request);
        var flags = (tap ? Native.IFF_TAP : Native.IFF_TUN) | Native.IFF_NO_PI | (offloads ? Native.IFF_VNET_HDR : 0);
        BitConverter.TryWriteBytes(request[Native.IFNAMSIZ..], (short)flags);
        fixed (byte* start = request)
        {
            if (Native.ioctl(descriptor, Native.TUNSETIFF, start) < 0)
            {
                var error = new LinuxError(LibC.errno, "TUNSETIFF", name);
                descriptor.Dispose();
                return error;
            }
        }

        var given = request[..Native.IFNAMSIZ];
        // A kernel without these offloads gives every packet whole, with the header.
        if (offloads)
            _ = Native.ioctl(descriptor, Native.TUNSETOFFLOAD, (void*)(Native.TUN_F_CSUM | Native.TUN_F_TSO4 | Native.TUN_F_TSO6));
        device = new TunTap(descriptor, Encoding.UTF8.GetString(given[..given.IndexOf((byte)0)]), tap, offloads);
        return LinuxError.None;
    }

    /// <summary>Reads one packet, with its virtio header if the device has one.</summary>
    /// <param name="packet">Room for <see cref="LongestRead"/> octets with offloads, otherwise for the device's MTU.</param>
    /// <returns>Octets, or -errno. -EAGAIN: no packet now.</returns>
    public int Read(Span<byte> packet) => Descriptor.Read(packet);

    /// <inheritdoc/>
    public int Write(ReadOnlySpan<byte> header, ReadOnlySpan<byte> packet) =>
        header.IsEmpty ? Descriptor.Write(packet) : Descriptor.Write(header, packet);

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();
}
