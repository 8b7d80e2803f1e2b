using System.Collections.Immutable;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.PppHosting.Pppd;
using L2tpd.PppHosting.Radius;
using L2tpd.Runtime.Counters;
using L2tpd.Runtime.Loop;

namespace L2tpd.PppHosting;

/// <summary>Passes each session to the back end of its profile. Loop thread only.</summary>
public sealed class PppBackends(
    IPppBackend pppd, BuiltInBackend builtIn, RadiusServers radius, PppProfiles profiles, IInputSink sink) : IPppBackend
{
    /// <inheritdoc/>
    public int Running => pppd.Running + builtIn.Running;

    /// <summary>Sessions on which the built-in PPP has a network layer up.</summary>
    public int NetworksUp => builtIn.NetworksUp;

    /// <summary>Failed authentications of peers, by pppd or by the built-in PPP.</summary>
    public long AuthenticationsFailed => builtIn.AuthenticationsFailed + ((pppd as PppdBackend)?.AuthenticationsFailed ?? 0);

    /// <inheritdoc cref="BuiltInBackend.SubscriberOf"/>
    public SubscriberView? SubscriberOf(SessionKey session) => builtIn.SubscriberOf(session);

    /// <inheritdoc cref="BuiltInBackend.RoutesOf"/>
    public IReadOnlyList<RouteView> RoutesOf(SessionKey session, string id) => builtIn.RoutesOf(session, id);

    /// <summary>Adds what the layers of sessions count to the registry, before the loop runs.</summary>
    public void Register(CounterRegistry registry)
    {
        builtIn.Ipv6.Register(registry);
        builtIn.Prefixes?.Register(registry);
    }

    /// <inheritdoc cref="BuiltInBackend.Prepare"/>
    public IReadOnlyList<string> Prepare() => builtIn.Prepare();

    /// <summary>The RADIUS servers of all profiles.</summary>
    public RadiusServers Radius => radius;

    /// <summary>Takes over RADIUS servers that changed; before <see cref="PrepareRunning"/>.</summary>
    public void ChangeRadius(RadiusSettings? settings) => radius.Change(settings);

    /// <summary>Takes over prefix pools that changed; before <see cref="PrepareRunning"/>.</summary>
    public void ChangePrefixPools(ImmutableArray<PrefixPoolSettings> pools) => builtIn.Prefixes?.Change(pools);

    /// <inheritdoc cref="BuiltInBackend.PrepareRunning"/>
    public void PrepareRunning(Action<string> onProblem) => builtIn.PrepareRunning(onProblem);

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
