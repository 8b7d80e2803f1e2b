using L2tpd.Engine.Inputs;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>
/// Detects by the kernel's multicast events that another program deleted a tunnel or session of ours (<c>ip l2tp del</c>), and reports the
/// failure to the engine. Objects that we delete ourselves are removed from the watch first. Loop thread only.
/// </summary>
internal sealed partial class DeletionWatch(IInputSink sink, LoopTimers timers, WorkQueue worker, KernelCalls kernel, ILogger log)
    : IReadinessHandler, IDisposable
{
    // The kernel reports events of all network namespaces, and before the deletion. So the watch asks whether our object still exists,
    // several times within 1.3 s.
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(5);
    private const int MostQuestions = 9;

    private readonly Dictionary<TunnelId, KernelTunnel> _tunnels = [];
    private readonly Dictionary<(TunnelId Tunnel, SessionId Session), KernelSession> _sessions = [];
    private readonly List<L2tpEvent> _read = [];
    private L2tpEvents? _events;
    private LoopRegistration? _registration;

    /// <summary>Subscribes. To be called before the loop runs. If the kernel has no such events, the daemon starts without them.</summary>
    public void Start(EventLoop loop, FaultLog faults)
    {
        var error = L2tpEvents.TryOpen(out _events);
        if (error.IsNone)
            _registration = loop.Register(_events!.Descriptor, Readiness.Readable, new GuardedHandler(this, faults));
        else
            LogWatchFailed(error);
    }

    public void Add(KernelTunnel tunnel) => _tunnels[tunnel.Parameters.LocalId] = tunnel;

    public void Add(KernelSession session) => _sessions[IdsOf(session)] = session;

    public void Remove(KernelTunnel tunnel)
    {
        if (IsWatched(tunnel))
            _tunnels.Remove(tunnel.Parameters.LocalId);
    }

    public void Remove(KernelSession session)
    {
        if (IsWatched(session))
            _sessions.Remove(IdsOf(session));
    }

    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        _read.Clear();
        var error = _events!.Read(_read);
        foreach (var happened in _read)
        {
            if (happened is { Kind: L2tpEventKind.SessionDeleted, Session: { } info }
                && _sessions.TryGetValue((new TunnelId(info.TunnelId), new SessionId(info.SessionId)), out var session))
            {
                Ask(session, 1);
            }
            else if (happened is { Kind: L2tpEventKind.TunnelDeleted, Tunnel: { } gone }
                && _tunnels.TryGetValue(new TunnelId(gone.TunnelId), out var tunnel))
            {
                Ask(tunnel, 1);
            }
        }

        // Events were lost: any of our objects may have been deleted.
        if (!error.IsNone)
            AskForAll();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration?.Dispose();
        _events?.Dispose();
    }

    private void AskForAll()
    {
        foreach (var tunnel in _tunnels.Values)
            Ask(tunnel, MostQuestions);
        foreach (var session in _sessions.Values)
            Ask(session, MostQuestions);
    }

    private void Ask(KernelSession session, int question) => worker.Add(() =>
    {
        var isDeleted = kernel.IsSessionDeleted(session);
        sink.Post(() =>
        {
            if (!IsWatched(session))
                return;
            if (!isDeleted)
            {
                Again(question, () => Ask(session, question + 1));
                return;
            }

            Remove(session);
            LogSessionDeleted(session.Parameters.LocalId.Value, session.Tunnel.Parameters.LocalId.Value);
            sink.Submit(new SessionFailed(session.Key,
                "the session was deleted in the kernel from outside (for example ip l2tp del session)"));
        });
    });

    private void Ask(KernelTunnel tunnel, int question) => worker.Add(() =>
    {
        var isDeleted = kernel.IsTunnelDeleted(tunnel);
        sink.Post(() =>
        {
            if (!IsWatched(tunnel))
                return;
            if (!isDeleted)
            {
                Again(question, () => Ask(tunnel, question + 1));
                return;
            }

            Remove(tunnel);
            LogTunnelDeleted(tunnel.Parameters.LocalId.Value);
            sink.Submit(new TunnelFailed(tunnel.Key,
                "the tunnel was deleted in the kernel from outside (for example ip l2tp del tunnel)"));
        });
    });

    private void Again(int question, Action ask)
    {
        if (question < MostQuestions)
            timers.After(FirstWait * (1 << (question - 1)), ask);
    }

    private bool IsWatched(KernelTunnel tunnel) => _tunnels.TryGetValue(tunnel.Parameters.LocalId, out var watched) && watched == tunnel;

    private bool IsWatched(KernelSession session) => _sessions.TryGetValue(IdsOf(session), out var watched) && watched == session;

    private static (TunnelId Tunnel, SessionId Session) IdsOf(KernelSession session) =>
        (session.Tunnel.Parameters.LocalId, session.Parameters.LocalId);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Another program deleted session {SessionId} of tunnel {TunnelId} in the kernel. The session is closed.")]
    private partial void LogSessionDeleted(uint sessionId, uint tunnelId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another program deleted tunnel {TunnelId} in the kernel. The tunnel is closed.")]
    private partial void LogTunnelDeleted(uint tunnelId);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Cannot subscribe to the kernel's L2TP events: {Error}. Deletions by other programs will not be noticed.")]
    private partial void LogWatchFailed(Linux.LinuxError error);
}
