using L2tpd.DataPlanes.Interfaces;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Linux;
using L2tpd.Linux.Ppp;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>A tunnel of the kernel, from the request to the deletion. Loop thread, unless a member says otherwise.</summary>
internal sealed class KernelTunnel(TunnelKey key, TunnelParameters parameters, FileDescriptor socket)
{
    public TunnelKey Key => key;

    public TunnelParameters Parameters => parameters;

    /// <summary>The connected UDP socket that the kernel takes over.</summary>
    public FileDescriptor Socket => socket;

    /// <summary>Sessions that are not deleted yet.</summary>
    public HashSet<KernelSession> Sessions { get; } = [];

    /// <summary>Whether the engine has destroyed the tunnel.</summary>
    public bool IsDestroyed { get; set; }

    /// <summary>Whether its deletion was queued.</summary>
    public bool IsDeleting { get; set; }

    /// <summary>Whether the engine no longer needs its socket.</summary>
    public bool CloseTransport { get; set; }

    /// <summary>Whether the kernel has the tunnel. Netlink worker only.</summary>
    public bool IsMade { get; set; }
}

/// <summary>A session of the kernel with its PPPoL2TP socket or its interface.</summary>
internal sealed class KernelSession(SessionKey key, KernelTunnel tunnel, SessionParameters parameters, string? interfaceName)
    : SessionInterface(key, parameters, interfaceName)
{
    /// <summary>The tunnel of the session.</summary>
    public KernelTunnel Tunnel => tunnel;

    /// <summary>The socket for PPP; <c>null</c> before it is made.</summary>
    public PppoxSocket? Socket { get; set; }

    /// <summary>
    /// Whether PPP has borrowed the socket. The kernel's session stays until it is returned, so that LCP can terminate the link.
    /// </summary>
    public bool IsLent { get; set; }

    /// <summary>Whether the creation has ended, with success or not.</summary>
    public bool IsMade { get; set; }

    /// <summary>Whether its deletion was queued.</summary>
    public bool IsDeleting { get; set; }
}
