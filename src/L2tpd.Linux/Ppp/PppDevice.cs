using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Ppp;

/// <summary>
/// An open /dev/ppp (kernel.md section 3), attached to a channel or a unit. A frame is a 2-octet protocol number and data, without FF 03.
/// </summary>
public sealed class PppDevice : IDisposable
{
    internal const string DevicePath = "/dev/ppp";

    private PppDevice(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The descriptor, for the loop.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>The number of the unit; -1 on a channel.</summary>
    public int Unit { get; private init; } = -1;

    /// <summary>Opens /dev/ppp, non-blocking, and attaches it to a channel (PPPIOCATTCHAN).</summary>
    /// <returns>ENOENT, ENODEV or ENXIO: module ppp_generic missing or no such channel.</returns>
    public static LinuxError TryOpenChannel(int channel, out PppDevice? device)
    {
        device = null;
        var error = TryOpen(out var opened);
        if (!error.IsNone)
            return error;
        error = opened!.Control(Native.PPPIOCATTCHAN, ref channel, "PPPIOCATTCHAN");
        if (error.IsNone)
            device = opened;
        else
            opened.Dispose();
        return error;
    }

    /// <summary>Opens /dev/ppp, non-blocking, and makes a new unit, device pppN (PPPIOCNEWUNIT).</summary>
    /// <param name="unit">The number, or -1 for any.</param>
    /// <param name="device">The device; <see cref="Unit"/> is its number.</param>
    public static LinuxError TryOpenUnit(int unit, out PppDevice? device)
    {
        device = null;
        var error = TryOpen(out var opened);
        if (!error.IsNone)
            return error;
        error = opened!.Control(Native.PPPIOCNEWUNIT, ref unit, "PPPIOCNEWUNIT");
        if (error.IsNone)
            device = new PppDevice(opened.Descriptor) { Unit = unit };
        else
            opened.Dispose();
        return error;
    }

    /// <summary>On a channel: PPPIOCCONNECT to a unit.</summary>
    public LinuxError ConnectUnit(int unit) => Control(Native.PPPIOCCONNECT, ref unit, "PPPIOCCONNECT");

    /// <summary>On a channel: PPPIOCDISCONN.</summary>
    public LinuxError DisconnectUnit()
    {
        var unused = 0;
        return Control(Native.PPPIOCDISCONN, ref unused, "PPPIOCDISCONN");
    }

    /// <summary>PPPIOCSMRU.</summary>
    public LinuxError SetMru(int octets) => Control(Native.PPPIOCSMRU, ref octets, "PPPIOCSMRU");

    /// <summary>PPPIOCGFLAGS.</summary>
    public LinuxError GetFlags(out int flags)
    {
        flags = 0;
        return Control(Native.PPPIOCGFLAGS, ref flags, "PPPIOCGFLAGS");
    }

    /// <summary>PPPIOCSFLAGS.</summary>
    public LinuxError SetFlags(int flags) => Control(Native.PPPIOCSFLAGS, ref flags, "PPPIOCSFLAGS");

    /// <summary>On a unit: PPPIOCSNPMODE. 0 passes packets, 1 drops them, 2 returns an error, 3 queues them.</summary>
    /// <param name="protocol">0x21 IPv4, 0x57 IPv6.</param>
    /// <param name="mode">0 to 3.</param>
    public LinuxError SetNetworkMode(int protocol, int mode)
    {
        var pair = new Native.npioctl { protocol = protocol, mode = mode };
        return Control(Native.PPPIOCSNPMODE, ref pair, "PPPIOCSNPMODE");
    }

    /// <summary>
    /// On a unit: PPPIOCGIDLE, whole seconds since the last data packet of each direction. Meaningless before the first packet.
    /// </summary>
    public LinuxError GetIdle(out TimeSpan transmit, out TimeSpan receive)
    {
        Native.ppp_idle64 seconds = default;
        var error = Control(Native.PPPIOCGIDLE, ref seconds, "PPPIOCGIDLE");
        (transmit, receive) = (TimeSpan.FromSeconds(seconds.xmit_idle), TimeSpan.FromSeconds(seconds.recv_idle));
        return error;
    }

    /// <summary>Reads one frame.</summary>
    /// <returns>Octets; 0: hung up; -EAGAIN: no frame now.</returns>
    public int Read(Span<byte> frame) => Descriptor.Read(frame);

    /// <summary>Writes one frame.</summary>
    /// <returns>0 or errno.</returns>
    public int Write(ReadOnlySpan<byte> frame) => Descriptor.Write(frame);

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    private static LinuxError TryOpen(out PppDevice? device)
    {
        var number = Native.open(DevicePath, LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        device = number < 0 ? null : new PppDevice(new FileDescriptor(number));
        return number < 0 ? new LinuxError(LibC.errno, "open", DevicePath) : LinuxError.None;
    }

    private unsafe LinuxError Control<T>(uint request, ref T argument, string name) where T : unmanaged
    {
        fixed (T* start = &argument)
        {
            return Native.ioctl(Descriptor, request, start) < 0
                ? new LinuxError(LibC.errno, "ioctl", $"{DevicePath} {name}")
                : LinuxError.None;
        }
    }
}
