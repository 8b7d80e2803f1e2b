using L2tpd.DataPlanes.Userspace;
using L2tpd.Linux.Host;

namespace L2tpd.PppHosting.Userspace;

/// <summary>IP packets between PPP sessions and a TUN interface. Loop thread only.</summary>
public abstract class TunPort : PacketPort
{
    private readonly Action _refused;

    protected TunPort(TunTap tun, UserspacePppLinks links) : base(tun, links.Buffers)
    {
        Links = links;
        _refused = links.Drops.CountNoRoom;
        Start(links.Events, links.Faults);
    }

    public string Name => Device.Name;

    protected UserspacePppLinks Links { get; }

    /// <summary>Delivers a peer's packet to the system.</summary>
    public void Deliver(ReadOnlySpan<byte> packet) => Deliver(packet, _refused);
}
