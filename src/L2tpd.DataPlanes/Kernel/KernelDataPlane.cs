using L2tpd.Configuration;
using L2tpd.DataPlanes.Interfaces;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Logging;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using Microsoft.Extensions.Logging;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>
/// The data plane of the Linux kernel. Each tunnel has a connected socket, which the kernel takes over for data; each PPP session has a
/// kernel session and a PPPoL2TP socket; each Ethernet session has an interface.
/// <para>It owns the kernel's tunnels and sessions of this process, the ledger of them (<see cref="KernelLedger"/>), and the watches of
/// deletions and circuits. The loop's thread decides and owns all fields. The worker <c>l2tpd-netlink</c> calls the kernel in the order of
/// the decisions; results return as inputs.</para>
/// <para>States of a tunnel or session: requested, made, destroyed, deleted. A destroyed object stays until the objects on it are deleted:
/// a session until PPP has returned its socket, a tunnel until its sessions are deleted, a socket until its tunnel is deleted.
/// <see cref="Remaining"/> counts them.</para>
/// <para>Known races: an object is destroyed while it is being made (its deletion is queued after the creation); the kernel still has an
/// object with the same id or name because it deletes asynchronously (<see cref="KernelCreation"/> tries again); another program deletes
/// our object (<see cref="DeletionWatch"/>); if many deletions are queued, creations overtake them, but a deletion never
/// overtakes the creation of its object.</para>
/// </summary>
public sealed partial class KernelDataPlane : IDataPlane, IPppSockets, ITrafficCounters, IEventObserver
{
    internal const string Word = "kernel";

    private static readonly TimeSpan LastCalls = TimeSpan.FromSeconds(5);

    /// <summary>If a creation takes longer, it is logged: the peer waits for PPP.</summary>
    private static readonly TimeSpan SlowCreation = TimeSpan.FromSeconds(2);

    /// <summary>
    /// This many deletions keep their place in the order. If more are queued, creations overtake them: old kernels take up to 80 ms for
    /// each (ADR 8).
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
    /// <remarks>Before Linux 6.11 the kernel counts every message that is shorter than the longest data header (14 octets) before it
    /// delivers it to us.</remarks>
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
        _timers.After(SlowCreation, () => ReportSlow(made));
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

    /// <summary>Shows the state of the peer's circuit on the session's interface.</summary>
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
    public Task<IReadOnlyDictionary<(TunnelId Tunnel, SessionId Session),
    TrafficCounters>> ReadAsync(IReadOnlyCollection<(TunnelId Tunnel, SessionId Session)> sessions)
    {
        var answer = new TaskCompletionSource<IReadOnlyDictionary<(TunnelId Tunnel, SessionId Session),
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
            // The deletion was queued before the socket existed, so the socket is closed here.
            if (made.Socket is { } orphan)
                _worker.Add(orphan.Dispose);
            return;
        }

        session.Socket = made.Socket;
        if (made.Socket is { } socket && !_budget.Allows(socket.Descriptor))
        {
            _budget.LogLimit();
            made = SessionMade.Refused(new LinuxError(Errno.EMFILE, "socket", $"limit of {_budget.Limit} open files"));
        }

        if (made.Problem is { } problem)
        {
            session.IsDestroyed = true;
            _sink.Submit(new SessionFailed(session.Key, problem, made.OutOfResources));
            Advance(session);
            return;
        }

        _watch.Add(session);
        _circuits.Add(session);
        _sink.Submit(new SessionCreated(session.Key, session.Interface?.Name));
    }

    /// <summary>Whether an established session has an interface with that name, so that waiting for the name is useless.</summary>
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
            _sink.Post(() => OnDeleted(session, error));
        });
    }

    /// <summary>Queues a deletion that may have to remove what an earlier creation makes.</summary>
    private void AddDeletion(Action delete)
    {
        if (_deletions++ < MostInOrder)
            _worker.Add(delete);
        else
            _worker.AddLast(delete);
    }

    private void ReportSlow(KernelSession session)
    {
        if (!session.IsMade && !session.IsDestroyed && _slow.TryPass(_timers.Now, out var suppressed))
        {
            LogSlow(
                session.Parameters.LocalId.Value, session.Tunnel.Parameters.LocalId.Value, SlowCreation.TotalSeconds, _worker.Waiting,
                suppressed);
        }
    }

    private void OnDeleted(KernelSession session, LinuxError error)
    {
        _deletions--;
        if (!error.IsNone)
            LogSessionNotDeleted(session.Parameters.LocalId.Value, session.Tunnel.Parameters.LocalId.Value, error);
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
            _sink.Post(() => OnDeleted(tunnel, error));
        });
    }

    private void OnDeleted(KernelTunnel tunnel, LinuxError error)
    {
        _deletions--;
        if (!error.IsNone)
            LogTunnelNotDeleted(tunnel.Parameters.LocalId.Value, error);
        _tunnels.Remove(tunnel.Key);
        if (tunnel.CloseTransport)
            _transports.Close(tunnel.Key);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot delete session {SessionId} of tunnel {TunnelId} in the kernel: {Error}")]
    private partial void LogSessionNotDeleted(uint sessionId, uint tunnelId, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot delete tunnel {TunnelId} in the kernel: {Error}")]
    private partial void LogTunnelNotDeleted(uint tunnelId, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The kernel has not made session {SessionId} of tunnel {TunnelId} within {Seconds} s: {Waiting} calls are queued. The session's "
        + "PPP waits ({Suppressed} further sessions like this were not logged)")]
    private partial void LogSlow(uint sessionId, uint tunnelId, double seconds, int waiting, long suppressed);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "Internal error in a call to the kernel. The daemon continues. Report this as a defect of l2tpd.")]
    private partial void LogWorkerFault(Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The kernel did not answer in time: {Waiting} calls were not made. Kernel tunnels may remain until the next start.")]
    private partial void LogWorkerStuck(int waiting);
}
