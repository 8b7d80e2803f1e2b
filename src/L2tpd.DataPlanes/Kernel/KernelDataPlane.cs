using L2tpd.Configuration;
using L2tpd.DataPlanes.Interfaces;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Logging;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using Microsoft.Extensions.Logging;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>
/// Data messages by the Linux kernel. Each tunnel gets a connected socket, which the kernel takes over for data; each PPP session gets a
/// kernel session and a PPPoL2TP socket. The loop decides, a worker calls the kernel in the order decided, results come back as inputs. An
/// object the engine has destroyed stays until what stands on it is gone: session until PPP, tunnel until sessions, socket until tunnel.
/// </summary>
public sealed partial class KernelDataPlane : IDataPlane, IPppSockets, ITrafficCounters, IEventObserver
{
    internal const string Word = "kernel";

    private static readonly TimeSpan LastCalls = TimeSpan.FromSeconds(5);

    /// <summary>A session whose creation takes longer is told of in the log: its peer waits for PPP.</summary>
    private static readonly TimeSpan SlowCreation = TimeSpan.FromSeconds(2);

    /// <summary>
    /// So many deletions keep their place in the order; where more wait, creations go before them: old kernels take up to 80 ms for each
    /// (ADR 8).
    /// </summary>
    private const int MostInOrder = 8;

    private readonly Dictionary<TunnelKey, KernelTunnel> _tunnels = [];
    private readonly Dictionary<SessionKey, KernelSession> _sessions = [];
    private readonly IInputSink _sink;
    private readonly Transports _transports;
    private readonly DescriptorBudget _budget;
    private readonly WorkQueue _worker;
    private readonly L2tpNetlink _netlink;
    private readonly KernelLedger _ledger;
    private readonly KernelCalls _kernel;
    private readonly KernelCreation _creation;
    private readonly PseudowireInterfaces _interfaces;
    private readonly SessionInterfaces _sessionInterfaces;
    private readonly DeletionWatch _watch;
    private readonly CircuitWatch _circuits;
    private readonly LoopTimers _timers;
    private readonly LineGate _slow = new(TimeSpan.FromSeconds(10));
    private readonly ILogger _log;
    private int _deletions;

    public KernelDataPlane(IInputSink sink, Transports transports, DescriptorBudget budget, LoopTimers timers, L2tpNetlink netlink,
        RtNetlink links, KernelLedger ledger, ILogger log)
    {
        (_sink, _transports, _budget, _netlink, _ledger, _log) = (sink, transports, budget, netlink, ledger, log);
        _interfaces = new PseudowireInterfaces(links);
        _kernel = new KernelCalls(netlink, _interfaces, ledger);
        _worker = new WorkQueue("l2tpd-netlink", LogWorkerFault);
        _timers = timers;
        _sessionInterfaces = new SessionInterfaces(_worker, _interfaces, sink, log);
        _creation = new KernelCreation(_worker, sink, timers, () => _deletions > MostInOrder);
        _watch = new DeletionWatch(sink, timers, _worker, _kernel, log);
        _circuits = new CircuitWatch(sink, timers, log);
    }

    /// <inheritdoc/>
    public void Start(EventLoop events, FaultLog faults)
    {
        _watch.Start(events, faults);
        _circuits.Start(events, faults);
    }

    /// <inheritdoc/>
    public DataPlaneChoice Choice => DataPlaneChoice.Kernel;

    /// <inheritdoc/>
    public string Name => Word;

    /// <inheritdoc/>
    public IPppSockets PppSockets => this;

    /// <inheritdoc/>
    public ITrafficCounters Traffic => this;

    /// <inheritdoc/>
    public IEventObserver Events => this;

    /// <inheritdoc/>
    public IChildLedger Children => _ledger;

    /// <inheritdoc/>
    /// <remarks>
    /// Before Linux 6.11 every message shorter than the longest data header (14 octets) counts before it is passed on to us.
    /// </remarks>
    public bool CountsZlbsAsInvalid { get; } = !OperatingSystem.IsOSPlatformVersionAtLeast("linux", 6, 11);

    /// <inheritdoc/>
    public int Remaining => _tunnels.Count + _sessions.Count;

    /// <inheritdoc/>
    public void CreateTunnel(TunnelKey tunnel, TunnelParameters parameters)
    {
        var error = _transports.Connect(tunnel, parameters, out var socket);
        if (!error.IsNone)
        {
            _sink.Submit(new TunnelFailed(tunnel, $"no socket for the tunnel: {error}", DescriptorBudget.IsExhaustion(error.Errno)));
            return;
        }

        Make(new KernelTunnel(tunnel, parameters, socket!));
    }

    /// <summary>Makes a tunnel over its connected socket.</summary>
    internal void Make(KernelTunnel made)
    {
        _tunnels[made.Key] = made;
        _creation.Make(() => _kernel.MakeTunnel(made), error => error.Errno == Errno.EEXIST && !made.IsDestroyed, error =>
            OnMade(made, error));
    }

    /// <inheritdoc/>
    public void DestroyTunnel(TunnelKey tunnel)
    {
        if (!_tunnels.TryGetValue(tunnel, out var found))
            return;
        found.IsDestroyed = true;
        _watch.Remove(found);
        foreach (var session in found.Sessions)
        {
            session.IsDestroyed = true;
            Forget(session);
            Advance(session);
        }

        Advance(found);
    }

    /// <inheritdoc/>
    public void CloseTransport(TunnelKey tunnel)
    {
        if (!_tunnels.TryGetValue(tunnel, out var found))
        {
            _transports.Close(tunnel);
            return;
        }

        found.CloseTransport = true;
        if (!found.IsDestroyed)
            DestroyTunnel(tunnel);
    }

    /// <inheritdoc/>
    public void CreateSession(SessionKey session, SessionParameters parameters)
    {
        if (!_tunnels.TryGetValue(session.Tunnel, out var tunnel) || tunnel.IsDestroyed)
        {
            _sink.Submit(new SessionFailed(session, "the session's tunnel is not in the kernel"));
            return;
        }

        string? name = null;
        if (parameters.Pseudowire != PseudowireType.Ppp && SessionInterfaces.TryName(parameters, out name) is { } objection)
        {
            _sink.Submit(new SessionFailed(session, objection));
            return;
        }

        var made = new KernelSession(session, tunnel, parameters, name);
        _sessions[session] = made;
        tunnel.Sessions.Add(made);
        _timers.After(SlowCreation, () => TellOfSlow(made));
        _creation.Make(() => _kernel.MakeSession(made), result => result.IsCollision && !made.IsDestroyed
            && !IsHeld(made.InterfaceName), result => OnMade(made, result));
    }

    /// <inheritdoc/>
    public void DestroySession(SessionKey session)
    {
        if (!_sessions.TryGetValue(session, out var found))
            return;
        found.IsDestroyed = true;
        Forget(found);
        Advance(found);
    }

    /// <inheritdoc/>
    public void SetLink(SessionKey session, bool up)
    {
        if (_sessions.TryGetValue(session, out var found) && !found.IsDestroyed)
            _sessionInterfaces.SetLink(found, up);
    }

    /// <summary>The peer tells of its circuit: the session's interface shows it.</summary>
    public void Observe(EngineEvent engineEvent)
    {
        if (SessionInterfaces.TryReadPeerStatus(engineEvent, out var informed, out var isActive)
            && _sessions.TryGetValue(informed.Session.Key, out var session))
        {
            _sessionInterfaces.ShowPeer(session, isActive);
        }
    }

    /// <inheritdoc/>
    public FileDescriptor? Borrow(SessionKey session)
    {
        if (!_sessions.TryGetValue(session, out var found) || found.IsDestroyed || found.Socket is null)
            return null;
        found.IsLent = true;
        return found.Socket.Descriptor;
    }

    /// <inheritdoc/>
    public void Return(SessionKey session)
    {
        if (!_sessions.TryGetValue(session, out var found))
            return;
        found.IsLent = false;
        Advance(found);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<(uint Tunnel, uint Session),
    TrafficCounters>> ReadAsync(IReadOnlyCollection<(uint Tunnel, uint Session)> sessions)
    {
        var answer = new TaskCompletionSource<IReadOnlyDictionary<(uint Tunnel, uint Session),
        TrafficCounters>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _worker.Add(() => answer.SetResult(_kernel.ReadCounters(sessions)));
        return answer.Task;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tunnel in _tunnels.Keys.ToArray())
            DestroyTunnel(tunnel);
        foreach (var session in _sessions.Values)
            session.Socket?.Dispose();
        if (!_worker.Complete(LastCalls))
            LogWorkerStuck(_worker.Waiting);
        _watch.Dispose();
        _circuits.Dispose();
        _worker.Dispose();
        _interfaces.Dispose();
        _netlink.Dispose();
        _ledger.Dispose();
    }

    private void OnMade(KernelTunnel tunnel, LinuxError error)
    {
        if (error.IsNone && !tunnel.IsDestroyed)
            _watch.Add(tunnel);
        _sink.Submit(error.IsNone
            ? new TunnelCreated(tunnel.Key)
            : new TunnelFailed(tunnel.Key, $"the kernel refused the tunnel: {error}", DescriptorBudget.IsExhaustion(error.Errno)));
    }

    internal void OnMade(KernelSession session, SessionMade made)
    {
        session.IsMade = true;
        if (session.IsDestroyed)
        {
            // Its deletion is queued behind its making, and knew of no socket.
            if (made.Socket is { } orphan)
                _worker.Add(orphan.Dispose);
            return;
        }

        session.Socket = made.Socket;
        if (made.Socket is { } socket && !_budget.Allows(socket.Descriptor))
        {
            _budget.Complain();
            made = SessionMade.Refused(new LinuxError(Errno.EMFILE, "socket", $"limit of {_budget.Limit} open files"));
        }

        if (made.Trouble is { } trouble)
        {
            session.IsDestroyed = true;
            _sink.Submit(new SessionFailed(session.Key, trouble, made.OutOfResources));
            Advance(session);
            return;
        }

        _watch.Add(session);
        _circuits.Add(session);
        _sink.Submit(new SessionCreated(session.Key, session.Interface?.Name));
    }

    /// <summary>An interface of that name is that of a session which stays: no use in waiting for it.</summary>
    private bool IsHeld(string? name) =>
        name is not null && _sessions.Values.Any(session => !session.IsDestroyed && session.Interface is { } made
            && (made.Name == name || made.Device == name));

    private void Forget(KernelSession session)
    {
        _watch.Remove(session);
        _circuits.Remove(session);
    }

    private void Advance(KernelSession session)
    {
        if (!session.IsDestroyed || session.IsLent || session.IsDeleting)
            return;
        session.IsDeleting = true;
        AddDeletion(() =>
        {
            var error = _kernel.DeleteSession(session);
            _sink.Post(() => OnGone(session, error));
        });
    }

    /// <summary>What an earlier creation made is deleted after it, as creations go first.</summary>
    private void AddDeletion(Action delete)
    {
        if (_deletions++ < MostInOrder)
            _worker.Add(delete);
        else
            _worker.AddLast(delete);
    }

    private void TellOfSlow(KernelSession session)
    {
        if (!session.IsMade && !session.IsDestroyed && _slow.TryPass(_timers.Now, out var suppressed))
            LogSlow(session.Parameters.LocalId, session.Tunnel.Parameters.LocalId, SlowCreation.TotalSeconds, _worker.Waiting, suppressed);
    }

    private void OnGone(KernelSession session, LinuxError error)
    {
        _deletions--;
        if (!error.IsNone)
            LogSessionStays(session.Parameters.LocalId, session.Tunnel.Parameters.LocalId, error);
        if (!_sessions.Remove(session.Key))
            return;
        session.Tunnel.Sessions.Remove(session);
        Advance(session.Tunnel);
    }

    private void Advance(KernelTunnel tunnel)
    {
        if (!tunnel.IsDestroyed || tunnel.Sessions.Count > 0 || tunnel.IsDeleting)
            return;
        tunnel.IsDeleting = true;
        AddDeletion(() =>
        {
            var error = _kernel.DeleteTunnel(tunnel);
            _sink.Post(() => OnGone(tunnel, error));
        });
    }

    private void OnGone(KernelTunnel tunnel, LinuxError error)
    {
        _deletions--;
        if (!error.IsNone)
            LogTunnelStays(tunnel.Parameters.LocalId, error);
        _tunnels.Remove(tunnel.Key);
        if (tunnel.CloseTransport)
            _transports.Close(tunnel.Key);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The kernel did not delete session {SessionId} of tunnel {TunnelId}: {Error}")]
    private partial void LogSessionStays(uint sessionId, uint tunnelId, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The kernel did not delete tunnel {TunnelId}: {Error}")]
    private partial void LogTunnelStays(uint tunnelId, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The kernel has not made session {SessionId} of tunnel {TunnelId} within {Seconds} s: {Waiting} calls to it wait, and the call's "
        + "PPP with them ({Suppressed} more sessions like this were not logged)")]
    private partial void LogSlow(uint sessionId, uint tunnelId, double seconds, int waiting, long suppressed);

    [LoggerMessage(Level = LogLevel.Error, Message = "Internal error in a call to the kernel; the daemon goes on. Please report this.")]
    private partial void LogWorkerFault(Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The kernel did not answer in time: {Waiting} calls left undone")]
    private partial void LogWorkerStuck(int waiting);
}
