namespace L2tpd.Linux.Host;

/// <summary>A TUN or TAP device (/dev/net/tun), not persistent, non-blocking, without packet information header.</summary>
public sealed class TunTap : IDisposable
{
    private TunTap() => throw new NotImplementedException();

    /// <summary>Makes one.</summary>
    /// <param name="name">Name, or a pattern such as <c>l2tp%d</c>; at most 15 octets.</param>
    /// <param name="tap">Ethernet frames; else IP packets.</param>
    /// <param name="virtioHeader">IFF_VNET_HDR: a virtio_net_hdr before each packet.</param>
    /// <param name="device">The device; down, see RtNetlink.</param>
    public static LinuxError TryOpen(string name, bool tap, bool virtioHeader, out TunTap? device) => throw new NotImplementedException();

    /// <summary>The descriptor, to register with the loop.</summary>
    public FileDescriptor Descriptor => throw new NotImplementedException();

    /// <summary>The name it got.</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>Reads one packet.</summary>
    /// <returns>Octets, or -errno (-EAGAIN: none now).</returns>
    public int Read(Span<byte> packet) => throw new NotImplementedException();

    /// <summary>Writes one packet.</summary>
    /// <returns>0 or errno.</returns>
    public int Write(ReadOnlySpan<byte> packet) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
