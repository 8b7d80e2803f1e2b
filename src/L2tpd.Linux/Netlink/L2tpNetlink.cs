using System.Globalization;
using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>
/// The kernel's generic netlink family "l2tp" (kernel.md section 1). Synchronous: for a worker thread, one call at a time.
/// Every method returns <see cref="LinuxError.None"/> or the kernel's errno with the command's name and its extended-ack text.
/// ETIMEDOUT: the kernel did not answer in time.
/// </summary>
public sealed class L2tpNetlink : IDisposable
{
    private const int GenericHeaderSize = 4;

    private readonly NetlinkConnection _connection;

    private L2tpNetlink(NetlinkConnection connection, GenericNetlinkFamily family)
    {
        _connection = connection;
        FamilyId = family.Id;
        MulticastGroup = family.Groups.GetValueOrDefault(Native.L2TP_GENL_MCGROUP);
    }

    /// <summary>The longest time to wait for an answer of the kernel.</summary>
    public static TimeSpan DefaultTimeout => TimeSpan.FromSeconds(5);

    /// <summary>The number of the family.</summary>
    public ushort FamilyId { get; }

    /// <summary>The number of the multicast group "l2tp"; 0 if the kernel does not give it.</summary>
    public uint MulticastGroup { get; }

    /// <summary>Opens the socket and resolves the family.</summary>
    /// <returns>ENOENT: the kernel has no L2TP (module l2tp_netlink).</returns>
    public static LinuxError TryOpen(out L2tpNetlink? netlink, TimeSpan? timeout = null)
    {
        netlink = null;
        var error = NetlinkSocket.TryOpen(NetlinkSocket.Generic, timeout ?? DefaultTimeout, out var socket);
        return error.IsNone ? TryOpen(socket!, out netlink, timeout) : error;
    }

    /// <summary>Resolves the family over a transport, which it takes over.</summary>
    public static LinuxError TryOpen(INetlinkTransport transport, out L2tpNetlink? netlink, TimeSpan? timeout = null)
    {
        netlink = null;
        var connection = new NetlinkConnection(transport, timeout ?? DefaultTimeout);
        var error = GenericNetlinkFamily.Resolve(connection, Native.L2TP_GENL_NAME, out var family);
        if (error.IsNone)
            netlink = new L2tpNetlink(connection, family!);
        else
            connection.Dispose();
        return error;
    }

    /// <summary>TUNNEL_CREATE. EEXIST: another tunnel has the id, perhaps one that is still being deleted.</summary>
    public LinuxError CreateTunnel(L2tpTunnelRequest request)
    {
        Begin(Native.L2TP_CMD_TUNNEL_CREATE);
        L2tpMessages.Write(_connection.Request, request);
        return _connection.Execute("TUNNEL_CREATE", Tunnel(request.TunnelId));
    }

    /// <summary>TUNNEL_DELETE: the tunnel with all its sessions. Asynchronous in the kernel. ENODEV: no such tunnel.</summary>
    public LinuxError DeleteTunnel(uint tunnelId)
    {
        BeginTunnel(Native.L2TP_CMD_TUNNEL_DELETE, tunnelId);
        return _connection.Execute("TUNNEL_DELETE", Tunnel(tunnelId));
    }

    /// <summary>TUNNEL_MODIFY. Today's kernels change nothing but send the notification.</summary>
    public LinuxError ModifyTunnel(uint tunnelId)
    {
        BeginTunnel(Native.L2TP_CMD_TUNNEL_MODIFY, tunnelId);
        return _connection.Execute("TUNNEL_MODIFY", Tunnel(tunnelId));
    }

    /// <summary>TUNNEL_GET. ENODEV: no such tunnel.</summary>
    public LinuxError GetTunnel(uint tunnelId, out L2tpTunnelInfo? tunnel)
    {
        BeginTunnel(Native.L2TP_CMD_TUNNEL_GET, tunnelId);
        L2tpTunnelInfo? found = null;
        var error = _connection.Execute("TUNNEL_GET", Tunnel(tunnelId), payload => found = L2tpMessages.ReadTunnel(Attributes(payload)));
        tunnel = error.IsNone ? found : null;
        return error.IsNone && found is null ? new LinuxError(Errno.EBADMSG, "TUNNEL_GET", Tunnel(tunnelId)) : error;
    }

    /// <summary>All tunnels of this network namespace.</summary>
    public LinuxError ListTunnels(out IReadOnlyList<L2tpTunnelInfo> tunnels)
    {
        Begin(Native.L2TP_CMD_TUNNEL_GET, Native.NLM_F_DUMP);
        var list = new List<L2tpTunnelInfo>();
        tunnels = list;
        return _connection.Dump("TUNNEL_GET", list.Clear, payload => list.Add(L2tpMessages.ReadTunnel(Attributes(payload))));
    }

    /// <summary>
    /// SESSION_CREATE. EEXIST: another session has the id or the interface name, perhaps one that is still being deleted.
    /// </summary>
    public LinuxError CreateSession(L2tpSessionRequest request)
    {
        var what = Session(request.TunnelId, request.SessionId);
        if (!IsCookie(request.Cookie) || !IsCookie(request.PeerCookie))
            return new LinuxError(Errno.EINVAL, "SESSION_CREATE", $"{what}: a cookie has 0, 4 or 8 octets (RFC 3931, 4.1)");
        if (request.InterfaceName is { Length: > 15 } name)
            return new LinuxError(Errno.ERANGE, "SESSION_CREATE", $"{what}: interface name {name} is longer than 15 octets");
        Begin(Native.L2TP_CMD_SESSION_CREATE);
        L2tpMessages.Write(_connection.Request, request);
        return _connection.Execute("SESSION_CREATE", what);
    }

    /// <summary>SESSION_DELETE. ENODEV: no such session.</summary>
    public LinuxError DeleteSession(uint tunnelId, uint sessionId)
    {
        BeginSession(Native.L2TP_CMD_SESSION_DELETE, tunnelId, sessionId);
        return _connection.Execute("SESSION_DELETE", Session(tunnelId, sessionId));
    }

    /// <summary>SESSION_MODIFY.</summary>
    public LinuxError ModifySession(uint tunnelId, uint sessionId, L2tpSessionChange change)
    {
        BeginSession(Native.L2TP_CMD_SESSION_MODIFY, tunnelId, sessionId);
        L2tpMessages.Write(_connection.Request, change);
        return _connection.Execute("SESSION_MODIFY", Session(tunnelId, sessionId));
    }

    /// <summary>SESSION_GET. ENODEV: no such session.</summary>
    public LinuxError GetSession(uint tunnelId, uint sessionId, out L2tpSessionInfo? session)
    {
        var what = Session(tunnelId, sessionId);
        BeginSession(Native.L2TP_CMD_SESSION_GET, tunnelId, sessionId);
        L2tpSessionInfo? found = null;
        var error = _connection.Execute("SESSION_GET", what, payload => found = L2tpMessages.ReadSession(Attributes(payload)));
        session = error.IsNone ? found : null;
        return error.IsNone && found is null ? new LinuxError(Errno.EBADMSG, "SESSION_GET", what) : error;
    }

    /// <summary>All sessions of this network namespace, without PPPoL2TP management sockets (session 0).</summary>
    public LinuxError ListSessions(out IReadOnlyList<L2tpSessionInfo> sessions)
    {
        Begin(Native.L2TP_CMD_SESSION_GET, Native.NLM_F_DUMP);
        var list = new List<L2tpSessionInfo>();
        sessions = list;
        return _connection.Dump("SESSION_GET", list.Clear, payload =>
        {
            var session = L2tpMessages.ReadSession(Attributes(payload));
            if (session.SessionId != 0)
                list.Add(session);
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    /// <summary>The attributes after the genlmsghdr.</summary>
    internal static NetlinkAttributes Attributes(ReadOnlySpan<byte> payload) =>
        payload.Length < GenericHeaderSize ? default : new NetlinkAttributes(payload[GenericHeaderSize..]);

    private static string Tunnel(uint tunnelId) => string.Create(CultureInfo.InvariantCulture, $"tunnel {tunnelId}");

    private static string Session(uint tunnelId, uint sessionId) =>
        string.Create(CultureInfo.InvariantCulture, $"tunnel {tunnelId} session {sessionId}");

    private static bool IsCookie(ReadOnlyMemory<byte> cookie) => cookie.Length is 0 or 4 or 8;

    private void Begin(byte command, int flags = 0) =>
        _connection.Request.BeginGeneric(FamilyId, (ushort)(Native.NLM_F_ACK | flags), command, Native.L2TP_GENL_VERSION);

    private void BeginTunnel(byte command, uint tunnelId)
    {
        Begin(command);
        _connection.Request.Put(Native.L2TP_ATTR_CONN_ID, tunnelId);
    }

    private void BeginSession(byte command, uint tunnelId, uint sessionId)
    {
        BeginTunnel(command, tunnelId);
        _connection.Request.Put(Native.L2TP_ATTR_SESSION_ID, sessionId);
    }
}
