using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.DataPlanes.Interfaces;

/// <summary>
/// Watches the interfaces of Ethernet and VLAN sessions, and their bridges, and reports the circuit status to the peer (ADR 6). It
/// subscribes to link events with the first such session. Loop thread only.
/// </summary>
internal sealed partial class CircuitWatch(IInputSink sink, LoopTimers timers, ILogger log) : IReadinessHandler, IDisposable
{
    /// <summary>Changes within this time are reported together.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<uint, Circuit> _circuits = [];
    private readonly List<LinkEvent> _read = [];
    private readonly BridgeTable _bridges = new();
    private Action? _start;
    private LinkEvents? _events;
    private LoopRegistration? _registration;
    private bool _isJudging;

    /// <summary>Prepares to subscribe on this loop. To be called before the loop runs.</summary>
    public void Start(EventLoop loop, FaultLog faults) => _start = () => Listen(loop, faults);

    public void Add(SessionInterface session)
    {
        if (session.Interface is not { } made)
            return;
        _circuits[made.Index] = new Circuit(session);
        _start?.Invoke();
        _start = null;
        JudgeSoon();
    }

    public void Remove(SessionInterface session)
    {
        if (session.Interface is { } made && _circuits.TryGetValue(made.Index, out var circuit) && circuit.Session == session)
            _circuits.Remove(made.Index);
    }

    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        _read.Clear();
        var error = _events!.Read(_read);
        foreach (var happened in _read)
            Take(happened);
        if (!error.IsNone)
        {
            // Events were lost: every interface may have changed.
            _bridges.Clear();
            Check(_events.AskForAll());
        }

        if (_read.Count > 0)
            JudgeSoon();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration?.Dispose();
        _events?.Dispose();
    }

    private void Listen(EventLoop loop, FaultLog faults)
    {
        var error = LinkEvents.TryOpen(out _events);
        Check(error);
        if (!error.IsNone)
            return;
        _registration = loop.Register(_events!.Descriptor, Readiness.Readable, new GuardedHandler(this, faults));
        Check(_events.AskForAll());
    }

    private void Check(LinuxError error)
    {
        // EBUSY: an earlier dump is still being read, which has all interfaces as well.
        if (error.Errno is not (0 or Errno.EBUSY))
            LogWatchFailed(error);
    }

    private void Take(LinkEvent happened)
    {
        var isOurs = _circuits.TryGetValue(happened.Link.Index, out var circuit);
        if (happened.IsGone && isOurs)
        {
            _circuits.Remove(happened.Link.Index);
            LogDeleted(happened.Link.Name, circuit!.Session.Parameters.LocalId.Value);
            sink.Submit(new SessionFailed(circuit.Session.Key, $"the session's interface {happened.Link.Name} was deleted from outside"));
        }
        else if (isOurs)
        {
            circuit!.Link = happened.Link;
        }

        _bridges.Take(happened);
    }

    private void JudgeSoon()
    {
        if (_isJudging)
            return;
        _isJudging = true;
        timers.After(Settling, Judge);
    }

    private void Judge()
    {
        _isJudging = false;
        foreach (var circuit in _circuits.Values)
        {
            var status = _bridges.StatusOf(circuit.Link ?? _bridges.Find(circuit.Session.Interface!.Index));
            if (status == circuit.Reported)
                continue;
            circuit.Reported = status;
            sink.Submit(new CircuitStatusChanged(circuit.Session.Key, status));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Another program deleted {Interface}, the interface of session {SessionId}. The session is closed.")]
    private partial void LogDeleted(string @interface, uint sessionId);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Cannot watch interface changes (rtnetlink): {Error}. Interface state will not be reported to peers.")]
    private partial void LogWatchFailed(LinuxError error);

    private sealed class Circuit(SessionInterface session)
    {
        public SessionInterface Session => session;

        /// <summary>The last reported state of the interface; <c>null</c> before the first report.</summary>
        public LinkInfo? Link { get; set; }

        /// <summary>The status that the engine has; a session begins as active.</summary>
        public CircuitStatus Reported { get; set; } = CircuitStatus.Active;
    }
}
