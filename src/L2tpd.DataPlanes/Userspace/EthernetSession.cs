using L2tpd.DataPlanes.Interfaces;
using L2tpd.Linux.Host;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>An Ethernet or VLAN session with its TAP interface.</summary>
internal sealed class EthernetSession(UserspaceSession session, string? name) : SessionInterface(session.Key, session.Parameters, name)
{
    /// <summary>The session that the frames belong to.</summary>
    public UserspaceSession Session => session;

    /// <summary>Carries the frames; <c>null</c> while the interface is being made.</summary>
    public TapPort? Port { get; set; }

    /// <summary>The device. Worker only.</summary>
    public TunTap? Tap { get; set; }
}
