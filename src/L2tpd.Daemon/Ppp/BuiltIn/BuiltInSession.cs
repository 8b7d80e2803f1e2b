using System.Net.Sockets;
using L2tpd.Daemon.Logging;
using L2tpd.Daemon.Loop;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Ppp;
using L2tpd.Ppp.Access;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Ppp.BuiltIn;

/// <summary>
/// PPP of one session: the endpoint, its link in the kernel and its place in the loop. The endpoint decides; what it wants done is here, and what
/// comes of it goes back as inputs. Loop thread only.
/// </summary>
internal sealed partial class BuiltInSession : IPppEffects, IPppLinkObserver
{
    /// <summary>Grace for IPv4 after IPv6 has come up, before the session is reported as up with IPv6 alone.</summary>
    private static readonly TimeSpan WaitForIPv4 = TimeSpan.FromSeconds(2);

    /// <summary>How long the peer may take to answer our goodbye once the L2TP session has ended: mostly it is gone too.</summary>
    private static readonly TimeSpan WaitForGoodbye = TimeSpan.FromSeconds(1);

    private const int Bare = 2;

    private readonly ILogger _log;
    private readonly BuiltInBackend _backend;
    private readonly BuiltInProfile _profile;
    private readonly PppRequest _request;
    private readonly PppEndpoint _endpoint;
    private readonly IPppLink _link;
    private readonly SessionAccounting _accounting;
    private readonly SessionFacts _facts;
    private LinkNetwork? _ipv4;
    private LinkNetwork? _ipv6;
    private LoopTimer? _timer;
    private PppEnd? _end;
    private string? _failure;
    private long _timerDue = long.MaxValue;
    private long _lastHeard;
    private long _lastData;
    private bool _isOpen;
    private bool _isReported;
    private bool _isStopped;
    private bool _isClosing;

    public BuiltInSession(BuiltInBackend backend, BuiltInProfile profile, SessionKey key, long number, PppRequest request, FileDescriptor socket)
    {
        (_log, _backend, _profile, Key, _request) = (backend.Log, backend, profile, key, request);
        Name = Printable.Of(request.Session.Name);
        _endpoint = new PppEndpoint(number, profile.LinkProfile(request.Server), backend.Random, profile.Credentials);
        _facts = SessionDescription.Of(request.Session, number);
        _accounting = new SessionAccounting(_facts);
        _link = backend.Links.Create(socket, new LinkSettings(profile.Source.Interface, profile.Source.Mru), this);
    }

    public SessionKey Key { get; }

    public string Name { get; }

    public long Number => _endpoint.Key;

    private long Now => _backend.Now;

    /// <summary>Begins.</summary>
    public void Start() => _link.Open();

    /// <summary>The L2TP session has ended: says goodbye, and is gone soon.</summary>
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
        if (_end is null)
            _backend.Timers.After(WaitForGoodbye, () => LowerLayerDown("the peer left our goodbye unanswered"));
    }

    /// <summary>The daemon ends: gives the interface back, and tells nobody.</summary>
    public void Abandon() => CloseLink();

    /// <summary>Ends PPP with Terminate-Request.</summary>
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
        _endpoint.HandleFrame(frame, Now, this);
        Rearm();
    }

    /// <inheritdoc/>
    public void OnHangUp() => LowerLayerDown("the session's kernel channel is gone");

    /// <inheritdoc/>
    public void OnClosed() => _backend.OnGone(this, EndInput());

    /// <inheritdoc/>
    public void OnNetworkAdded(LinkNetwork network, LinuxError error)
    {
        if (_isClosing)
            return;
        if (!error.IsNone)
            OnNetworkRefused(network, error);
        else if (network == _ipv4)
            ReportUp(network);
        else if (network == _ipv6)
            _backend.Timers.After(WaitForIPv4, () => ReportUp(network));
    }

    /// <inheritdoc/>
    public void OnRouteRefused(LinuxError error) => LogNoRoute(Name, error);

    /// <inheritdoc/>
    public void SendFrame(PppEndpoint endpoint, ReadOnlySpan<byte> frame) => _link.Send(frame is [0xff, 0x03, ..] ? frame[Bare..] : frame);

    /// <inheritdoc/>
    public void RequestAuthentication(PppEndpoint endpoint, uint attempt, AuthenticationFacts facts)
    {
        _profile.Access.Authenticate((ulong)Number, new AccessRequest(_facts, facts), Now);
        while (_profile.Access.TryTake(out var answer))
            if (answer is AccessAnswer.Authenticated { Result: var result })
                endpoint.HandleAuthentication(attempt, Admit(facts, result), Now, this);
    }

    /// <inheritdoc/>
    public void RequestAddress(PppEndpoint endpoint, uint attempt, Authorisation? authorisation)
    {
        var grant = _profile.TakeAddress(authorisation);
        if (grant is null && authorisation is not { AddressSource: AddressSource.NotPermitted })
            LogNoAddress(Name, authorisation is { AddressSource: AddressSource.Fixed } ? $"{authorisation.Address} is in use" : _profile.PoolFigures);
        endpoint.HandleAddress(attempt, grant, Now, this);
    }

    /// <inheritdoc/>
    public void ReleaseAddress(PppEndpoint endpoint, AddressGrant grant) => _profile.Addresses.Release(grant);

    /// <inheritdoc/>
    public void LinkUp(PppEndpoint endpoint, LinkParameters link) =>
        LogLinkUp(Name, link.TransmitLimit, link.ReceiveLimit, link.FromPeer, link.ToPeer, link.Proxied ? "taken over from the LAC" : "negotiated");

    /// <inheritdoc/>
    public void Ipv4Up(PppEndpoint endpoint, Ipv4Network network)
    {
        var peer = network.Peer.IsNone ? null : network.Peer.ToIPAddress();
        var remote = _request.Session.Tunnel.Path.Remote.ToIPAddress();
        _ipv4 = new LinkNetwork(
            network.Local.ToIPAddress(), peer, network.TransmitLimit, _profile.Source.DefaultRoute,
            _profile.Source.DefaultRoute && remote.AddressFamily == AddressFamily.InterNetwork ? remote : null);
        AddNetwork(_ipv4);
        if (!_request.Server && !network.PrimaryDns.IsNone)
            LogNameServers(Name, network.PrimaryDns, network.SecondaryDns);
        Account(_accounting.Start(endpoint.PeerName, network.Peer, 0, network.Authorisation, Now));
    }

    /// <inheritdoc/>
    public void Ipv4Down(PppEndpoint endpoint) => Remove(ref _ipv4);

    /// <inheritdoc/>
    public void Ipv6Up(PppEndpoint endpoint, Ipv6Network network)
    {
        _ipv6 = new LinkNetwork(
            SessionDescription.LinkLocal(network.LocalIdentifier),
            network.PeerIdentifier == 0 ? null : SessionDescription.LinkLocal(network.PeerIdentifier), network.TransmitLimit);
        AddNetwork(_ipv6);
        Account(_accounting.Start(endpoint.PeerName, default, network.PeerIdentifier, network.Authorisation, Now));
    }

    /// <inheritdoc/>
    public void Ipv6Down(PppEndpoint endpoint) => Remove(ref _ipv6);

    /// <inheritdoc/>
    public void Ended(PppEndpoint endpoint, PppEnd end)
    {
        _end = end;
        Account(_accounting.Stop(end, default, Now));
        CloseLink();
    }

    private PppEnded EndInput() => this switch
    {
        { _isStopped: true } => PppEndCodes.Stopped(Key),
        { _failure: { } why } => PppEndCodes.Failed(Key, why),
        { _end: { } end } => PppEndCodes.Ended(Key, end),
        _ => PppEndCodes.Stopped(Key),
    };

    private AuthenticationResult Admit(AuthenticationFacts facts, AuthenticationResult result)
    {
        var user = Printable.Of(facts.UserName);
        if (!result.Accepted)
        {
            LogRefused(Name, user, facts.Protocol, result.Reason ?? "refused");
            return result;
        }

        if (!_profile.Sessions.TryEnter(facts.UserName, Number, out var replaced))
        {
            LogRefused(Name, user, facts.Protocol, "the user has a session already");
            return AuthenticationResult.Refuse("the user has a session already", "already connected");
        }

        LogAuthenticated(Name, user, facts.Protocol);
        foreach (var number in replaced)
            _backend.Replace(number, Name);
        return result;
    }

    private void OnNetworkRefused(LinkNetwork network, LinuxError error)
    {
        LogNotConfigured(Name, network.IsIPv6 ? "IPv6" : "IPv4", error);
        if (network == _ipv6)
            _ipv6 = null;
        if (network == _ipv4)
            _ipv4 = null;
        if (!network.IsIPv6)
            Fail($"the session's interface cannot be set up: {error}");
    }

    private void ReportUp(LinkNetwork network)
    {
        if (_isReported || _isClosing || _isStopped || _link.Interface is not { } name)
            return;
        _isReported = true;
        _backend.Sink.Submit(new PppUp(Key, name, network.Local.ToString(), network.Peer?.ToString()));
    }

    private void AddNetwork(LinkNetwork network)
    {
        _lastData = Math.Max(_lastData, Now);
        _link.AddNetwork(network);
    }

    private void Remove(ref LinkNetwork? network)
    {
        if (network is not null && !_isClosing)
            _link.RemoveNetwork(network);
        network = null;
    }

    private void Account(AccountingRecord? record)
    {
        if (record is null)
            return;
        _profile.Access.Account((ulong)Number, record, Now);
        while (_profile.Access.TryTake(out _))
        {
            // Local accounting is stored at once.
        }

        if (record.Status == AccountingStatus.Stop)
            LogAccountingStop(Name, record.UserName is null ? "the peer" : Printable.Of(record.UserName), record.SessionTime / 1000, record.TerminateCause);
    }

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
        _timer?.Cancel();
        _profile.Sessions.Leave(Number);
        _link.Close();
    }

    // One timer at a time, only ever moved earlier: an endpoint's deadline that moves later costs a wake-up, not a timer a frame.
    private void Rearm()
    {
        var due = _endpoint.NextDeadline;
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
        Rearm();
    }

    /// <summary>Data goes past us in the kernel: asks it when the last was.</summary>
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

        // Before the first packet the kernel's numbers lie far back, and the network's coming up counts.
        _lastData = Math.Max(_lastData, Math.Max(sent, received));
        _endpoint.NoteSent(_lastData);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Session}: LCP {How}: send up to {Send} octets, receive up to {Receive}; the peer proves itself by {FromPeer}, we by {ToPeer}")]
    private partial void LogLinkUp(string session, int send, int receive, AuthenticationProtocol fromPeer, AuthenticationProtocol toPeer, string how);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Session}: user {User} is authenticated by {Protocol}")]
    private partial void LogAuthenticated(string session, string user, AuthenticationProtocol protocol);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Session}: user {User} is refused ({Protocol}): {Reason}")]
    private partial void LogRefused(string session, string user, AuthenticationProtocol protocol, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Session}: no address for the peer: {Why}")]
    private partial void LogNoAddress(string session, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Session}: the peer names the name servers {Primary} and {Secondary}")]
    private partial void LogNameServers(string session, Ipv4Address primary, Ipv4Address secondary);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Session}: {Network} cannot be set up on the interface: {Error}")]
    private partial void LogNotConfigured(string session, string network, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Session}: there is no default route through the session: {Error}")]
    private partial void LogNoRoute(string session, LinuxError error);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Session}: PPP of {User} is over after {Seconds} s: {Cause}")]
    private partial void LogAccountingStop(string session, string user, long seconds, TerminateCause cause);
}
