using System.Globalization;
using L2tpd.Access;
using L2tpd.Control;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// PPP of one session: connects the endpoint, which decides, with the data plane's link, the access back end, the accounting and the
/// engine.
/// </summary>
/// <remarks>
/// Loop thread only. States: opening (the link is not open), open, ended (the endpoint ended; the last counters are read), closing (the
/// link closes), gone. Known races: the L2TP session may end at any time (<see cref="Stop"/>), before or after PPP; results of the link
/// that arrive while it closes are dropped.
/// </remarks>
internal sealed partial class BuiltInSession : IPppEffects, IPppLinkObserver, IAccessSession, IFramedRouteOwner
{
    /// <summary>How long the report of a session with IPv6 waits for IPv4.</summary>
    private static readonly TimeSpan WaitForIPv4 = TimeSpan.FromSeconds(2);

    /// <summary>How long the peer may take to acknowledge our Terminate-Request after the end of the L2TP session.</summary>
    private static readonly TimeSpan TerminateTimeout = TimeSpan.FromSeconds(1);

    /// <summary>How long the data plane may take to read the last counters.</summary>
    private static readonly TimeSpan WaitForCounters = TimeSpan.FromSeconds(2);

    private readonly ILogger _log;
    private readonly BuiltInBackend _backend;
    private readonly BuiltInProfile _profile;
    private readonly PppRequest _request;
    private readonly PppEndpoint _endpoint;
    private readonly PathLimit _path;
    private SessionAccounting _accounting;
    private IPppLink _link = null!;
    private AuthenticationRequest? _asked;
    private LoopTimer? _timer;
    private PppEnd? _end;
    private EndReason? _why;
    private string? _failure;
    private SessionCounters _counters;
    private long _timerDue = long.MaxValue;
    private long _lastHeard;
    private long _lastData;
    private bool _isOpen;
    private bool _isStopped;
    private bool _isClosing;
    private bool _isRefused;
    private bool _isIdleTold;

    public BuiltInSession(BuiltInBackend backend, BuiltInProfile profile, SessionKey key, long number, PppRequest request)
    {
        (_log, _backend, _profile, Key, _request) = (backend.Log, backend, profile, key, request);
        Name = Printable.Of(request.Session.Name);
        _path = backend.PathOf(request, profile.Source);
        var linkProfile = profile.LinkProfile(request.Server, _path.Payload);
        _endpoint = new PppEndpoint(number, linkProfile, backend.Random, profile.Credentials);
        _port = backend.Ports.Take();
        _attributes = SessionDescription.Of(request.Session) with
        {
            SessionId = string.Create(CultureInfo.InvariantCulture, $"{backend.Run}-{number:x}"),
            NasPort = _port,
            NasIdentifier = profile.ServerName,
        };
        _accounting = NewAccounting(_attributes);
    }

    public SessionKey Key { get; }

    public string Name { get; }

    public long Number => _endpoint.Key;

    /// <summary>The number of the request to the access back end that is open, or was answered last.</summary>
    public ulong OpenRequest { get; set; }

    private long Now => _backend.Now;

    /// <summary>Opens the data plane's part; false if it has none for this session: there is no PPP then.</summary>
    public bool TryTakeLink()
    {
        if (_backend.Links.Create(Key, _profile.LinkSettingsFor(_path.Payload), this) is not { } link)
        {
            _backend.Ports.GiveBack(_port);
            return false;
        }

        _link = link;
        _backend.Access.AddSession(_profile.Access);
        return true;
    }

    public void Start() => _link.Open(SessionRouting.WatchedEnd(_profile.Source, _request));

    /// <summary>The L2TP session ended: closes PPP.</summary>
    public void Stop()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        if (!_isOpen)
        {
            CloseLink();
            return;
        }

        Close(PppCloseCause.Administrative, "the L2TP session has ended");
        if (_end is not null)
            return;
        if (_link.OutlivesSession)
            _backend.Timers.After(TerminateTimeout, () => LowerLayerDown("the peer did not acknowledge our Terminate-Request"));
        else
            _backend.WhenEngineIsDone(() => LowerLayerDown("the L2TP session has ended"));
    }

    /// <summary>The daemon stops: removes the interface without a packet to the peer.</summary>
    public void Abandon()
    {
        _end ??= new PppEnd(PppEndCause.ShutDown, "the daemon stops", DisconnectCode.Administrative, 0, 2, TerminateCause.AdminReboot);
        CloseLink();
    }

    public void Close(PppCloseCause cause, string text)
    {
        _endpoint.Close(cause, text, Now, this);
        Rearm();
    }

    /// <inheritdoc/>
    public void OnOpened(LinuxError error)
    {
        if (!error.IsNone)
        {
            Fail($"the session's PPP channel cannot be used: {error}");
            return;
        }

        _isOpen = true;
        _lastHeard = Now;
        _endpoint.Open(Now, this, _request.Server ? SessionDescription.ProxyOf(_request.Session) : null);
        Rearm();
    }

    /// <inheritdoc/>
    public void OnFrame(ReadOnlySpan<byte> frame)
    {
        _lastHeard = Now;
        if (_backend.Trace.Listener is { } trace)
            TraceFrame(trace, isSent: false, frame);
        _endpoint.HandleFrame(frame, Now, this);
        if (_endpoint.Renegotiations.Ignored > 0)
            TellRenegotiations();
        ReportRefusal();
        Rearm();
    }

    /// <inheritdoc/>
    public bool OnControlPacket(ReadOnlySpan<byte> packet)
    {
        if (_backend.Trace.Listener is { } trace)
            TracePacket(trace, packet);
        var isTaken = _endpoint.HandlePacket(packet[0] >> 4 == 4 ? PppProtocol.Ipv4 : PppProtocol.Ipv6, packet, Now, this);
        Rearm();
        return isTaken;
    }

    /// <inheritdoc/>
    public void OnHangUp() => LowerLayerDown("the session's kernel channel was closed");

    /// <inheritdoc/>
    public void OnClosed() => _backend.OnGone(this, EndInput());

    /// <inheritdoc/>
    public void SendFrame(PppEndpoint endpoint, ReadOnlySpan<byte> frame)
    {
        if (_backend.Trace.Listener is { } trace)
            TraceFrame(trace, isSent: true, frame);
        _link.Send(frame);
    }

    /// <inheritdoc/>
    public void RequestAuthentication(PppEndpoint endpoint, uint attempt, AuthenticationRequest request)
    {
        _backend.Access.Cancel(this, _profile.Access);
        (_asked, _askedAt) = (request, Now);
        _backend.Access.Authenticate(this, _profile.Access, attempt, AskAgain(new AccessRequest(_accounting.Session, request)), Now);
    }

    /// <inheritdoc/>
    public void RequestAddress(PppEndpoint endpoint, uint attempt, Authorisation? authorisation)
    {
        var grant = _profile.TakeAddress(authorisation);
        if (grant is null && authorisation is not { AddressSource: AddressSource.NotPermitted })
        {
            TellNoAddress(authorisation is { AddressSource: AddressSource.Fixed }
                ? $"{authorisation.Address} is in use" : _profile.PoolFigures(authorisation));
        }

        if (grant?.Lease is { } lease)
            TellAddress(lease.Address, OriginOf(authorisation));
        endpoint.HandleAddress(attempt, grant, Now, this);
    }

    /// <inheritdoc/>
    public void ReleaseAddress(PppEndpoint endpoint, AddressGrant grant)
    {
        if (grant.Release())
            TellAddressReleased();
    }

    /// <inheritdoc/>
    public void LinkUp(PppEndpoint endpoint, LinkParameters link)
    {
        _link.SetFraming(link);
        _linkParameters = link;
        LogLinkUp(
            Label, link.TransmitLimit, link.ReceiveLimit, link.FromPeer, link.ToPeer,
            link.Proxied ? "taken over from the LAC" : "negotiated");
    }

    /// <summary>Reported at once: the peer's CDN may arrive before its answer to our Terminate-Request.</summary>
    private void ReportRefusal()
    {
        if (_isRefused || _request.Server || _reported is not null || _endpoint.Ending is not { } end || !PppEndCodes.TellsRefusal(end))
            return;
        _isRefused = true;
        _backend.Sink.Submit(new PppRefused(Key, _profile.Source.User, end.Text));
    }

    /// <summary>Reported at once, for the same reason.</summary>
    private void ReportIdle()
    {
        if (_isIdleTold || _endpoint.Ending is not { Cause: PppEndCause.IdleTimeout })
            return;
        _isIdleTold = true;
        _backend.Sink.Submit(new PppIdle(Key));
    }

    private PppEnded EndInput() => this switch
    {
        { _isStopped: true } => PppEndCodes.Stopped(Key),
        { _failure: { } why } => PppEndCodes.Failed(Key, why),
        { _end: { } end } => PppEndCodes.Ended(Key, end),
        _ => PppEndCodes.Stopped(Key),
    };

    private void Fail(string why)
    {
        _failure ??= why;
        if (_isOpen && _end is null)
            Close(PppCloseCause.Failure, why);
        else
            CloseLink();
    }

    private void LowerLayerDown(string why)
    {
        if (_isClosing)
            return;
        _endpoint.LowerLayerDown(why, Now, this);
    }

    private void CloseLink()
    {
        if (_isClosing)
            return;
        _isClosing = true;
        if (_reported is not null)
            _backend.NetworksUp--;
        _timer?.Cancel();
        if (_endpoint.Renegotiations is { Ignored: > 0 } count)
            LogRenegotiations(Label, count.Taken, count.Ignored);
        _profile.Sessions.Leave(Number);
        AccountStop();
        ReleasePrefixes();
        _backend.Access.Cancel(this, _profile.Access);
        _backend.Access.RemoveSession(_profile.Access);
        _backend.Ports.GiveBack(_port);
        RemoveFilters();
        RemoveFramedRoutes();
        _routes.Clear();
        TellAllReleased();
        _link.Close();
    }

    // One timer, which is only moved earlier: a deadline that moves later costs one wake-up, and not one timer per frame.
    private void Rearm()
    {
        var due = Math.Min(_endpoint.NextDeadline, _accounting.NextDeadline);
        if (_isClosing || due >= _timerDue)
            return;
        _timer?.Cancel();
        _timerDue = due;
        _timer = _backend.Timers.After(TimeSpan.FromMilliseconds(Math.Max(0, due - Now)), OnDeadline);
    }

    private void OnDeadline()
    {
        _timerDue = long.MaxValue;
        if (_isClosing)
            return;
        NoteTraffic();
        _endpoint.HandleDeadline(Now, this);
        ReportIdle();
        if (Now >= _accounting.NextDeadline)
        {
            _accounting.Postpone(Now);
            _interimWanted = true;
            _link.RequestCounters();
        }

        Rearm();
    }

    /// <summary>Data packets do not pass here: asks the data plane for the time of the last ones.</summary>
    private void NoteTraffic()
    {
        if (!_link.TryGetIdle(out var transmit, out var receive))
            return;
        var now = Now;
        var sent = now - (long)transmit.TotalMilliseconds;
        var received = now - (long)receive.TotalMilliseconds;
        if (received > _lastHeard)
        {
            _lastHeard = received;
            _endpoint.NoteReceived(received);
        }

        // Before the first packet the kernel's times are far in the past: the time counts from the network's start.
        _lastData = Math.Max(_lastData, Math.Max(sent, received));
        _endpoint.NoteSent(_lastData);
    }
}
