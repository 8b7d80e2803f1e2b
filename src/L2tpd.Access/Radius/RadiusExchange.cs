using System.Net;
using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>The sockets towards one set of servers; the host opens each one when it is first used.</summary>
public interface IRadiusSockets : IDisposable
{
    /// <summary>Sends a packet at once. A packet that cannot be sent counts as lost.</summary>
    void Send(ServerSocket socket, ReadOnlySpan<byte> packet);

    /// <summary>Begins to open a connection; <see cref="RadiusExchange.Connected"/> or Disconnected follows, not within the call.</summary>
    void Connect(ServerSocket socket);

    /// <summary>Closes a connection; no call follows for it.</summary>
    void Disconnect(ServerSocket socket);

    /// <summary>Waits until connections have taken what was sent, for a second at most. For the end of the daemon.</summary>
    void Flush();

    /// <summary>Our address towards a server, for NAS-IP-Address; <c>null</c>: unknown.</summary>
    IPAddress? LocalAddress(int server);
}

/// <summary>Receives what <see cref="RadiusExchange"/> has to report, for the log.</summary>
public interface IRadiusObserver
{
    /// <summary>A server answers again, or no longer.</summary>
    void OnServerState(string server, ServerState state);

    /// <summary>An answer was dropped that the server may have sent.</summary>
    void OnAnswerDropped(string server, string why);
}

/// <summary>Receives the outcomes of requests that it submitted to <see cref="RadiusExchange"/>.</summary>
internal interface IRadiusRequester
{
    /// <summary>The name of the group of servers to ask; <c>null</c>: all servers.</summary>
    string? Group => null;

    /// <summary>A server answered. The request must not be submitted again from here.</summary>
    void OnAnswered(ulong token, string server, in RadiusPacket answer);

    /// <summary>No server answered in time. Other requests may be submitted from here.</summary>
    void OnUnanswered(ulong token, long now);

    /// <summary>Called after an answer, when requests may be submitted again.</summary>
    void Continue(long now);
}

/// <summary>
/// The RADIUS client that all profiles share: one set of servers, their health and their sockets, over reloads.
/// </summary>
/// <remarks>
/// One thread, the loop's. A set of servers is in use, or draining: it was replaced by a reload and waits for the answers to its last
/// requests. Requests that are submitted after the reload go to the new servers, also those of sessions that began before it. Known race:
/// an answer for a request that was cancelled. Its token is no longer known, and the client drops the answer.
/// </remarks>
/// <param name="random">A cryptographic generator.</param>
/// <param name="observer">Receives what belongs in the log.</param>
public sealed class RadiusExchange(IRadiusRandom random, IRadiusObserver observer)
{
    private readonly Dictionary<ulong, (IRadiusRequester Requester, ServerSet Set)> _requests = [];
    private readonly List<ServerSet> _draining = [];
    private readonly Queue<ulong> _unanswered = new();
    private readonly Queue<IRadiusRequester> _answered = new();
    private ServerSet? _current;
    private ulong _tokens;

    /// <summary>The client of the servers in use; <c>null</c>: there are none.</summary>
    public RadiusClient? Client => _current?.Client;

    /// <summary>The servers in use, in the order of the configuration, which is that of their numbers in <see cref="Client"/>.</summary>
    public IReadOnlyList<RadiusServer> Servers => _current?.Servers ?? [];

    /// <summary>When to call <see cref="HandleDeadline"/>; <see cref="long.MaxValue"/>: never.</summary>
    public long NextDeadline
    {
        get
        {
            if (_unanswered.Count > 0)
                return 0;

            var next = _current?.Client.NextDeadline ?? long.MaxValue;
            foreach (var set in _draining)
                next = Math.Min(next, set.Client.NextDeadline);

            return next;
        }
    }

    /// <summary>Sets the servers. The former ones still answer what they were asked.</summary>
    /// <param name="servers">At least one, the preferred first.</param>
    /// <param name="budget">Milliseconds after which a request is given up, whatever servers are left.</param>
    /// <param name="nasIdentifier">NAS-Identifier of Status-Server probes.</param>
    /// <param name="sockets">The sockets towards these servers; disposed when the servers are no longer used.</param>
    /// <param name="groups">Groups by name. What asks for another group, or none, is asked of all servers in their order.</param>
    public void Replace(
        IReadOnlyList<RadiusServer> servers, long budget, string nasIdentifier, IRadiusSockets sockets,
        IReadOnlyDictionary<string, ServerGroup>? groups = null)
    {
        if (_current is { } former)
            _draining.Add(former);

        _current = new ServerSet(this, servers, budget, nasIdentifier, sockets, random, groups);
        _current.Client.Start();
        CloseDrained();
    }

    /// <summary>Closes all sockets; no answer is received any more.</summary>
    public void Close()
    {
        foreach (var set in _draining)
            set.Sockets.Dispose();

        _draining.Clear();
        _current?.Sockets.Flush();
        _current?.Sockets.Dispose();
    }

    /// <summary>A datagram arrived from the server's address and port.</summary>
    public void Receive(IRadiusSockets sockets, ServerSocket socket, ReadOnlySpan<byte> datagram, long now)
    {
        Find(sockets)?.Client.Receive(socket, datagram, now);
        Settle(now);
    }

    /// <summary>A connection is open.</summary>
    public void Connected(IRadiusSockets sockets, ServerSocket socket, long now)
    {
        Find(sockets)?.Client.Connected(socket, now);
        Settle(now);
    }

    /// <summary>A connection was closed, or could not be opened.</summary>
    public void Disconnected(IRadiusSockets sockets, ServerSocket socket, long now)
    {
        Find(sockets)?.Client.Disconnected(socket, now);
        Settle(now);
    }

    /// <summary>Retransmissions and requests that no server answered.</summary>
    public void HandleDeadline(long now)
    {
        _current?.Client.HandleDeadline(now);
        foreach (var set in _draining)
            set.Client.HandleDeadline(now);

        Settle(now);
    }

    /// <summary>Sends a request to the first server that should get it. The outcome never comes within this call.</summary>
    /// <returns>The token of the outcome.</returns>
    internal ulong Submit(IRadiusRequester requester, SessionRequest request, long now)
    {
        var set = _current ?? throw new InvalidOperationException("there are no RADIUS servers yet");
        var token = ++_tokens;
        _requests[token] = (requester, set);
        request.Sockets = set.Sockets;
        set.Client.Submit(token, request, set.GroupOf(requester.Group), now);
        return token;
    }

    /// <summary>The outcome is no longer wanted: none follows.</summary>
    internal void Cancel(ulong token, long now)
    {
        if (_requests.Remove(token, out var request))
            request.Set.Client.Cancel(token, now);
    }

    /// <summary>Delivers outcomes until there are none.</summary>
    internal void Settle(long now)
    {
        while (true)
        {
            if (_unanswered.TryDequeue(out var token))
            {
                if (_requests.Remove(token, out var request))
                    request.Requester.OnUnanswered(token, now);
            }
            else if (_answered.TryDequeue(out var requester))
            {
                requester.Continue(now);
            }
            else
            {
                break;
            }
        }

        CloseDrained();
        _current?.Report(observer);
    }

    private Dictionary<string, ClientCounters>? Counters()
    {
        if (_current is not { } set)
            return null;

        var counters = new Dictionary<string, ClientCounters>(StringComparer.Ordinal);
        for (var i = 0; i < set.Servers.Count; i++)
            counters[set.Servers[i].Name] = set.Client.CountersOf(i);
        return counters;
    }

    private ServerSet? Find(IRadiusSockets sockets) =>
        ReferenceEquals(_current?.Sockets, sockets) ? _current : _draining.Find(one => ReferenceEquals(one.Sockets, sockets));

    private void CloseDrained() => _draining.RemoveAll(static set =>
    {
        if (set.Client.Outstanding > 0)
            return false;

        set.Sockets.Dispose();
        return true;
    });

    private void OnAnswered(ulong token, string server, in RadiusPacket answer)
    {
        if (!_requests.Remove(token, out var request))
            return;

        request.Requester.OnAnswered(token, server, answer);
        _answered.Enqueue(request.Requester);
    }

    /// <summary>The servers of one configuration.</summary>
    private sealed class ServerSet : IRadiusEffects
    {
        private readonly RadiusExchange _exchange;
        private readonly Reported[] _reported;
        private readonly IReadOnlyDictionary<string, ServerGroup>? _groups;
        private readonly ServerGroup _all;

        public ServerSet(
            RadiusExchange exchange, IReadOnlyList<RadiusServer> servers, long budget, string nasIdentifier, IRadiusSockets sockets,
            IRadiusRandom random, IReadOnlyDictionary<string, ServerGroup>? groups)
        {
            (_exchange, Servers, Sockets, _groups) = (exchange, servers, sockets, groups);
            _reported = new Reported[servers.Count];
            Client = new RadiusClient(servers, nasIdentifier, this, random, exchange.Counters());
            _all = new ServerGroup([.. Enumerable.Range(0, servers.Count)], Budget: budget);
        }

        public IReadOnlyList<RadiusServer> Servers { get; }

        public IRadiusSockets Sockets { get; }

        public RadiusClient Client { get; }

        public ServerGroup GroupOf(string? name) =>
            name is not null && _groups is not null && _groups.TryGetValue(name, out var group) ? group : _all;

        /// <summary>Reports what changed since the last call.</summary>
        public void Report(IRadiusObserver observer)
        {
            for (var i = 0; i < Servers.Count; i++)
            {
                var (state, counters) = (Client.StateOf(i), Client.CountersOf(i));
                var now = new Reported(state, counters.BadAuthenticators, counters.MissingMessageAuthenticators);
                var before = _reported[i];
                if (now == before)
                    continue;

                _reported[i] = now;
                // Suspect and dead are one report: the server is silent.
                if ((state == ServerState.Alive) != (before.State == ServerState.Alive))
                    observer.OnServerState(Servers[i].Name, state);
                if (now.Bad != before.Bad)
                    observer.OnAnswerDropped(Servers[i].Name, "its authenticator is wrong; the secrets may differ");
                if (now.Missing != before.Missing)
                    observer.OnAnswerDropped(Servers[i].Name, "it has no Message-Authenticator (require-message-authenticator)");
            }
        }

        public void Send(ServerSocket socket, ReadOnlySpan<byte> packet) => Sockets.Send(socket, packet);

        public void Connect(ServerSocket socket) => Sockets.Connect(socket);

        public void Disconnect(ServerSocket socket) => Sockets.Disconnect(socket);

        public void Answered(ulong requestId, int server, in RadiusPacket answer, ReadOnlySpan<byte> authenticator) =>
            _exchange.OnAnswered(requestId, Servers[server].Name, answer);

        public void Unanswered(ulong requestId) => _exchange._unanswered.Enqueue(requestId);

        private readonly record struct Reported(ServerState State, long Bad, long Missing);
    }
}
