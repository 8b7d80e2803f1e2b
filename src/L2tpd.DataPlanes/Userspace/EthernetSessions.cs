using L2tpd.DataPlanes.Interfaces;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using Microsoft.Extensions.Logging;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>
/// The TAP interfaces of Ethernet and VLAN sessions. One worker makes, configures and closes them, which may block, in the order of the
/// decisions. Loop thread only, except for what the worker runs.
/// </summary>
internal sealed partial class EthernetSessions : IEventObserver, IDisposable
{
    private const string DefaultName = "l2tpeth%d";
    private const int EthernetHeader = 14;
    private static readonly TimeSpan LastCalls = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the kernel's own event for a deleted interface may take. That event also names the interface above the TAP.
    /// </summary>
    private static readonly TimeSpan EventTimeout = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<SessionKey, EthernetSession> _sessions = [];
    private readonly IInputSink _sink;
    private readonly LoopTimers _timers;
    private readonly WorkQueue _worker;
    private readonly RtNetlink _links;
    private readonly PseudowireInterfaces _interfaces;
    private readonly SessionInterfaces _sessionInterfaces;
    private readonly CircuitWatch _circuits;
    private readonly DescriptorBudget _budget;
    private readonly PacketBuffers _buffers;
    private readonly ILogger _log;
    private Action<TapPort> _startPort = null!;
    private FaultLog? _faults;
    private int _closing;

    public EthernetSessions(IInputSink sink, LoopTimers timers, DescriptorBudget budget, RtNetlink links, PacketBuffers buffers,
        ILogger log)
    {
        (_sink, _timers, _budget, _links, _buffers, _log) = (sink, timers, budget, links, buffers, log);
        _interfaces = new PseudowireInterfaces(links);
        _circuits = new CircuitWatch(sink, timers, log);
        _worker = new WorkQueue("l2tpd-tap", error => sink.Post(() => _faults?.Add("TAP interface", error)));
        _sessionInterfaces = new SessionInterfaces(_worker, _interfaces, sink, log);
    }

    /// <summary>Interfaces that are not closed yet.</summary>
    public int Remaining => _sessions.Count + _closing;

    /// <summary>To be called before the loop runs.</summary>
    public void Start(EventLoop events, FaultLog faults)
    {
        _faults = faults;
        _startPort = port => port.Start(events, faults);
        _circuits.Start(events, faults);
    }

    /// <summary>Makes the session's interface. <see cref="SessionCreated"/> or <see cref="SessionFailed"/> follows.</summary>
    public void Add(UserspaceSession session)
    {
        if (SessionInterfaces.TryName(session.Parameters, out var name) is { } objection)
        {
            _sink.Submit(new SessionFailed(session.Key, objection));
            return;
        }

        var made = new EthernetSession(session, name);
        _sessions[session.Key] = made;
        _worker.Add(() =>
        {
            var result = Make(made);
            _sink.Post(() => OnMade(made, result));
        });
    }

    /// <summary>Removes the session's interface.</summary>
    public void Remove(SessionKey session)
    {
        if (!_sessions.Remove(session, out var found))
            return;
        found.IsDestroyed = true;
        found.Port?.Dispose();
        _circuits.Remove(found);
        _closing++;
        _worker.Add(() =>
        {
            found.Tap?.Dispose();
            _sink.Post(() => _closing--);
        });
    }

    /// <summary>Sets the session's interface down, or up again.</summary>
    public void SetLink(SessionKey session, bool up)
    {
        if (_sessions.TryGetValue(session, out var found))
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
    public void Dispose()
    {
        foreach (var session in _sessions.Keys.ToArray())
            Remove(session);
        _worker.Complete(LastCalls);
        _worker.Dispose();
        _circuits.Dispose();
        _interfaces.Dispose();
    }

    /// <summary>Makes the interface. Worker only.</summary>
    private SessionMade Make(EthernetSession session)
    {
        var settings = session.Parameters.Settings!;
        var name = settings.Vlan is null ? session.InterfaceName ?? DefaultName : DefaultName;
        if (_interfaces.Exists(name))
            return new SessionMade($"an interface {name} exists already", false, null);
        var error = TunTap.TryOpen(name, tap: true, _buffers.UseOffloads, out var tap);
        if (!error.IsNone)
            return new SessionMade($"the session's interface cannot be made: {error}", DescriptorBudget.IsExhaustion(error.Errno), null);
        session.Tap = tap;
        // As the kernel computes it for its own devices: the longest frame that fits the path with all headers.
        _links.SetLink(tap!.Name, null, (uint)session.Session.LargestPayload - EthernetHeader);
        var problem = _interfaces.SetUp(settings, tap.Name, session.InterfaceName, out var made);
        session.Interface = made;
        return new SessionMade(problem is null ? null : $"the session's interface cannot be made: {problem}", false, null);
    }

    private void OnMade(EthernetSession session, SessionMade made)
    {
        if (session.IsDestroyed)
            return;
        if (made.Problem is null && !_budget.Allows(session.Tap!.Descriptor))
        {
            _budget.LogLimit();
            made = SessionMade.Refused(new LinuxError(Errno.EMFILE, "open", $"limit of {_budget.Limit} open files"));
        }

        if (made.Problem is { } problem)
        {
            _sink.Submit(new SessionFailed(session.Key, problem, made.OutOfResources));
            Remove(session.Key);
            return;
        }

        session.Port = new TapPort(session.Session, session.Tap!, _buffers, () => _timers.After(EventTimeout, () => OnDeleted(session)));
        _startPort(session.Port);
        session.Session.Port = session.Port;
        _circuits.Add(session);
        _sink.Submit(new SessionCreated(session.Key, session.Interface!.Name));
    }

    /// <summary>Another program deleted the TAP, and <see cref="CircuitWatch"/> received no event of it.</summary>
    private void OnDeleted(EthernetSession session)
    {
        if (session.IsDestroyed)
            return;
        _circuits.Remove(session);
        LogDeleted(session.Tap!.Name, session.Parameters.LocalId.Value);
        _sink.Submit(new SessionFailed(session.Key, $"the session's interface {session.Tap.Name} was deleted from outside"));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Another program deleted {Interface}, the interface of session {SessionId}. The session is closed.")]
    private partial void LogDeleted(string @interface, uint sessionId);
}
