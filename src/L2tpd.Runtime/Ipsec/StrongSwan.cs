using System.Globalization;
using L2tpd.Ipsec;
using L2tpd.Ipsec.Associations;
using L2tpd.Ipsec.Connections;
using L2tpd.Ipsec.Vici;

namespace L2tpd.Runtime.Ipsec;

/// <summary>
/// strongSwan's IKE daemon, reached by its VICI socket. It owns the kept connection, which gives commands and takes events, and the
/// connections of initiations, at most <see cref="MaxInitiations"/> at a time: each takes a thread of strongSwan, which has 16.
/// <para>States: lost, reached. When strongSwan is reached again, maybe after a restart, our connections are loaded and its SAs are
/// listed.</para>
/// <para>Loop thread only. Known races: an SA can end while it is listed (<see cref="SecurityAssociations"/> takes events during a list); a
/// command can name an SA that has just ended (strongSwan says so, and nothing follows).</para>
/// </summary>
public sealed class StrongSwan : IViciConnectionObserver, IIkeDaemon, IDisposable
{
    /// <summary>Initiations at a time; others wait.</summary>
    public const int MaxInitiations = 4;

    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(10);
    private static readonly string[] EventNames = ["list-sa", "child-updown", "child-rekey", "log"];

    private readonly string _socket;
    private readonly ViciLoop _loop;
    private readonly IStrongSwanObserver _observer;
    private readonly ViciConnection _connection;
    private readonly List<IkeInitiation> _running = [];
    private readonly LinkedList<IkeInitiation> _queued = [];
    private readonly PeerFailures _failures = new();
    private bool _isLost;

    /// <summary>Makes it; <see cref="Start"/> connects.</summary>
    /// <param name="socket">Path of the VICI socket.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="observer">Takes what happens.</param>
    public StrongSwan(string socket, ViciLoop loop, IStrongSwanObserver observer)
    {
        (_socket, _loop, _observer) = (socket, loop, observer);
        _connection = new ViciConnection(socket, loop, EventNames, this, isKept: true);
        Connections = new ConnectionLoader(_connection, observer.OnNotLoaded);
        Associations = new SecurityAssociations(() => loop.Timers.Now);
        Associations.Started += observer.OnStarted;
        Associations.Ended += observer.OnEnded;
    }

    /// <inheritdoc/>
    public SecurityAssociations Associations { get; }

    /// <inheritdoc/>
    public ConnectionLoader Connections { get; }

    /// <inheritdoc/>
    public bool IsReached => _connection.IsReady;

    /// <summary>Whether strongSwan has answered every command.</summary>
    public bool IsIdle => _connection.IsIdle;

    public void Start() => _connection.Open();

    /// <inheritdoc/>
    public IDisposable Initiate(string connection, TimeSpan limit, Action<string?> done)
    {
        IkeInitiation? initiation = null;
        initiation = new IkeInitiation(_socket, _loop, connection, limit, error =>
        {
            Forget(initiation!);
            done(error);
        });
        if (_running.Count < MaxInitiations)
            Run(initiation);
        else
            _queued.AddLast(initiation);
        return new Cancellation(() => Forget(initiation));
    }

    /// <inheritdoc/>
    public void Terminate(string connection) => Terminate("ike", connection);

    /// <inheritdoc/>
    public void Terminate(SecurityAssociation association)
    {
        Terminate("child-id", association.ChildId);
        TerminateReplaced(association);
        if (!Associations.MayHaveSibling(association))
            Terminate("ike-id", association.IkeId);
    }

    /// <inheritdoc/>
    public void TerminateReplaced(SecurityAssociation association)
    {
        foreach (var child in Associations.TakeReplaced(association))
            Terminate("child-id", child);
    }

    /// <inheritdoc/>
    public void OnReady()
    {
        _isLost = false;
        Connections.LoadAll();
        Associations.BeginList();
        _connection.Request("list-sas", new ViciSection().Add("noblock", "yes"), CommandLimit, result =>
        {
            if (result.IsDone)
                Associations.EndList();
        });
        _observer.OnReached();
    }

    /// <inheritdoc/>
    public void OnEvent(in ViciPacket packet)
    {
        if (packet.IsNamed("log"u8))
        {
            if (_failures.Take(packet, _loop.Timers.Now) is { } failure)
                _observer.OnPeerFailed(failure.Peer, failure.Why);
        }
        else if (packet.TryRead(out var message) == ViciDecodeError.None)
        {
            Take(packet.Name, message);
        }
    }

    /// <inheritdoc/>
    public void OnDown(string why)
    {
        if (_isLost)
            return;
        _isLost = true;
        _observer.OnLost(why);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var initiation in _running.Concat(_queued).ToArray())
            initiation.Dispose();
        _running.Clear();
        _queued.Clear();
        _connection.Dispose();
    }

    private void Take(string name, ViciSection message)
    {
        switch (name)
        {
            case "list-sa":
                Associations.AddListed(message);
                break;
            case "child-updown":
                Associations.TakeUpDown(message);
                break;
            case "child-rekey":
                Associations.TakeRekey(message);
                break;
        }
    }

    private void Terminate(string key, uint id) => Terminate(key, id.ToString(CultureInfo.InvariantCulture));

    private void Terminate(string key, string value) => _connection.Request(
        "terminate", new ViciSection().Add(key, value).Add("force", "yes").Add("timeout", "-1"), CommandLimit, static _ => { });

    private void Run(IkeInitiation initiation)
    {
        _running.Add(initiation);
        initiation.Start();
    }

    private void Forget(IkeInitiation initiation)
    {
        _queued.Remove(initiation);
        initiation.Dispose();
        if (!_running.Remove(initiation) || _queued.First is not { } next)
            return;
        _queued.RemoveFirst();
        Run(next.Value);
    }

    private sealed class Cancellation(Action cancel) : IDisposable
    {
        public void Dispose() => cancel();
    }
}
