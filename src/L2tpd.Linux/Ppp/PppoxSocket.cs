using L2tpd.Linux.Sockets;

namespace L2tpd.Linux.Ppp;

/// <summary>Names the session a PPPoL2TP socket is to be.</summary>
/// <param name="Version">2 or 3.</param>
/// <param name="TunnelSocket">Descriptor of the tunnel's UDP socket; -1 where the session was made by netlink.</param>
/// <param name="Peer">The peer of the tunnel; its family selects the address form.</param>
/// <param name="TunnelId">Our tunnel id.</param>
/// <param name="SessionId">Our session id.</param>
/// <param name="PeerTunnelId">The peer's tunnel id.</param>
/// <param name="PeerSessionId">The peer's session id.</param>
public readonly record struct PppoxAddress(
    int Version, int TunnelSocket, SockAddr Peer, uint TunnelId, uint SessionId, uint PeerTunnelId, uint PeerSessionId);

/// <summary>A PPPoL2TP socket (kernel.md section 2). Closing it deletes the session in the kernel: keep it for the session's life. Hand its descriptor to pppd.</summary>
public sealed class PppoxSocket : IDisposable
{
    private PppoxSocket() => throw new NotImplementedException();

    /// <summary>Makes a socket and connects it to the session, which netlink has made (or which this connect makes).</summary>
    /// <returns>EAFNOSUPPORT, EPROTONOSUPPORT: module pppox / l2tp_ppp missing; ENOENT: no such tunnel; EEXIST: the session has a socket; ...</returns>
    public static LinuxError TryConnect(in PppoxAddress address, out PppoxSocket? socket) => throw new NotImplementedException();

    /// <summary>The socket.</summary>
    public FileDescriptor Descriptor => throw new NotImplementedException();

    /// <summary>PPPOL2TP_SO_RECVSEQ.</summary>
    public LinuxError SetReceiveSequence(bool value) => throw new NotImplementedException();

    /// <summary>PPPOL2TP_SO_SENDSEQ.</summary>
    public LinuxError SetSendSequence(bool value) => throw new NotImplementedException();

    /// <summary>PPPOL2TP_SO_LNSMODE.</summary>
    public LinuxError SetLnsMode(bool value) => throw new NotImplementedException();

    /// <summary>PPPOL2TP_SO_REORDERTO, whole milliseconds.</summary>
    public LinuxError SetReorderTimeout(TimeSpan value) => throw new NotImplementedException();

    /// <summary>PPPIOCGL2TPSTATS.</summary>
    public LinuxError GetStatistics(out PppoxStatistics statistics) => throw new NotImplementedException();

    /// <summary>PPPIOCGCHAN: the channel for <see cref="PppDevice"/>. From now on the socket itself cannot be read.</summary>
    public LinuxError GetChannel(out int channel) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}

/// <summary>struct pppol2tp_ioc_stats.</summary>
public readonly record struct PppoxStatistics(
    ushort TunnelId, ushort SessionId, bool UsingIpsec,
    ulong TransmitPackets, ulong TransmitBytes, ulong TransmitErrors,
    ulong ReceivePackets, ulong ReceiveBytes, ulong ReceiveSequenceDiscards, ulong ReceiveOutOfOrder, ulong ReceiveErrors);
