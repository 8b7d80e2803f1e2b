using System.Globalization;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Ppp;

/// <summary>
/// A PPPoL2TP socket (kernel.md section 2). The kernel deletes the session when the socket is closed: keep it as long as the session. pppd
/// takes its descriptor.
/// </summary>
public sealed class PppoxSocket : IDisposable
{
    /// <summary>Takes over a connected socket.</summary>
    internal PppoxSocket(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The socket.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Opens a socket and connects it to the session that netlink has made, or makes the session by that.</summary>
    /// <returns>
    /// EAFNOSUPPORT, EPROTONOSUPPORT: module pppox or l2tp_ppp is missing; ENOENT: no such tunnel; EEXIST: the session has a socket.
    /// </returns>
    public static unsafe LinuxError TryConnect(in PppoxAddress address, out PppoxSocket? socket)
    {
        socket = null;
        var number = LibC.socket(LibC.AF_PPPOX, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC | LibC.SOCK_NONBLOCK, Native.PX_PROTO_OL2TP);
        if (number < 0)
            return new LinuxError(LibC.errno, "socket", "PPPoL2TP (modules pppox, l2tp_ppp)");
        var descriptor = new FileDescriptor(number);
        var name = stackalloc byte[PppoxAddress.MaximumSize];
        var length = address.Write(new Span<byte>(name, PppoxAddress.MaximumSize));
        if (Native.connect(descriptor, name, length) < 0)
        {
            var what = string.Create(CultureInfo.InvariantCulture, $"PPPoL2TP tunnel {address.TunnelId} session {address.SessionId}");
            var error = new LinuxError(LibC.errno, "connect", what);
            descriptor.Dispose();
            return error;
        }

        socket = new PppoxSocket(descriptor);
        return LinuxError.None;
    }

    /// <summary>PPPOL2TP_SO_RECVSEQ.</summary>
    public LinuxError SetReceiveSequence(bool value) => Set(Native.PPPOL2TP_SO_RECVSEQ, value ? 1 : 0, "PPPOL2TP_SO_RECVSEQ");

    /// <summary>PPPOL2TP_SO_SENDSEQ.</summary>
    public LinuxError SetSendSequence(bool value) => Set(Native.PPPOL2TP_SO_SENDSEQ, value ? 1 : 0, "PPPOL2TP_SO_SENDSEQ");

    /// <summary>PPPOL2TP_SO_LNSMODE.</summary>
    public LinuxError SetLnsMode(bool value) => Set(Native.PPPOL2TP_SO_LNSMODE, value ? 1 : 0, "PPPOL2TP_SO_LNSMODE");

    /// <summary>PPPOL2TP_SO_REORDERTO, whole milliseconds.</summary>
    public LinuxError SetReorderTimeout(TimeSpan value) =>
        Set(Native.PPPOL2TP_SO_REORDERTO, (int)value.TotalMilliseconds, "PPPOL2TP_SO_REORDERTO");

    /// <summary>PPPIOCGL2TPSTATS.</summary>
    public unsafe LinuxError GetStatistics(out PppoxStatistics statistics)
    {
        Native.pppol2tp_ioc_stats raw = default;
        var failed = Native.ioctl(Descriptor, Native.PPPIOCGL2TPSTATS, &raw) < 0;
        statistics = new PppoxStatistics(
            raw.tunnel_id, raw.session_id, (raw.using_ipsec & 1) != 0, raw.tx_packets, raw.tx_bytes, raw.tx_errors,
            raw.rx_packets, raw.rx_bytes, raw.rx_seq_discards, raw.rx_oos_packets, raw.rx_errors);
        return failed ? new LinuxError(LibC.errno, "ioctl", "PPPIOCGL2TPSTATS") : LinuxError.None;
    }

    /// <summary>PPPIOCGCHAN: the channel for <see cref="PppDevice"/>. After this the socket itself cannot be read.</summary>
    public LinuxError GetChannel(out int channel) => GetChannel(Descriptor, out channel);

    /// <summary>The channel of a PPPoL2TP socket of which only the descriptor is available.</summary>
    /// <returns>ENOTCONN: not connected; EBADF: closed in the meantime.</returns>
    public static unsafe LinuxError GetChannel(FileDescriptor socket, out int channel)
    {
        var number = 0;
        try
        {
            var failed = Native.ioctl(socket, Native.PPPIOCGCHAN, &number) < 0;
            channel = number;
            return failed ? new LinuxError(LibC.errno, "ioctl", "PPPIOCGCHAN") : LinuxError.None;
        }
        catch (ObjectDisposedException)
        {
            channel = 0;
            return new LinuxError(Errno.EBADF, "ioctl", "PPPIOCGCHAN");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    private unsafe LinuxError Set(int option, int value, string name) =>
        Native.setsockopt(Descriptor, LibC.SOL_PPPOL2TP, option, &value, sizeof(int)) < 0
            ? new LinuxError(LibC.errno, "setsockopt", string.Create(CultureInfo.InvariantCulture, $"{name} {value}"))
            : LinuxError.None;
}

/// <summary>struct pppol2tp_ioc_stats.</summary>
public readonly record struct PppoxStatistics(
    ushort TunnelId, ushort SessionId, bool UsingIpsec,
    ulong TransmitPackets, ulong TransmitBytes, ulong TransmitErrors,
    ulong ReceivePackets, ulong ReceiveBytes, ulong ReceiveSequenceDiscards, ulong ReceiveOutOfOrder, ulong ReceiveErrors);
