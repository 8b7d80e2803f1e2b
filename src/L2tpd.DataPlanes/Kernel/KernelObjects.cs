using L2tpd.DataPlanes.Interfaces;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Linux;
using L2tpd.Linux.Ppp;

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
internal sealed class KernelSession(SessionKey key, KernelTunnel tunnel, SessionParameters parameters, string? interfaceName)
    : SessionInterface(key, parameters, interfaceName)
{
    /// <summary>Its tunnel.</summary>
    public KernelTunnel Tunnel => tunnel;

    /// <summary>The socket the PPP process speaks through; <c>null</c> before it is made.</summary>
    public PppoxSocket? Socket { get; set; }

    /// <summary>
    /// A PPP process has the socket: the kernel's session stays until that process has ended, so that LCP can terminate the link.
    /// </summary>
    public bool IsLent { get; set; }

    /// <summary>It was made, or could not be.</summary>
    public bool IsMade { get; set; }

    /// <summary>Its deletion was queued.</summary>
    public bool IsDeleting { get; set; }
}
