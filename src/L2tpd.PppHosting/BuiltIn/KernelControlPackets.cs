using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Sockets;
using L2tpd.Runtime.Loop;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// Control packets (IPv6 discovery and DHCPv6, or DHCP) of one session of the kernel data plane: reads them from the ppp interface and
/// offers them to the observer. Answers go to the session's channel, as all frames of ours. Loop thread, but for <see cref="TryOpen"/>.
/// </summary>
internal sealed class KernelControlPackets(KernelPppLinks links, LinkControlSocket socket, IPppLinkObserver observer)
    : IReadinessHandler, IDisposable
{
    // Packets that are read per turn, so that one peer cannot occupy the loop.
    private const int PacketsATurn = 16;

    private LoopRegistration? _watch;

    /// <summary>Opens the socket of an interface. Worker thread only.</summary>
    public static LinuxError TryOpen(RtNetlink netlink, string @interface, bool isIPv6, out LinkControlSocket? socket)
    {
        socket = null;
        var error = netlink.GetLink(@interface, out var link);
        return error.IsNone ? LinkControlSocket.TryOpen(link!.Index, isIPv6, out socket) : error;
    }

    /// <summary>Starts to read; the socket is the result's from then on.</summary>
    public static KernelControlPackets Start(KernelPppLinks links, LinkControlSocket socket, IPppLinkObserver observer)
    {
        var packets = new KernelControlPackets(links, socket, observer);
        packets._watch = links.Events.Register(socket.Descriptor, Readiness.Readable, new GuardedHandler(packets, links.Faults));
        return packets;
    }

    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        for (var i = 0; i < PacketsATurn && _watch is not null; i++)
        {
            var count = socket.Read(links.Buffer);
            if (count == -Errno.EAGAIN)
                return;
            // Others are reported once, when the interface goes down or is removed.
            if (count > 0)
                observer.OnControlPacket(links.Buffer[..count]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch?.Dispose();
        _watch = null;
        socket.Dispose();
    }
}
