namespace L2tpd.Linux.Ppp;

/// <summary>An open /dev/ppp (kernel.md section 3), attached to a channel or to a unit. Frames are a 2-octet protocol number and data, without FF 03.</summary>
public sealed class PppDevice : IDisposable
{
    private PppDevice() => throw new NotImplementedException();

    /// <summary>Opens /dev/ppp, non-blocking, and attaches it to a channel (PPPIOCATTCHAN).</summary>
    /// <returns>ENOENT, ENODEV or ENXIO: module ppp_generic missing or no such channel.</returns>
    public static LinuxError TryOpenChannel(int channel, out PppDevice? device) => throw new NotImplementedException();

    /// <summary>Opens /dev/ppp, non-blocking, and makes a new unit, device pppN (PPPIOCNEWUNIT).</summary>
    /// <param name="unit">The number wanted, -1: any.</param>
    /// <param name="device">The device; <see cref="Unit"/> is its number.</param>
    public static LinuxError TryOpenUnit(int unit, out PppDevice? device) => throw new NotImplementedException();

    /// <summary>The descriptor, to register with the loop.</summary>
    public FileDescriptor Descriptor => throw new NotImplementedException();

    /// <summary>Unit number as made, -1 on a channel.</summary>
    public int Unit => throw new NotImplementedException();

    /// <summary>On a channel: PPPIOCCONNECT to a unit.</summary>
    public LinuxError ConnectUnit(int unit) => throw new NotImplementedException();

    /// <summary>On a channel: PPPIOCDISCONN.</summary>
    public LinuxError DisconnectUnit() => throw new NotImplementedException();

    /// <summary>PPPIOCSMRU.</summary>
    public LinuxError SetMru(int octets) => throw new NotImplementedException();

    /// <summary>PPPIOCGFLAGS.</summary>
    public LinuxError GetFlags(out int flags) => throw new NotImplementedException();

    /// <summary>PPPIOCSFLAGS.</summary>
    public LinuxError SetFlags(int flags) => throw new NotImplementedException();

    /// <summary>On a unit: PPPIOCSNPMODE: 0 pass, 1 drop, 2 error, 3 queue.</summary>
    /// <param name="protocol">0x21 IPv4, 0x57 IPv6.</param>
    /// <param name="mode">0 to 3.</param>
    public LinuxError SetNetworkMode(int protocol, int mode) => throw new NotImplementedException();

    /// <summary>On a unit: PPPIOCGIDLE, whole seconds since the last data packet each way.</summary>
    public LinuxError GetIdle(out TimeSpan transmit, out TimeSpan receive) => throw new NotImplementedException();

    /// <summary>Reads one frame.</summary>
    /// <returns>Octets; 0: hung up; -EAGAIN: none now.</returns>
    public int Read(Span<byte> frame) => throw new NotImplementedException();

    /// <summary>Writes one frame.</summary>
    /// <returns>0 or errno.</returns>
    public int Write(ReadOnlySpan<byte> frame) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
