using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;

namespace L2tpd.DataPlanes.Interfaces;

/// <summary>
/// A session and, if it is an Ethernet or VLAN pseudowire, its interface: what every data plane keeps of it, from the request to the
/// removal. Loop thread, except where a member says otherwise.
/// </summary>
internal abstract class SessionInterface(SessionKey key, SessionParameters parameters, string? interfaceName)
{
    /// <summary>The engine's key of the session.</summary>
    public SessionKey Key => key;

    /// <summary>What the engine asked for.</summary>
    public SessionParameters Parameters => parameters;

    /// <summary>The wanted name of the interface, which may contain the kernel's <c>%d</c>; <c>null</c>: the kernel chooses.</summary>
    public string? InterfaceName => interfaceName;

    /// <summary>The interface; <c>null</c> before it is made, and always on a PPP session. Set by the worker that makes it.</summary>
    public PseudowireInterface? Interface { get; set; }

    /// <summary>The engine no longer wants the session.</summary>
    public bool IsDestroyed { get; set; }

    /// <summary>The peer's circuit carries traffic, by its last message.</summary>
    public bool PeerIsActive { get; set; } = PseudowireInterfaces.IsActive(parameters.Settings?.PeerStatus);

    /// <summary>The worker is putting <see cref="PeerIsActive"/> on the interface.</summary>
    public bool IsShowingPeer { get; set; }
}

/// <summary>The interface of an Ethernet or VLAN session.</summary>
/// <param name="Name">The interface that carries addresses or is in a bridge.</param>
/// <param name="Index">Its index.</param>
/// <param name="Device">The session's own device: the same, or in a VLAN session with a tag the one below.</param>
internal sealed record PseudowireInterface(string Name, uint Index, string Device);
