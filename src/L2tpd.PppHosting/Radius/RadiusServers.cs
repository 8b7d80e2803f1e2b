using System.Net;
using System.Security.Cryptography;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Linux.Loop;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.Radius.Client;
using L2tpd.Runtime.Counters;
using L2tpd.Runtime.Logging;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.Radius;

/// <summary>
/// RADIUS for the built-in PPP: the shared client with its sockets, and an access back end for each profile that wants one.
/// </summary>
/// <remarks>
/// Loop thread only. A reload with other servers makes new sockets; the former ones are closed when their last request is over. A reload
/// that removes all servers leaves them to the sessions that were authenticated there, for their accounting.
/// </remarks>
public sealed partial class RadiusServers : IDisposable, IRadiusRandom, IRadiusObserver, IRadSecObserver
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(24);

    private readonly EventLoop _events;
    private readonly LoopTimers _timers;
    private readonly FaultLog _faults;
    private readonly ILogger _log;
    private readonly RadiusExchange _exchange;
    private readonly LineBudget _dropped = new(burst: 5, perSecond: 1);
    private readonly DynamicAuthorizationListener _requests;
    private readonly LineBudget _connections = new(burst: 20, perSecond: 1);
    private RadiusSettings? _settings;
    private RadiusSettings? _wanted;
    private RadiusSockets? _sockets;

    public RadiusServers(EventLoop events, LoopTimers timers, FaultLog faults, RadiusSettings? settings, ILogger log)
    {
        (_events, _timers, _faults, _log) = (events, timers, faults, log);
        _exchange = new RadiusExchange(this, this);
        _requests = new DynamicAuthorizationListener(events, timers, faults, log) { IsOurs = IsOurs };
        Change(settings);
    }

    /// <summary>CoA- and Disconnect-Requests.</summary>
    internal IRequestSource Requests => _requests;

    /// <summary>What became of CoA- and Disconnect-Requests, by result.</summary>
    internal IEnumerable<(string Result, long Count)> RequestCounters => _requests.Counters;

    /// <summary>Opens what the settings of the last <see cref="Change"/> ask for in addition to the servers.</summary>
    /// <returns>What cannot be used, one text each; empty: all can.</returns>
    public IReadOnlyList<string> Prepare()
    {
        string?[] problems = [PrepareSpool(), _requests.Change(_wanted?.DynamicAuthorization)];
        return [.. problems.OfType<string>()];
    }
    /// <summary>Takes the name of a server that is no longer alive, or alive again, with its state.</summary>
    public Action<string, ServerState>? StateChanged { get; set; }

    /// <summary>The servers in use, in the order of the configuration.</summary>
    public IReadOnlyList<RadiusServerView> Views() =>
        _settings is { } settings && _exchange.Client is { } client ? RadiusViews.From(settings, client, _timers.Now) : [];

    /// <summary>Adds the counters to the registry.</summary>
    public void Register(CounterRegistry registry) => RadiusViews.Register(registry, _exchange);

    /// <summary>Takes over changed servers.</summary>
    public void Change(RadiusSettings? settings)
    {
        _wanted = settings;
        if (settings is null || _settings?.HasSameContent(settings) == true)
            return;

        _settings = settings;
        var sockets = _sockets = new RadiusSockets(_events, _faults, _timers, _exchange, settings.Servers, this);
        var groups = settings.Groups.ToDictionary(static group => group.Name, group => new ServerGroup(
            [.. group.Servers.Select(name => settings.Servers.ToList().FindIndex(server => server.Name == name))], group.Mode,
            (long)Budget.TotalMilliseconds));
        _exchange.Replace(
            [.. settings.Servers.Select(Server)], (long)Budget.TotalMilliseconds, Environment.MachineName, sockets, groups);

        RadiusServer Server(RadiusServerSettings server) => new()
        {
            Name = server.Name,
            Secret = server.Secret.Reveal(),
            MessageAuthenticator = server.MessageAuthenticator,
            Retransmission = new RetransmissionTimer(
                (long)settings.Timeout.TotalMilliseconds, Math.Max(16_000, (long)settings.Timeout.TotalMilliseconds), settings.Attempts),
            IsStream = server.Transport == RadiusTransport.Tls,
            MaxOutstanding = server.MaxRequests,
            HasStatusServer = server.StatusServer != StatusServerUse.No,
            MayIgnoreStatusServer = server.StatusServer == StatusServerUse.Auto,
            ProbeInterval = (long)settings.ProbeInterval.TotalMilliseconds,
            DeadTime = (long)settings.DeadTime.TotalMilliseconds,
        };
    }

    /// <summary>The access back end of a profile; <c>null</c>: its own users.</summary>
    public IAccessBackend? AccessOf(PppProfile profile) => profile.Access switch
    {
        AccessChoice.Radius => new RadiusAccess(_exchange, UnixTime, group: profile.RadiusGroup) { WantsIdentity = WantsIdentity },
        AccessChoice.RadiusThenLocal => new RadiusAccess(
            _exchange, UnixTime, BuiltInProfile.LocalAccessOf(profile), profile.RadiusGroup)
        {
            WantsIdentity = WantsIdentity,
        },
        _ => null,
    };

    /// <summary>Asks the servers which LNS to dial.</summary>
    public LnsSelection SelectLns(IInputSink sink, HostResolver resolver) =>
        new(new RadiusTunnels(_exchange, this), _timers, sink, resolver, LogSelected);

    /// <inheritdoc/>
    public void Fill(Span<byte> octets) => RandomNumberGenerator.Fill(octets);

    /// <inheritdoc/>
    public void OnServerState(string server, ServerState state)
    {
        if (state == ServerState.Alive)
            LogAnswers(server);
        else
            LogSilent(server, state == ServerState.Dead ? "dead" : "suspect");
        StateChanged?.Invoke(server, state);
    }

    void IRadSecObserver.OnConnected(RadiusServerSettings server) =>
        LogConnected(server.Name, new IPEndPoint(server.Address, server.AuthenticationPort));

    void IRadSecObserver.OnDisconnected(RadiusServerSettings server, string why)
    {
        if (_connections.TryTake(_timers.Now, out var suppressed))
            LogDisconnected(server.Name, new IPEndPoint(server.Address, server.AuthenticationPort), why, suppressed);
    }

    /// <inheritdoc/>
    public void OnAnswerDropped(string server, string why)
    {
        if (_dropped.TryTake(_timers.Now, out var suppressed))
            LogDropped(server, why, suppressed);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _requests.Dispose();
        _spoolWorker?.Dispose();
        _exchange.Close();
    }

    private bool IsOurs(IPAddress address) =>
        _settings is { } settings && Enumerable.Range(0, settings.Servers.Length)
            .Any(server => address.Equals(_sockets?.LocalAddress(server)));

    private bool WantsIdentity() => _settings is { ChargeableUserIdentity: true };

    private static uint UnixTime() => (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "RADIUS server {Server} does not answer ({State}): other servers are asked first. Check its address, ports and secret.")]
    private partial void LogSilent(string server, string state);

    [LoggerMessage(Level = LogLevel.Information, Message = "RADIUS names the LNSs for {User}, in this order: {Hosts}")]
    private partial void LogSelected(string user, string hosts);

    [LoggerMessage(Level = LogLevel.Information, Message = "RADIUS server {Server}: a TLS connection with {Address} is open")]
    private partial void LogConnected(string server, IPEndPoint address);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "RADIUS server {Server}: no TLS connection with {Address}: {Why}. It is tried again ({Suppressed} more lines before)")]
    private partial void LogDisconnected(string server, IPEndPoint address, string why, long suppressed);

    [LoggerMessage(Level = LogLevel.Information, Message = "RADIUS server {Server} answers again")]
    private partial void LogAnswers(string server);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An answer of RADIUS server {Server} was dropped: {Why} ({Suppressed} more before)")]
    private partial void LogDropped(string server, string why, long suppressed);
}
