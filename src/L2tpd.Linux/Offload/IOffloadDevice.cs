namespace L2tpd.Linux.Offload;

/// <summary>A TUN or TAP device to write to.</summary>
public interface IOffloadDevice
{
    /// <summary>Whether a virtio_net_hdr precedes each packet (IFF_VNET_HDR).</summary>
    bool HasOffloads { get; }

    /// <summary>Whether it carries Ethernet frames instead of IP packets.</summary>
    bool IsEthernet { get; }

    /// <summary>Writes one packet.</summary>
    /// <param name="header">The virtio header; empty if the device has none.</param>
    /// <param name="packet">The packet.</param>
    /// <returns>0 or errno.</returns>
    int Write(ReadOnlySpan<byte> header, ReadOnlySpan<byte> packet);
}
