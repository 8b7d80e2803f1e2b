using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Inputs;

namespace L2tpd.Operations.Control;

/// <summary>A tunnel or session of the configuration.</summary>
/// <param name="Tunnel">Name of the tunnel.</param>
/// <param name="Session">Name of the session; <c>null</c>: the tunnel.</param>
public sealed record ConfiguredName(string Tunnel, string? Session)
{
    /// <summary>As lists show it.</summary>
    public string Full => Session is null ? Tunnel : $"{Tunnel}/{Session}";
}

/// <summary>
/// Finds tunnels and sessions of the configuration, whether they are up or not. A configured name takes precedence over what is up. Loop
/// thread only.
/// </summary>
public static class ConfiguredNames
{
    /// <summary>The tunnel of that name, or the one that is up under that name or id.</summary>
    /// <exception cref="ControlRequestException">It is a peer's tunnel.</exception>
    public static LookupResult<ConfiguredName> Tunnel(EngineConfiguration configuration, IEnumerable<Tunnel> tunnels, string name)
    {
        if (configuration.Tunnels.Any(tunnel => tunnel.Name == name) || configuration.StaticTunnels.Any(tunnel => tunnel.Name == name))
            return new LookupResult<ConfiguredName>(new ConfiguredName(name, null), []);
        return NameLookup.Tunnel(tunnels, name).Map(static tunnel => tunnel.ConfiguredName is { } configured
            ? new ConfiguredName(configured, null)
            : throw new ControlRequestException($"{tunnel.Name} is a tunnel that the peer set up: it can only be closed"));
    }

    /// <summary>
    /// The session "tunnel/session", the only one of that name in all tunnels, or the one that is up under that name or id.
    /// </summary>
    /// <exception cref="ControlRequestException">It is a peer's session.</exception>
    public static LookupResult<ConfiguredName> Session(EngineConfiguration configuration, IEnumerable<Tunnel> tunnels, string name)
    {
        var all = All(configuration).Where(one => one.Full == name || one.Session == name).ToArray();
        var found = all.Where(one => one.Full == name).ToArray() is { Length: 1 } exact ? exact : all;
        if (found.Length == 1)
            return new LookupResult<ConfiguredName>(found[0], []);
        if (found.Length > 1)
            return new LookupResult<ConfiguredName>(null, [.. found.Select(static one => one.Full).Take(NameLookup.MaxCandidates)]);
        return NameLookup.Session(tunnels, name).Map(static session => Of(session)
            ?? throw new ControlRequestException($"{session.Name} is a session that the peer asked for: it can only be closed"));
    }

    /// <summary>The input of an action, and what follows in words.</summary>
    public static (ConfiguredCommand Command, string Note) Command(string action) => action switch
    {
        "open" => (ConfiguredCommand.Open, "is set up, unless it is up already"),
        "reset" => (ConfiguredCommand.Reset, "is closed and set up again"),
        "stay-down" => (ConfiguredCommand.StayDown, "is closed and stays down until open, reset or up, or a restart"),
        _ => (ConfiguredCommand.Up, "is as configured again: with dial: always it is set up"),
    };

    /// <summary>A page of peers with the configured sessions of those that are dialled tunnels.</summary>
    public static Page<PeerView> AddTo(Page<PeerView> page, EngineConfiguration configuration)
    {
        var tunnels = configuration.Tunnels.ToLookup(static tunnel => tunnel.Peer.Name, StringComparer.Ordinal);
        return page with
        {
            Items =
            [
                .. page.Items.Select(peer => !tunnels.Contains(peer.Name) ? peer : peer with
                {
                    ConfiguredSessions =
                    [
                        .. tunnels[peer.Name].SelectMany(static tunnel =>
                            tunnel.Sessions.Select(session => new ConfiguredName(tunnel.Name, session.Name).Full)),
                    ],
                }),
            ],
        };
    }

    private static ConfiguredName? Of(Session session) => session is { ConfiguredName: { } name, Tunnel.ConfiguredName: { } tunnel }
        ? new ConfiguredName(tunnel, name) : null;

    private static IEnumerable<ConfiguredName> All(EngineConfiguration configuration) =>
    [
        .. configuration.Tunnels.SelectMany(static tunnel =>
            tunnel.Sessions.Select(session => new ConfiguredName(tunnel.Name, session.Name))),
        .. configuration.StaticTunnels.SelectMany(static tunnel =>
            tunnel.Sessions.Select(session => new ConfiguredName(tunnel.Name, session.Name))),
    ];
}
