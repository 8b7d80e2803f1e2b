using System.Text;
using L2tpd.Linux.Interop;
using L2tpd.Linux.Offload;
using Tmds.Linux;

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
        // A system that has no such offloads hands every packet whole, with the header before it.
        if (offloads)
            _ = Native.ioctl(descriptor, Native.TUNSETOFFLOAD, (void*)(Native.TUN_F_CSUM | Native.TUN_F_TSO4 | Native.TUN_F_TSO6));
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
