namespace L2tpd.Linux.Offload;

/// <summary>A TUN or TAP device to write to.</summary>
public interface IOffloadDevice
{
    /// <summary>A virtio_net_hdr stands before each packet (IFF_VNET_HDR).</summary>
    bool HasOffloads { get; }

    /// <summary>Ethernet frames; else IP packets.</summary>
    bool IsEthernet { get; }

    /// <summary>Writes one packet.</summary>
    /// <param name="header">The device's header; empty if it has none.</param>
    /// <param name="packet">The packet.</param>
    /// <returns>0 or errno.</returns>
    int Write(ReadOnlySpan<byte> header, ReadOnlySpan<byte> packet);
}
