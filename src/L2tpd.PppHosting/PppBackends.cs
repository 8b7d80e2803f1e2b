using System.Collections.Immutable;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.PppHosting.Pppd;
using L2tpd.PppHosting.Radius;
using L2tpd.Runtime.Counters;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;

namespace L2tpd.PppHosting;

/// <summary>Passes each session to the back end of its profile. Loop thread only.</summary>
public sealed class PppBackends(
    IPppBackend pppd, BuiltInBackend builtIn, RadiusServers radius, PppProfiles profiles, IInputSink sink)
    : IPppBackend, ITurnEnd
{
    private LnsSelection? _selection;

    /// <inheritdoc/>
    public long NextDeadline => Math.Min(builtIn.NextDeadline, _selection?.NextDeadline ?? long.MaxValue);

    /// <inheritdoc/>
    public int Running => pppd.Running + builtIn.Running;

    /// <summary>Sessions on which the built-in PPP has a network layer up.</summary>
    public int NetworksUp => builtIn.NetworksUp;

    /// <summary>Failed authentications of peers, by pppd or by the built-in PPP.</summary>
    public long AuthenticationsFailed => builtIn.AuthenticationsFailed + ((pppd as PppdBackend)?.AuthenticationsFailed ?? 0);

    /// <inheritdoc cref="BuiltInBackend.SubscriberOf"/>
    public SubscriberView? SubscriberOf(SessionKey session) => builtIn.SubscriberOf(session);

    /// <inheritdoc cref="BuiltInBackend.UserOf"/>
    public string? UserOf(SessionKey session) => builtIn.UserOf(session);

    /// <inheritdoc cref="BuiltInBackend.Explain"/>
    public IReadOnlyList<ExplanationStep> Explain(SessionKey session) => builtIn.Explain(session);

    /// <inheritdoc cref="BuiltInBackend.RoutesOf"/>
    public IReadOnlyList<RouteView> RoutesOf(SessionKey session, string id) => builtIn.RoutesOf(session, id);

    /// <inheritdoc cref="BuiltInBackend.ListPools"/>
    public IReadOnlyList<PoolView> Pools => builtIn.ListPools();

    /// <summary>Adds what the layers of sessions count to the registry, before the loop runs.</summary>
    public void Register(CounterRegistry registry)
    {
        builtIn.Ipv6.Register(registry);
        PppMetrics.Register(registry, builtIn);
        builtIn.Prefixes?.Register(registry);
    }

    /// <inheritdoc cref="BuiltInBackend.Prepare"/>
    public IReadOnlyList<string> Prepare()
    {
        builtIn.TakeRequests(radius.Requests);
        return [.. radius.Prepare(), .. builtIn.Prepare()];
    }

    /// <summary>The RADIUS servers of all profiles.</summary>
    public RadiusServers Radius => radius;

    /// <summary>Takes over RADIUS servers that changed; before <see cref="PrepareRunning"/>.</summary>
    public void ChangeRadius(RadiusSettings? settings) => radius.Change(settings);

    /// <summary>Makes what answers the engine's questions which LNS to dial; once.</summary>
    public LnsSelection SelectLns(HostResolver resolver) => _selection = radius.SelectLns(sink, resolver);

    /// <inheritdoc/>
    public void OnTurnEnd(long now)
    {
        _selection?.OnTurnEnd(now);
        builtIn.OnTurnEnd(now);
    }

    /// <summary>Takes over prefix pools that changed; before <see cref="PrepareRunning"/>.</summary>
    public void ChangePrefixPools(ImmutableArray<PrefixPoolSettings> pools) => builtIn.Prefixes?.Change(pools);

    /// <inheritdoc cref="BuiltInBackend.UseDemand"/>
    public void UseDemand(IEnumerable<LacTunnel> tunnels) => builtIn.UseDemand(tunnels);

    /// <inheritdoc cref="BuiltInBackend.PrepareRunning"/>
    public void PrepareRunning(Action<string> onProblem)
    {
        foreach (var problem in radius.Prepare())
            onProblem(problem);
        builtIn.PrepareRunning(onProblem);
    }

    /// <inheritdoc cref="BuiltInBackend.Change"/>
    public ControlOutcome Change(SessionKey session, AuthorisationChange change, string by) => builtIn.Change(session, change, by);

    /// <summary>Adds the counters of RADIUS to the registry.</summary>
    public void RegisterRadius(CounterRegistry registry)
    {
        registry.Add(
            new CounterFamily(
                "l2tpd_radius_dynamic_requests_total", "requests", "CoA- and Disconnect-Requests received, by what became of them.")
            { Labels = ["result"] },
            samples =>
            {
                foreach (var (result, count) in radius.RequestCounters)
                    samples.Add(count, result);
            });
        registry.Add(
            new CounterFamily("l2tpd_radius_accounting_spooled", "records", "Accounting records that wait on disk.")
            { Kind = CounterKind.Gauge },
            () => radius.Spooled);
        registry.Add(
            new CounterFamily(
                "l2tpd_radius_accounting_lost_total", "records", "Accounting records of the spool that were lost: too old, or no room."),
            () => radius.RecordsLost);
    }

    /// <inheritdoc/>
    public void Start(SessionKey session, PppRequest request) =>
        (profiles.TryGet(request.Profile, out var profile, out _) && profile.Backend == PppBackend.BuiltIn ? builtIn : pppd)
        .Start(session, request);

    /// <inheritdoc/>
    public bool Stop(SessionKey session)
    {
        // One back end has the session, or none: PPP has ended, or never started (null data plane). The engine waits for the end in any
        // case.
        if (pppd.Stop(session) || builtIn.Stop(session))
            return true;
        sink.Submit(PppEndCodes.Stopped(session));
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        pppd.Dispose();
        builtIn.Dispose();
        radius.Dispose();
        builtIn.Prefixes?.Dispose();
    }
}
