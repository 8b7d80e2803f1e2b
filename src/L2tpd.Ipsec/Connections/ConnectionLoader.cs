using L2tpd.Ipsec.Vici;

namespace L2tpd.Ipsec.Connections;

/// <summary>
/// Keeps strongSwan's connections of l2tpd as they are wanted: loads those that are new or changed, unloads those that are not wanted any
/// more, and loads all again after strongSwan has started again. What an earlier l2tpd left, known by <see cref="Prefix"/>, is unloaded.
/// </summary>
/// <param name="commands">Gives commands.</param>
/// <param name="report">Takes the name of a connection and why it cannot be loaded.</param>
public sealed class ConnectionLoader(IViciCommands commands, Action<string, string> report)
{
    /// <summary>Names of our connections begin so.</summary>
    public const string Prefix = "l2tpd-";

    /// <summary>Names of connections that we dial begin so.</summary>
    public const string DialPrefix = Prefix + "dial-";

    /// <summary>Names of the connections of peer profiles begin so.</summary>
    public const string PeerPrefix = Prefix + "peer-";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, IkeConnection> _wanted = new(StringComparer.Ordinal);

    // By connection. Several may have one key.
    private readonly Dictionary<string, string> _privateKeys = new(StringComparer.Ordinal);

    /// <summary>Names of the wanted connections.</summary>
    public IReadOnlyCollection<string> Names => _wanted.Keys;

    /// <summary>Adds or changes a connection. <paramref name="done"/> takes the error, or <c>null</c> when strongSwan has it.</summary>
    public void Load(IkeConnection connection, Action<string?>? done = null)
    {
        if (_wanted.TryGetValue(connection.Name, out var known) && known.IsSameAs(connection) && commands.IsReady && done is null)
            return;
        _wanted[connection.Name] = connection;
        if (commands.IsReady)
            Send(connection, done);
        else
            done?.Invoke("there is no connection to strongSwan");
    }

    /// <summary>Removes a connection. Its SAs stay until they are terminated.</summary>
    public void Unload(string name)
    {
        if (!_wanted.Remove(name, out var connection) || !commands.IsReady)
            return;
        commands.Request("unload-conn", new ViciSection().Add("name", name), Limit, static _ => { });
        if (connection.Psk is not null)
            commands.Request("unload-shared", new ViciSection().Add("id", name), Limit, static _ => { });
        KeepPrivateKey(name, null);
    }

    /// <summary>Makes those connections the only ones whose names begin so.</summary>
    public void Replace(string prefix, IReadOnlyCollection<IkeConnection> connections)
    {
        foreach (var name in _wanted.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToArray())
        {
            if (connections.All(one => one.Name != name))
                Unload(name);
        }

        foreach (var connection in connections)
            Load(connection);
    }

    /// <summary>Removes all connections: the daemon ends.</summary>
    public void UnloadAll()
    {
        foreach (var name in _wanted.Keys.ToArray())
            Unload(name);
    }

    /// <summary>strongSwan is reached, maybe a new one: removes what is left of an earlier run, then loads everything.</summary>
    public void LoadAll()
    {
        Clean("get-conns", "conns", "unload-conn", "name");
        Clean("get-shared", "keys", "unload-shared", "id");
        foreach (var name in _privateKeys.Keys.Where(name => !_wanted.ContainsKey(name)).ToArray())
            KeepPrivateKey(name, null);
        foreach (var connection in _wanted.Values.ToArray())
            Send(connection, null);
    }

    private void Clean(string list, string items, string unload, string key) =>
        commands.Request(list, new ViciSection(), Limit, result =>
        {
            foreach (var name in result.Response.Items(items))
            {
                if (name.StartsWith(Prefix, StringComparison.Ordinal) && !_wanted.ContainsKey(name))
                    commands.Request(unload, new ViciSection().Add(key, name), Limit, static _ => { });
            }
        });

    private void Send(IkeConnection connection, Action<string?>? done)
    {
        string? problem = null;
        foreach (var (command, arguments) in connection.LoadCommands())
        {
            commands.Request(command, arguments, Limit, result =>
            {
                problem ??= result.IsDone ? null : $"{command}: {result.Error}";
                if (command == "load-key")
                    KeepPrivateKey(connection.Name, result.Response.Value("id"));
                if (command != "load-conn")
                    return;
                if (problem is not null)
                    report(connection.Name, problem);
                done?.Invoke(problem);
            });
        }
    }

    /// <summary>Notes strongSwan's number of a connection's private key. One that no connection has any more is unloaded.</summary>
    private void KeepPrivateKey(string connection, string? key)
    {
        _privateKeys.TryGetValue(connection, out var former);
        // It may have been unloaded before strongSwan answered.
        if (key is not null && _wanted.ContainsKey(connection))
            _privateKeys[connection] = key;
        else
            _privateKeys.Remove(connection);
        foreach (var unused in new[] { former, key }.OfType<string>().Distinct().Where(one => !_privateKeys.ContainsValue(one)))
            commands.Request("unload-key", new ViciSection().Add("id", unused), Limit, static _ => { });
    }
}
