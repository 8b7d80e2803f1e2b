using System.Collections.Immutable;
using L2tpd.Configuration;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Sockets;
using L2tpd.Protocol.Data;
using L2tpd.Runtime.Ipsec;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Hosting;

/// <summary>Opens the configured listeners, or explains why that failed.</summary>
public static partial class ListenerSetup
{
    /// <summary>Opens all listeners.</summary>
    /// <returns>The addresses they are bound to, as text.</returns>
    /// <exception cref="StartException">One cannot be opened.</exception>
    public static IReadOnlyList<string> Open(ImmutableArray<Listener> listeners, Transports transports)
    {
        var bound = new List<string>();
        foreach (var listener in listeners)
        {
            var error = transports.AddListener(listener, out var local);
            if (!error.IsNone)
                throw new StartException(Explain(listener, error));
            bound.Add(local.ToString());
        }

        return bound;
    }

    /// <summary>Starts what tells clients behind one NAT apart; <c>null</c> if no listener asks for it.</summary>
    /// <exception cref="StartException">It cannot be had.</exception>
    public static NatZones? StartZones(
        ImmutableArray<Listener> listeners, EventLoop events, LoopTimers timers, FaultLog faults, ILogger log)
    {
        if (!UdpSocket.CanReceiveMarks && listeners.FirstOrDefault(static listener => listener.Marks) is { } marked)
            LogNoMarks(log, marked);
        var error = NatZones.TryStart(listeners, events, timers, faults, log, out var zones);
        return error.IsNone ? zones : throw new StartException(error.Errno switch
        {
            Errno.EPROTONOSUPPORT => "nat-zones: this kernel has no IPsec; load the module xfrm_user (modprobe xfrm_user)",
            Errno.EPERM => "nat-zones: not permitted; run as root or with CAP_NET_ADMIN",
            Errno.ENOENT => error.What,
            _ => $"nat-zones: {error}",
        });
    }

    /// <summary>Drops IP protocol 115 in clear text where the configuration asks for it and the kernel carries data.</summary>
    /// <exception cref="StartException">It is not possible.</exception>
    public static ClearTextRules? StartClearText(DaemonConfiguration configuration, DataPlaneChoice plane)
    {
        // On the other data planes the sockets' own policy sees all there is.
        if (plane != DataPlaneChoice.Kernel)
            return null;
        var rules = new ClearTextRules();
        var error = rules.Apply(configuration);
        return error.IsNone ? rules : throw new StartException(ExplainClearText(error));
    }

    /// <summary>Why clear text over IP protocol 115 cannot be dropped, and what to do.</summary>
    public static string ExplainClearText(LinuxError error) => error.Errno == Errno.ENOENT ? error.What
        : $"clear text over IP protocol 115 cannot be dropped by nftables: {error.What}. Load the module nf_tables, run as root or with "
            + "CAP_NET_ADMIN, or use UDP or 'data-plane: userspace'";

    /// <summary>The error, and what to do.</summary>
    public static string Explain(Listener listener, LinuxError error)
    {
        var where = $"cannot listen on {listener}";
        var module = listener.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "l2tp_ip6" : "l2tp_ip";
        if (EspPolicy.IsRefused(error))
            return $"{where} with 'ipsec: required': {EspPolicy.Explain(error)}";
        return error.Errno switch
        {
            Errno.EADDRINUSE when listener.Carrier == DataCarrier.Ip =>
                $"{where}: another L2TP daemon or another l2tpd uses IP protocol 115 on this address",
            Errno.EPROTONOSUPPORT => $"{where}: this kernel has no L2TP/IP sockets; load the module {module} (modprobe {module})",
            Errno.EPERM when error.Call == "socket" =>
                $"{where}: not permitted; raw sockets, for kernels without L2TP/IP, need root or CAP_NET_RAW",
            Errno.EADDRINUSE => $"{where}: the port is in use by another L2TP daemon or another l2tpd (find it with: ss -ulpn 'sport = "
                + $":{listener.Port}')",
            Errno.EADDRNOTAVAIL => $"{where}: this host does not have that address",
            Errno.EACCES => $"{where}: not permitted; run as root, or with CAP_NET_BIND_SERVICE",
            Errno.EPERM => $"{where}: not permitted ({error.Call}); bind-device and fwmark need root or CAP_NET_ADMIN and CAP_NET_RAW",
            Errno.ENODEV => $"{where}: there is no network device {listener.BindDevice}",
            _ => $"{where}: {error}",
        };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "This kernel does not report the marks of datagrams (SO_RCVMARK, Linux 5.19): `marks` of {Listener} has no effect. Clients " +
        "behind one NAT are told apart by their ports only")]
    private static partial void LogNoMarks(ILogger log, Listener listener);
}
