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
/// The interfaces of Ethernet and VLAN sessions: a TAP each. What may block (making, setting up, closing) is done by one worker in the
/// order decided. Loop thread only, but for what the worker runs.
/// </summary>
internal sealed partial class EthernetSessions : IEventObserver, IDisposable
{
    private const string DefaultName = "l2tpeth%d";
    private const int EthernetHeader = 14;
    private static readonly TimeSpan LastCalls = TimeSpan.FromSeconds(5);

    /// <summary>How long the kernel's own news of a deleted interface may take: they name what is above the TAP as well.</summary>
    private static readonly TimeSpan WaitForNews = TimeSpan.FromMilliseconds(200);

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

    /// <summary>Interfaces not gone yet.</summary>
    public int Remaining => _sessions.Count + _closing;

    /// <summary>Before the loop runs.</summary>
    public void Start(EventLoop events, FaultLog faults)
    {
        _faults = faults;
        _startPort = port => port.Start(events, faults);
        _circuits.Start(events, faults);
    }

    /// <summary>Makes the session's interface; <see cref="SessionCreated"/> or <see cref="SessionFailed"/> follows.</summary>
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

    /// <summary>Takes the interface away.</summary>
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
    public void Dispose()
    {
        foreach (var session in _sessions.Keys.ToArray())
            Remove(session);
        _worker.Complete(LastCalls);
        _worker.Dispose();
        _circuits.Dispose();
        _interfaces.Dispose();
    }

    /// <summary>On the worker.</summary>
    private SessionMade Make(EthernetSession session)
    {
        var settings = session.Parameters.Settings!;
        var name = settings.Vlan is null ? session.InterfaceName ?? DefaultName : DefaultName;
        if (_interfaces.Exists(name))
            return new SessionMade($"there is an interface {name} already", false, null);
        var error = TunTap.TryOpen(name, tap: true, _buffers.UseOffloads, out var tap);
        if (!error.IsNone)
            return new SessionMade($"the session's interface cannot be had: {error}", DescriptorBudget.IsExhaustion(error.Errno), null);
        session.Tap = tap;
        // As the kernel works it out for its own: what fits the path when the headers are on.
        _links.SetLink(tap!.Name, null, (uint)session.Session.LargestPayload - EthernetHeader);
        var trouble = _interfaces.SetUp(settings, tap.Name, session.InterfaceName, out var made);
        session.Interface = made;
        return new SessionMade(trouble is null ? null : $"the session's interface cannot be had: {trouble}", false, null);
    }

    private void OnMade(EthernetSession session, SessionMade made)
    {
        if (session.IsDestroyed)
            return;
        if (made.Trouble is null && !_budget.Allows(session.Tap!.Descriptor))
        {
            _budget.Complain();
            made = SessionMade.Refused(new LinuxError(Errno.EMFILE, "open", $"limit of {_budget.Limit} open files"));
        }

        if (made.Trouble is { } trouble)
        {
            _sink.Submit(new SessionFailed(session.Key, trouble, made.OutOfResources));
            Remove(session.Key);
            return;
        }

        session.Port = new TapPort(session.Session, session.Tap!, _buffers, () => _timers.After(WaitForNews, () => OnGone(session)));
        _startPort(session.Port);
        session.Session.Port = session.Port;
        _circuits.Add(session);
        _sink.Submit(new SessionCreated(session.Key, session.Interface!.Name));
    }

    /// <summary>The TAP was taken away, and <see cref="CircuitWatch"/> heard nothing of it.</summary>
    private void OnGone(EthernetSession session)
    {
        if (session.IsDestroyed)
            return;
        _circuits.Remove(session);
        LogGone(session.Tap!.Name, session.Parameters.LocalId);
        _sink.Submit(new SessionFailed(session.Key, $"the session's interface {session.Tap.Name} was deleted from outside"));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Somebody else deleted {Interface}, the interface of session {SessionId}")]
    private partial void LogGone(string @interface, uint sessionId);
}
