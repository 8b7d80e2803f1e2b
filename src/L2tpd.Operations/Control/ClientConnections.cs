using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace L2tpd.Operations.Control;

/// <summary>
/// Connections of control clients, bounded in number. If there is no room for a further one, it replaces the one that has been without a
/// complete request for longest; connections with a request in progress stay. Root and the daemon's own user have places of their own,
/// which nobody else can use.
/// </summary>
/// <param name="places">Connections of all other users together.</param>
/// <param name="reserved">Connections of root and of the daemon's own user.</param>
/// <param name="strangers">Connections of those who may do nothing: they are told so.</param>
internal sealed class ClientConnections(int places, int reserved, int strangers = 0)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Client> _strangers = [];
    private readonly LinkedList<Client> _users = [];
    private readonly LinkedList<Client> _privileged = [];

    /// <summary>Connection middleware: serves a connection, or closes it at once.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="authorisation">What its process may do; <c>null</c> where everybody may look, and nobody has credentials.</param>
    /// <param name="next">Serves it.</param>
    public async Task ServeAsync(ConnectionContext connection, ControlAuthorisation? authorisation, ConnectionDelegate next)
    {
        var peer = PeerCredentials.Of(connection.Features.Get<IConnectionSocketFeature>()?.Socket);
        var rights = authorisation?.Of(peer) ?? ControlRights.Read;
        var kind = rights == ControlRights.None ? _strangers
            : authorisation is null ? _users
            : peer.User == 0 || peer.User == PeerCredentials.OwnUser ? _privileged
            : _users;
        var client = new Client(connection, kind, peer, rights);
        if (!TryEnter(client, out var evicted))
            return;
        evicted?.Connection.Abort(new ConnectionAbortedException("idle, and there are too many clients"));
        connection.Features.Set(client);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Leave(client);
        }
    }

    /// <summary>The head of a request was received: the connection stays until the request is answered.</summary>
    public void Begin(Client? client)
    {
        if (client is null)
            return;
        lock (_lock)
            client.Requests++;
    }

    /// <summary>A request was answered: the connection is idle.</summary>
    public void End(Client? client)
    {
        if (client is null)
            return;
        lock (_lock)
        {
            client.Requests--;
            if (client.Node.List is not { } list)
                return;
            list.Remove(client.Node);
            list.AddLast(client.Node);
        }
    }

    private bool TryEnter(Client client, out Client? evicted)
    {
        evicted = null;
        lock (_lock)
        {
            if (client.Kind.Count >= PlacesOf(client.Kind))
            {
                for (var node = client.Kind.First; node is not null && evicted is null; node = node.Next)
                    evicted = node.Value.Requests == 0 ? node.Value : null;
                if (evicted is null)
                    return false;
                client.Kind.Remove(evicted.Node);
            }

            client.Kind.AddLast(client.Node);
            return true;
        }
    }

    private int PlacesOf(LinkedList<Client> kind) => kind == _privileged ? reserved : kind == _users ? places : strangers;

    private void Leave(Client client)
    {
        lock (_lock)
            client.Node.List?.Remove(client.Node);
    }

    internal sealed class Client
    {
        public Client(ConnectionContext connection, LinkedList<Client> kind, PeerCredentials peer, ControlRights rights)
        {
            (Connection, Kind, Peer, Rights) = (connection, kind, peer, rights);
            Node = new LinkedListNode<Client>(this);
        }

        public ConnectionContext Connection { get; }

        /// <summary>The process.</summary>
        public PeerCredentials Peer { get; }

        /// <summary>What it may do.</summary>
        public ControlRights Rights { get; }

        /// <summary>Connections that it shares places with, the longest idle one first.</summary>
        public LinkedList<Client> Kind { get; }

        public LinkedListNode<Client> Node { get; }

        /// <summary>Requests in progress.</summary>
        public int Requests { get; set; }
    }
}
