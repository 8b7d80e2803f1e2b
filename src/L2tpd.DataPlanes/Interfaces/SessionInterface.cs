using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;

namespace L2tpd.DataPlanes.Interfaces;

/// <summary>
/// A session and the interface of an Ethernet or VLAN pseudowire: the state that every data plane keeps from the request to the removal.
/// Loop thread, unless a member says otherwise.
/// </summary>
internal abstract class SessionInterface(SessionKey key, SessionParameters parameters, string? interfaceName)
{
    /// <summary>The engine's key of the session.</summary>
    public SessionKey Key => key;

    /// <summary>The parameters of the engine's request.</summary>
    public SessionParameters Parameters => parameters;

    /// <summary>
    /// The name for the interface, which may contain <c>%d</c> for a number that the kernel chooses; <c>null</c> if the kernel chooses the
    /// whole name.
    /// </summary>
    public string? InterfaceName => interfaceName;

    /// <summary>The interface; <c>null</c> before it is made, and always on a PPP session. Set by the worker that makes it.</summary>
    public PseudowireInterface? Interface { get; set; }

    /// <summary>Whether the engine has destroyed the session.</summary>
    public bool IsDestroyed { get; set; }

    /// <summary>Whether the peer's circuit carries traffic, by the peer's last message.</summary>
    public bool PeerIsActive { get; set; } = PseudowireInterfaces.IsActive(parameters.Settings?.PeerStatus);

    /// <summary>Whether the worker is setting <see cref="PeerIsActive"/> on the interface.</summary>
    public bool IsShowingPeer { get; set; }
}

/// <summary>The interface of an Ethernet or VLAN session.</summary>
/// <param name="Name">The interface that has the addresses or is in a bridge.</param>
/// <param name="Index">Its index.</param>
/// <param name="Device">The session's own device: the same interface, or the one below the device of tagged frames.</param>
internal sealed record PseudowireInterface(string Name, uint Index, string Device);
