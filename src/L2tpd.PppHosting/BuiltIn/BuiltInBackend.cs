using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Ppp;
using L2tpd.Ppp.Inform;
using L2tpd.PppHosting.Filters;
using L2tpd.PppHosting.Prefixes;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Tracing;
using Microsoft.Extensions.Logging;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>PPP in the daemon: control frames on the loop, packets in the data plane. No process per session.</summary>
public sealed partial class BuiltInBackend(
    LoopTimers timers, IInputSink sink, IPppLinkFactory links, PppProfiles profiles, PathLimits paths, ILogger log)
    : IPppBackend, IEventObserver, ITurnEnd
{
    private readonly Queue<Action> _whenEngineIsDone = new();
    private readonly Dictionary<SessionKey, BuiltInSession> _byKey = [];
    private readonly Dictionary<long, BuiltInSession> _byNumber = [];
    private readonly Dictionary<string, BuiltInProfile> _profiles = new(StringComparer.Ordinal);
    private readonly AddressSpace _addresses = new();
    private NamedPools? _pools;
    private bool _isNoFilterTold;
    private long _numbers;

    private AccessDispatcher? _access;
    private Ipv6Layers? _ipv6;

    /// <inheritdoc/>
    /// <remarks>Counts the Stop records that are not stored yet as well: the daemon's stop waits for them as for sessions.</remarks>
    public int Running => _byKey.Count + Access.UnansweredStops;

    /// <summary>The access back end of a profile; <c>null</c>: the profile's own users. Set before the first session.</summary>
    public Func<PppProfile, IAccessBackend?>? AccessOf { get; set; }

    /// <summary>The network layers of a profile's links; <c>null</c>: those of <see cref="Ipv6"/>. Set before the first session.</summary>
    public Func<PppProfile, ImmutableArray<INetworkLayerFactory>>? NetworkLayersOf { get; set; }

    /// <summary>Varies each interval between Interims; <c>null</c>: none is varied. Set before the first session.</summary>
    public Func<long, long>? InterimSpread { get; set; }
    /// <summary>Sets filters of users; <c>null</c>: names of filters have no effect. Set before the first session.</summary>
    public SessionFilters? Filters { get; set; }

    /// <summary>The IPv6 prefixes of subscribers; <c>null</c>: they get none. Set before the first session.</summary>
    public SubscriberPrefixes? Prefixes { get; set; }

    /// <summary>The routes of the prefix pools; <c>null</c>: there are none. Set before <see cref="Prepare"/>.</summary>
    public PoolRoutes? PoolRoutes { get; set; }

    /// <summary>Shows frames to whoever traces. Set before the first session.</summary>
    public TraceTap Trace { get; set; } = new();

    /// <summary>Sessions with a network layer up.</summary>
    public int NetworksUp { get; internal set; }

    /// <summary>Failed authentications of peers, also those whose log lines were left out.</summary>
    public long AuthenticationsFailed { get; private set; }

    /// <summary>How long the access back end took to accept or to refuse a peer's user, in milliseconds.</summary>
    internal Histogram Accepted { get; } = new(Histogram.Milliseconds);

    /// <inheritdoc cref="Accepted"/>
    internal Histogram Refused { get; } = new(Histogram.Milliseconds);

    /// <summary>Called for each of them with the session, a text and the name that the peer gave.</summary>
    public Action<Session, string, string?>? AuthenticationFailed { get; set; }

    /// <summary>Budgets of lines about subscribers.</summary>
    internal SubscriberLines Lines { get; } = new(timers, log);

    internal LoopTimers Timers => timers;

    internal IInputSink Sink => sink;

    internal IPppLinkFactory Links => links;

    internal ILogger Log => log;

    internal AccessDispatcher Access => _access ??= new AccessDispatcher(_byNumber.Values, new AccessLog(log));

    internal PortNumbers Ports { get; } = new();

    /// <summary>The routes of users.</summary>
    internal FramedRouteTable Routes { get; } = new();

    /// <summary>
    /// Identifies this run of the daemon in Acct-Session-Id. A process id would not: in a container it is always the same.
    /// </summary>
    internal string Run { get; } = string.Create(
        CultureInfo.InvariantCulture, $"{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds():x}{RandomNumberGenerator.GetInt32(0x10000):x4}");

    internal IPppRandom Random { get; } = new SystemPppRandom();

    internal Ipv6Layers Ipv6 => _ipv6 ??= new Ipv6Layers(Random);

    /// <summary>Milliseconds of the timers' clock.</summary>
    internal long Now => timers.Now;

    /// <inheritdoc/>
    public void Start(SessionKey session, PppRequest request)
    {
        if (!profiles.TryGet(request.Profile, out var profile, out _))
        {
            sink.Submit(PppEndCodes.NotStarted(session, $"there is no PPP profile {request.Profile}"));
            return;
        }

        // The null data plane has no links: the session stays up without PPP.
        var started = new BuiltInSession(this, InUse(profile), session, ++_numbers, request);
        if (!started.TryTakeLink())
            return;
        _byKey[session] = started;
        _byNumber[started.Number] = started;
        started.Start();
    }

    /// <inheritdoc/>
    public bool Stop(SessionKey session)
    {
        if (!_byKey.TryGetValue(session, out var found))
            return false;
        found.Stop();
        return true;
    }

    /// <inheritdoc/>
    public long NextDeadline => _whenEngineIsDone.Count > 0 ? 0 : Access.NextDeadline;

    /// <inheritdoc/>
    public void OnTurnEnd(long now)
    {
        while (_whenEngineIsDone.TryDequeue(out var work))
            work();
        Access.OnTurn(now);
    }

    /// <inheritdoc/>
    public void Observe(EngineEvent engineEvent)
    {
        if (engineEvent is WaitsForTraffic waits)
            links.HoldOff(waits.Name, waits.HoldOff);
        if (engineEvent is SessionEnded ended && _byKey.TryGetValue(ended.Session.Key, out var session))
            session.OnSessionEnded(ended.Reason);
    }

    /// <summary>Serves requests from outside for all sessions; once, before the loop runs.</summary>
    public void TakeRequests(IRequestSource requests) => Access.Requests = requests;

    /// <summary>Changes what a session may have, by hand.</summary>
    /// <param name="session">The session.</param>
    /// <param name="change">What to change.</param>
    /// <param name="by">Who asked, for the log.</param>
    /// <returns>The outcome; <see cref="ControlOutcome.SessionNotFound"/> if the built-in PPP does not run on it.</returns>
    public ControlOutcome Change(SessionKey session, AuthorisationChange change, string by) =>
        _byKey.TryGetValue(session, out var found) ? Access.Change(found, change, by, Now) : ControlOutcome.SessionNotFound;
    /// <summary>The user of a session; <c>null</c> unless the built-in PPP runs there for a peer.</summary>
    public SubscriberView? SubscriberOf(SessionKey session) =>
        _byKey.TryGetValue(session, out var found) && found.IsServer ? found.SubscriberView() : null;

    /// <summary>The user of a session of the built-in PPP, which may be ourselves; <c>null</c> if it is not known.</summary>
    public string? UserOf(SessionKey session) => _byKey.TryGetValue(session, out var found) ? found.TracedUser : null;

    /// <summary>How far PPP came on a session; empty unless the built-in PPP runs there.</summary>
    public IReadOnlyList<ExplanationStep> Explain(SessionKey session) =>
        _byKey.TryGetValue(session, out var found) ? found.Explain() : [];

    /// <summary>The routes of a session's user.</summary>
    /// <param name="session">The session.</param>
    /// <param name="id">Its id as the API writes it.</param>
    public IReadOnlyList<RouteView> RoutesOf(SessionKey session, string id) =>
        _byKey.TryGetValue(session, out var found) ? found.RouteViews(id) : [];

    /// <summary>The pools of all profiles and of each built-in one, and the prefix pools.</summary>
    public IReadOnlyList<PoolView> ListPools() =>
    [
        .. Pools.All.OrderBy(static pool => pool.Name, StringComparer.Ordinal).Select(static pool => PoolViews.From(pool)),
        .. profiles.All.Where(static profile => profile.Backend == PppBackend.BuiltIn)
            .OrderBy(static profile => profile.Name, StringComparer.Ordinal)
            .SelectMany(profile => _profiles.GetValueOrDefault(profile.Name)?.Addresses.Pools
                .Select(pool => PoolViews.From(pool, profile.Name)) ?? []),
        .. Prefixes?.Space.Pools.OrderBy(static pool => pool.Name, StringComparer.Ordinal).Select(PoolViews.From) ?? [],
    ];

    /// <summary>Sets up what profiles have in common, before the loop runs.</summary>
    /// <returns>Why profiles cannot be used, one text each; empty: all can.</returns>
    public IReadOnlyList<string> Prepare()
    {
        var problems = new List<string>();
        foreach (var profile in UseProfiles())
        {
            if (links.Prepare(InUse(profile).LinkSettings) is { IsNone: false } error)
                problems.Add(Problem(profile, error));
        }

        return problems;
    }

    /// <summary>The same when profiles were replaced.</summary>
    /// <param name="onProblem">Called on the loop, now or later, with the reason why a profile cannot be used.</param>
    public void PrepareRunning(Action<string> onProblem)
    {
        foreach (var profile in UseProfiles())
            links.PrepareRunning(InUse(profile).LinkSettings, error => onProblem(Problem(profile, error)));
    }

    private PppProfile[] UseProfiles()
    {
        var builtIn = profiles.All.Where(static profile => profile.Backend == PppBackend.BuiltIn).ToArray();
        ChangePools(builtIn);
        Filters?.Use(profiles.Filters);
        PoolRoutes?.Replace(Prefixes?.Space.Pools.Select(static pool => pool.Aggregate) ?? []);
        Access.RetainProfiles(builtIn.Select(static profile => profile.Name).ToHashSet(StringComparer.Ordinal));
        return builtIn;
    }

    private static string Problem(PppProfile profile, LinuxError error) => $"PPP profile {profile.Name}: {error}";

    /// <summary>What the session's path carries.</summary>
    internal PathLimit PathOf(PppRequest request, PppProfile profile) => paths.Of(request, profile);

    /// <summary>Runs work at the end of the turn: an L2TP session's end is reported in several calls.</summary>
    internal void WhenEngineIsDone(Action work) => _whenEngineIsDone.Enqueue(work);

    /// <summary>Removes all interfaces, without packets to the peers.</summary>
    public void Dispose()
    {
        foreach (var session in _byKey.Values)
            session.Abandon();
        Access.Close(ServerAttributes(null), Now);
        PoolRoutes?.Replace([]);
        links.Dispose();
        Filters?.Dispose();
        _byKey.Clear();
        _byNumber.Clear();
    }

    /// <summary>A peer failed to authenticate itself.</summary>
    internal void OnAuthenticationFailed(Session session, string text, string user)
    {
        AuthenticationsFailed++;
        AuthenticationFailed?.Invoke(session, text, user);
    }

    /// <summary>A Filter-Id came, and there is no table for it: said once.</summary>
    internal void TellNoFilters(string filter)
    {
        if (!_isNoFilterTold)
            LogNoFilters(log, Printable.Of(filter));
        _isNoFilterTold = true;
    }

    /// <summary>One session per user: a newer one replaces this one.</summary>
    internal void Replace(long number, string by)
    {
        if (_byNumber.TryGetValue(number, out var session))
        {
            session.Close(PppCloseCause.Replaced, $"the user started another session: {by}");
            // Its successor is to have the same prefixes.
            session.ReleasePrefixes();
        }
    }

    /// <summary>The link is closed: removes the session.</summary>
    internal void OnGone(BuiltInSession session, PppEnded ended)
    {
        _byKey.Remove(session.Key);
        _byNumber.Remove(session.Number);
        sink.Submit(ended);
    }

    private NamedPools Pools => _pools ??= new NamedPools(_addresses);

    private void ChangePools(PppProfile[] builtIn) => Pools.Change(
        profiles.NamedPools.SelectMany(static pool => pool.Value.Select(range => new L2tpd.Access.AddressPool(
            pool.Key, BuiltInProfile.AddressOf(range.First), BuiltInProfile.AddressOf(range.Last)))),
        builtIn.Where(static profile => profile.Local is not null).Select(static profile => BuiltInProfile.AddressOf(profile.Local)),
        profiles.UserAddresses);

    private BuiltInProfile InUse(PppProfile profile)
    {
        var known = _profiles.GetValueOrDefault(profile.Name);
        if (known is not null && ReferenceEquals(known.Source, profile))
            return known;
        var made = _profiles[profile.Name] = new BuiltInProfile(
            profile, _addresses, known, AccessOf?.Invoke(profile), profiles.UserAddresses, Pools)
        {
            IdentifierSecret = Prefixes?.IdentifierSecretOf(profile) ?? default,
            PrefixPools = [.. Prefixes?.PoolsOfOnly(profile, profiles.All) ?? []],
            NetworkLayers =
            [
                .. NetworkLayersOf?.Invoke(profile) ?? Ipv6.Of(profile, Prefixes is not null && SubscriberPrefixes.IsUsedBy(profile)),
                .. profile.Inform is { } inform ? [new InformLayerFactory(inform)] : Array.Empty<INetworkLayerFactory>(),
                .. Prefixes?.LayersOf(profile, Ipv6Layers.DhcpOptionsOf(profile)) ?? [],
            ],
        };
        Access.AddProfile(profile.Name, made.Access, ServerAttributes(made.ServerName), isStart: _numbers == 0, Now);
        return made;
    }

    private SessionAttributes ServerAttributes(string? identifier) => new() { SessionId = Run, NasIdentifier = identifier };

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "A user has the Filter-Id {Filter}, which has no effect: write `filters: {{ table: ... }}` if it names an nftables set. Said once")]
    private static partial void LogNoFilters(ILogger log, string filter);

    private sealed class SystemPppRandom : IPppRandom
    {
        public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
    }
}
