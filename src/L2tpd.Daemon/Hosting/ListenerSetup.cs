using System.Collections.Immutable;
using L2tpd.Daemon.Configuration;
using L2tpd.Daemon.Effects;
using L2tpd.Linux;

namespace L2tpd.Daemon.Hosting;

/// <summary>Opens the configured listeners, or says what stands in the way.</summary>
public static class ListenerSetup
{
    /// <summary>Opens them all.</summary>
    /// <returns>Where they are bound, as text.</returns>
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

    /// <summary>The error, and what to do about it.</summary>
    public static string Explain(Listener listener, LinuxError error)
    {
        var where = $"cannot listen on {new System.Net.IPEndPoint(listener.Address, listener.Port)}/udp";
        return error.Errno switch
        {
            Errno.EADDRINUSE => $"{where}: the port is in use, by another L2TP daemon or another l2tpd (ss -ulpn 'sport = :{listener.Port}' tells which)",
            Errno.EADDRNOTAVAIL => $"{where}: this host does not have that address",
            Errno.EACCES => $"{where}: not permitted; run as root, or with CAP_NET_BIND_SERVICE",
            Errno.EPERM => $"{where}: not permitted ({error.Call}); bind-device and fwmark need root or CAP_NET_ADMIN and CAP_NET_RAW",
            Errno.ENODEV => $"{where}: there is no network device {listener.BindDevice}",
            _ => $"{where}: {error}",
        };
    }
}
