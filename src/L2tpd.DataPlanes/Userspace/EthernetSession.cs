using L2tpd.DataPlanes.Kernel;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Linux.Host;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>An Ethernet or VLAN session with its interface, from being asked for to being gone. Loop thread, but for what says otherwise.</summary>
internal sealed class EthernetSession(UserspaceSession session, string? name) : ICircuitSession
{
    public UserspaceSession Session => session;

    public SessionKey Key => session.Key;

    public SessionParameters Parameters => session.Parameters;

    /// <summary>Wanted; null: as it comes.</summary>
    public string? InterfaceName => name;

    /// <inheritdoc/>
    public PseudowireInterface? Interface { get; set; }

    /// <summary>Its frames; null while the interface is being made.</summary>
    public TapPort? Port { get; set; }

    /// <summary>The device. Worker only.</summary>
    public TunTap? Tap { get; set; }

    /// <summary>The engine wants it no more.</summary>
    public bool IsDestroyed { get; set; }

    /// <summary>What the peer last said of its circuit.</summary>
    public bool PeerIsActive { get; set; } = true;

    /// <summary>The interface is being told of the peer's circuit.</summary>
    public bool IsTelling { get; set; }
}
