namespace L2tpd.Linux.Netlink;

/// <summary>
/// The kernel's generic netlink family "l2tp" (kernel.md section 1). Synchronous: for a worker thread, one call at a time.
/// Every method returns <see cref="LinuxError.None"/> or the kernel's errno with the command's name and its extended-ack text.
/// ETIMEDOUT: the kernel did not answer in time.
/// </summary>
public sealed class L2tpNetlink : IDisposable
{
    /// <summary>How long the kernel may take to answer.</summary>
    public static TimeSpan DefaultTimeout => TimeSpan.FromSeconds(5);

    /// <summary>Opens the socket and resolves the family.</summary>
    /// <returns>ENOENT: the kernel has no L2TP (module l2tp_netlink).</returns>
    public static LinuxError TryOpen(out L2tpNetlink? netlink, TimeSpan? timeout = null) => throw new NotImplementedException();

    /// <summary>The same over any transport; takes ownership of it.</summary>
    public static LinuxError TryOpen(INetlinkTransport transport, out L2tpNetlink? netlink) => throw new NotImplementedException();

    /// <summary>The family's number.</summary>
    public ushort FamilyId => throw new NotImplementedException();

    /// <summary>The number of multicast group "l2tp", 0 if the kernel tells none.</summary>
    public uint MulticastGroup => throw new NotImplementedException();

    /// <summary>
    /// How long EEXIST from a create is tried again, every <see cref="ExistsRetryInterval"/>: the kernel deletes asynchronously, so an id just deleted may still be there.
    /// Zero: not at all.
    /// </summary>
    public TimeSpan ExistsRetry { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Pause between two tries.</summary>
    public TimeSpan ExistsRetryInterval { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>TUNNEL_CREATE.</summary>
    public LinuxError CreateTunnel(L2tpTunnelRequest request) => throw new NotImplementedException();

    /// <summary>TUNNEL_DELETE: the tunnel with all its sessions. Asynchronous in the kernel. ENODEV: no such tunnel.</summary>
    public LinuxError DeleteTunnel(uint tunnelId) => throw new NotImplementedException();

    /// <summary>TUNNEL_MODIFY: changes nothing in today's kernels but sends the notification.</summary>
    public LinuxError ModifyTunnel(uint tunnelId) => throw new NotImplementedException();

    /// <summary>TUNNEL_GET. ENODEV: no such tunnel.</summary>
    public LinuxError GetTunnel(uint tunnelId, out L2tpTunnelInfo? tunnel) => throw new NotImplementedException();

    /// <summary>All tunnels of this network namespace.</summary>
    public LinuxError ListTunnels(out IReadOnlyList<L2tpTunnelInfo> tunnels) => throw new NotImplementedException();

    /// <summary>SESSION_CREATE.</summary>
    public LinuxError CreateSession(L2tpSessionRequest request) => throw new NotImplementedException();

    /// <summary>SESSION_DELETE. ENODEV: no such session.</summary>
    public LinuxError DeleteSession(uint tunnelId, uint sessionId) => throw new NotImplementedException();

    /// <summary>SESSION_MODIFY.</summary>
    public LinuxError ModifySession(uint tunnelId, uint sessionId, L2tpSessionChange change) => throw new NotImplementedException();

    /// <summary>SESSION_GET. ENODEV: no such session.</summary>
    public LinuxError GetSession(uint tunnelId, uint sessionId, out L2tpSessionInfo? session) => throw new NotImplementedException();

    /// <summary>All sessions of this network namespace. PPPoL2TP management sockets (session 0) are left out.</summary>
    public LinuxError ListSessions(out IReadOnlyList<L2tpSessionInfo> sessions) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
