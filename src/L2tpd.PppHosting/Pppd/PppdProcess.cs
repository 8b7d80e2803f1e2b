using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Processes;
using L2tpd.Runtime.Logging;
using L2tpd.Runtime.Processes;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.Pppd;

/// <summary>The pppd of one session, from the request to its end. Loop thread only.</summary>
internal sealed partial class PppdProcess(
    PppdServices services, SessionKey session, string name, PppProfile profile, FileDescriptor socket, PppdNetwork routes)
    : IChildObserver, IDisposable
{
    /// <summary>The PPPoL2TP socket's number in the child.</summary>
    public const int SocketInChild = 3;

    /// <summary>How long the report of a session with IPv6 waits for IPv4.</summary>
    private static readonly TimeSpan WaitForIPv4 = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan WaitForNameServers = TimeSpan.FromMilliseconds(200);

    private readonly ILogger _log = services.Log;
    private readonly PppdOutput _output = new();
    private readonly LineBudget _lines = new();
    private SupervisedChild? _child;
    private PppdExit? _refusal;
    private bool _stopAsked;
    private bool _disposed;
    private bool _isUp;
    private bool _isClient;
    private bool _isRefused;
    private bool _isPeerKnown;
    private string? _user;

    private string Label => _user is null ? name : $"{name} ({_user})";

    /// <summary>The peer is a subscriber: its packets with another source address are dropped.</summary>
    public bool IsSourceChecked { get; init; }

    /// <summary>Raised once, when the process has ended or could not be started.</summary>
    public event Action<PppdExit>? Ended;

    /// <summary>Raised once, when the peer has authenticated itself, or the network is up without that.</summary>
    public event Action? PeerKnown;

    /// <summary>Starts pppd, on the starter's thread.</summary>
    public void Start(PppdSession description)
    {
        _isClient = !description.Server;
        if (_isClient && profile.User is { } own)
            services.Sink.Submit(new PppUser(session, new SessionUser { Name = own }));
        services.Starter.Add(() => StartBesideLoop(description));
    }

    private void StartBesideLoop(PppdSession description)
    {
        var error = PppdStarter.TryStart(profile, description, socket, out var child);
        if (child is not null && ProcessTable.StartTimeOf(child.Pid) is { } startTime)
            services.Ledger?.ChildStarted(new(child.Pid, startTime));
        services.Sink.Post(() => OnStarted(error, child));
    }

    /// <summary>Ends pppd: SIGTERM, and SIGKILL after a timeout.</summary>
    public void Stop()
    {
        _stopAsked = true;
        _child?.Stop(services.StopWait);
    }

    /// <inheritdoc/>
    public void OnLine(ReadOnlySpan<char> line)
    {
        var before = _output.Interface;
        _output.Read(line);
        if (IsSourceChecked && _output.Interface is { } made && made != before)
            CheckSources(made);
        if (_log.IsEnabled(LogLevel.Information) && _lines.TryTake(MonotonicClock.NowMilliseconds, out var suppressed))
        {
            if (suppressed > 0)
                LogSuppressed(Label, suppressed);
            LogLine(Label, _child?.Pid ?? 0, line.ToString());
        }

        if (_output.Refusal is not null)
            ReportRefusal();
        if (_output.User is { } user && user != _user)
        {
            services.Sink.Submit(new PppUser(session, new SessionUser { Name = _user = user }));
            TellPeerKnown();
        }

        if (_isUp)
            return;
        if (_output.HasIPv4)
            ReportUp(_output.LocalAddress, _output.RemoteAddress);
        else if (_output.HasIPv6)
            services.Timers.After(WaitForIPv4, () => ReportUp(_output.LocalLinkLocal, _output.RemoteLinkLocal));
    }

    /// <inheritdoc/>
    public void OnExit(ChildExit exit)
    {
        if (exit is { Signal: 0, ExitCode: PppdExit.NotAuthenticated })
            ReportRefusal();
        var pid = _child?.Pid ?? 0;
        services.Starter.Add(() => services.Ledger?.ChildEnded(pid));
        _child = null;
        routes.Remove();
        var meaning = _stopAsked ? PppdExit.Stopped
            : _refusal is not null ? _refusal
            : exit.Signal != 0 ? PppdExit.FromSignal(exit.Signal)
            : PppdExit.FromStatus(exit.ExitCode, _output);
        if (_lines.TakeSuppressed() is > 0 and var suppressed)
            LogSuppressed(Label, suppressed);
        LogEnded(Label, pid, exit, meaning.Reason);
        End(meaning);
    }

    /// <inheritdoc/>
    public void OnKilled() => LogHanging(Label, _child?.Pid ?? 0, services.StopWait.TotalSeconds);

    /// <summary>Kills pppd. <see cref="Ended"/> is not raised.</summary>
    public void Dispose()
    {
        _disposed = true;
        routes.Remove();
        _child?.Dispose();
        _child = null;
    }

    private void OnStarted(LinuxError error, ChildProcess? child)
    {
        if (_disposed)
        {
            child?.Dispose();
            return;
        }

        if (child is null)
        {
            var why = PppdStarter.Explain(profile, error);
            LogNotStarted(Label, why);
            End(PppdExit.NotStarted(why));
            return;
        }

        LogStarted(Label, child.Pid, profile.Name);
        routes.Watch();
        _child = new SupervisedChild(services.Events, services.Timers, services.Faults, child, this);
        if (_stopAsked)
            _child.Stop(services.StopWait);
    }

    /// <summary>Called when there is an interface, before pppd has negotiated addresses.</summary>
    private void CheckSources(string made) => services.Starter.Add(() =>
    {
        if (services.Sources is not { } sources)
            return;
        var error = RtNetlink.TryOpen(out var netlink);
        using (netlink)
            error = error.IsNone ? sources.Check(netlink!, made, clampedMtu: 0) : error;
        // Renamed or removed meanwhile: pppd reports the new name, or ends.
        if (!error.IsNone && error.Errno != Errno.ENODEV)
            services.Sink.Post(() => OnNotChecked(made, error));
    });

    private void OnNotChecked(string made, LinuxError error)
    {
        LogNotChecked(Label, made, error);
        if (!_stopAsked)
            _child?.Stop(services.StopWait);
    }

    /// <summary>Reported at once: the peer's CDN may arrive before this pppd ends.</summary>
    private void ReportRefusal()
    {
        if (!_isClient || _isRefused)
            return;
        _isRefused = true;
        services.Sink.Submit(new PppRefused(session, profile.User, _output.Refusal ?? ""));
    }

    private void ReportUp(string? local, string? remote)
    {
        if (_isUp || _disposed || _child is null || _output.Interface is not { } network)
            return;
        _isUp = true;
        TellPeerKnown();
        routes.Add(network, local, remote, (refusal, route) => OnRouted(new PppUp(session, network, local, remote), refusal, route));
    }

    private void TellPeerKnown()
    {
        if (_isPeerKnown)
            return;
        _isPeerKnown = true;
        PeerKnown?.Invoke();
    }

    private void OnRouted(PppUp up, string? refusal, LinuxError route)
    {
        if (_disposed || _child is null || _stopAsked)
            return;
        if (refusal is not null)
        {
            LogRefused(Label, refusal);
            _refusal = PppdExit.NotStarted(refusal);
            _child.Stop(services.StopWait);
            return;
        }

        if (!route.IsNone)
            LogNoRoute(Label, route);
        // pppd logs the name servers after the addresses.
        if (profile.RequestDns && _output.NameServers is null)
            services.Timers.After(WaitForNameServers, () => Submit(up));
        else
            Submit(up);
    }

    private void Submit(PppUp up)
    {
        if (!_disposed && _child is not null && !_stopAsked)
            services.Sink.Submit(up with { NameServers = _output.NameServers });
    }

    private void End(PppdExit exit)
    {
        var ended = Ended;
        Ended = null;
        ended?.Invoke(exit);
    }

    [LoggerMessage(Level = LogLevel.Error, Message =
        "{Session}: cannot check the source addresses of packets from {Interface}: {Error}. PPP ends; to run it without the check, set " +
        "`source-check: false`")]
    private partial void LogNotChecked(string session, string @interface, LinuxError error);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Session}: pppd[{Pid}] {Line}")]
    private partial void LogLine(string session, int pid, string line);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Session}: {Suppressed} lines of pppd's output were not logged: too many")]
    private partial void LogSuppressed(string session, long suppressed);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Session}: started pppd[{Pid}] with PPP profile {Profile}")]
    private partial void LogStarted(string session, int pid, string profile);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Session}: cannot run PPP: {Reason}")]
    private partial void LogNotStarted(string session, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Session}: the session is refused: {Reason}")]
    private partial void LogRefused(string session, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Session}: cannot add the default route through the session: {Error}. If another default route exists, set `default-route: {{ " +
        "metric }}` or `default-route: {{ replace: true }}`")]
    private partial void LogNoRoute(string session, LinuxError error);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Session}: pppd[{Pid}] ended with {Exit}: {Reason}")]
    private partial void LogEnded(string session, int pid, ChildExit exit, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Session}: pppd[{Pid}] did not end within {Seconds} s of SIGTERM: killed")]
    private partial void LogHanging(string session, int pid, double seconds);
}
