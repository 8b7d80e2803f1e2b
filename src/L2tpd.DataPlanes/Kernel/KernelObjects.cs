using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Linux;
using L2tpd.Linux.Ppp;
using L2tpd.Runtime.Sockets;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>A tunnel of the kernel, from being asked for to being gone. Loop thread, but for what says otherwise.</summary>
internal sealed class KernelTunnel(TunnelKey key, TunnelParameters parameters, FileDescriptor socket)
{
    public TunnelKey Key => key;

    public TunnelParameters Parameters => parameters;

    /// <summary>The connected UDP socket the kernel takes over.</summary>
    public FileDescriptor Socket => socket;

    /// <summary>Sessions not gone yet.</summary>
    public HashSet<KernelSession> Sessions { get; } = [];

    /// <summary>The engine wants it no more.</summary>
    public bool IsDestroyed { get; set; }

    /// <summary>Its deletion was queued.</summary>
    public bool IsDeleting { get; set; }

    /// <summary>The engine wants its socket no more.</summary>
    public bool CloseTransport { get; set; }

    /// <summary>The kernel has it. Netlink worker only.</summary>
    public bool IsMade { get; set; }
}

/// <summary>A session of the kernel with its PPPoL2TP socket or its interface.</summary>
internal sealed class KernelSession(SessionKey key, KernelTunnel tunnel, SessionParameters parameters, string? interfaceName) : ICircuitSession
{
    public SessionKey Key => key;

    public KernelTunnel Tunnel => tunnel;

    public SessionParameters Parameters => parameters;

    /// <summary>Name its interface is to have, with the kernel's <c>%d</c> perhaps; null: the kernel's own.</summary>
    public string? InterfaceName => interfaceName;

    /// <summary>The interface of an Ethernet or VLAN session; null before it is made, and in PPP.</summary>
    public PseudowireInterface? Interface { get; set; }

    /// <summary>The peer's circuit carries traffic, as it last said.</summary>
    public bool PeerIsActive { get; set; } = true;

    /// <summary>The interface is being told of <see cref="PeerIsActive"/>.</summary>
    public bool IsTelling { get; set; }

    /// <summary>The socket the PPP process speaks through; null before it is made.</summary>
    public PppoxSocket? Socket { get; set; }

    /// <summary>A PPP process has the socket: the kernel's session stays until it is gone, so that LCP can say goodbye.</summary>
    public bool IsLent { get; set; }

    /// <summary>It was made, or could not be.</summary>
    public bool IsMade { get; set; }

    /// <summary>The engine wants it no more.</summary>
    public bool IsDestroyed { get; set; }

    /// <summary>Its deletion was queued.</summary>
    public bool IsDeleting { get; set; }
}

/// <summary>A session whose interface is watched for the circuit status.</summary>
internal interface ICircuitSession
{
    SessionKey Key { get; }

    SessionParameters Parameters { get; }

    /// <summary>Null before it is made.</summary>
    PseudowireInterface? Interface { get; }
}

/// <summary>The interface of an Ethernet or VLAN session.</summary>
/// <param name="Name">The interface that carries addresses or is in a bridge.</param>
/// <param name="Index">Its index.</param>
/// <param name="Device">The session's own device: the same, or in a VLAN session with a tag the one below.</param>
internal sealed record PseudowireInterface(string Name, uint Index, string Device);

/// <summary>What became of a session that was asked for.</summary>
/// <param name="Trouble">Why there is none, in words; null: there is.</param>
/// <param name="OutOfResources">A limit was hit.</param>
/// <param name="Socket">The PPPoL2TP socket of a PPP session.</param>
internal readonly record struct SessionMade(string? Trouble, bool OutOfResources, PppoxSocket? Socket)
{
    /// <summary>Another has its id or the name of its interface, which may be on its way out.</summary>
    public bool IsCollision { get; init; }

    public static SessionMade Refused(LinuxError error) =>
        new($"the kernel refused the session: {error}", DescriptorBudget.IsExhaustion(error.Errno), null) { IsCollision = error.Errno == Errno.EEXIST };
}
