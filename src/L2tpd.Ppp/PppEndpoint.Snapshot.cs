using L2tpd.Ppp.Authentication;

namespace L2tpd.Ppp;

/// <content>Hand-over to another process.</content>
public sealed partial class PppEndpoint
{
    /// <summary>The endpoint as another process can continue it; <c>null</c> unless the link is in its network phase.</summary>
    public PppSnapshot? Snapshot(long now) => Phase != PppPhase.Network ? null : new PppSnapshot
    {
        Lcp = _lcp.Snapshot(),
        Authenticator = _lcp.FromPeer == AuthenticationProtocol.None ? null : _authenticator?.Snapshot(now),
        Claimant = _lcp.ToPeer == AuthenticationProtocol.None ? null : _claimant?.Snapshot(),
        Authorisation = Authorisation,
        Grant = _grant is null ? null : AddressGrantSnapshot.Of(_grant),
        Networks = [.. _layers.Select(static layer => layer.Snapshot()).OfType<NetworkLayerSnapshot>()],
        SessionStarted = _sessionStarted,
        SetupLeft = Left(_setupDeadline, now),
        SessionLeft = IsReauthenticating ? 0 : Left(_sessionDeadline, now),
        IdleTimeout = _idleDeadline == long.MaxValue ? 0 : _idleTimeout,
        IdleFor = now - _lastTraffic,
        Attempts = _attempts,
        RenegotiationsTaken = Renegotiations.Taken,
        RenegotiationsIgnored = Renegotiations.Ignored,
    };

    /// <summary>
    /// Makes an endpoint of a snapshot. The host finds the open networks in <see cref="Networks"/>, it is not told of them; nothing is sent
    /// but the requests of layers that were not open.
    /// </summary>
    /// <param name="snapshot">As <see cref="Snapshot"/> made it, of an endpoint with the same profile.</param>
    /// <param name="key">Identifies the endpoint to the host.</param>
    /// <param name="profile">How to run PPP.</param>
    /// <param name="random">Source of magic numbers, challenges and interface identifiers.</param>
    /// <param name="credentials">Our name and password; <c>null</c>: we do not authenticate ourselves.</param>
    /// <param name="grant">The addresses of <see cref="PppSnapshot.Grant"/>, claimed again; the endpoint gives them back at its
    /// end.</param>
    /// <param name="now">Milliseconds.</param>
    /// <param name="effects">What to do.</param>
    public static PppEndpoint Restore(
        PppSnapshot snapshot, long key, PppProfile profile, IPppRandom random, PppCredentials? credentials, AddressGrant? grant, long now,
        IPppEffects effects)
    {
        var endpoint = new PppEndpoint(key, profile, random, credentials);
        endpoint.Take(snapshot, grant, now);
        endpoint.RestoreLayers(snapshot, now, effects);
        return endpoint;
    }

    private static long? Left(long deadline, long now) => deadline == long.MaxValue ? null : Math.Max(0, deadline - now);

    private static long At(long? left, long now) => left is { } some ? now + some : long.MaxValue;

    private void Take(PppSnapshot snapshot, AddressGrant? grant, long now)
    {
        Phase = PppPhase.Network;
        _lcp.Restore(snapshot.Lcp);
        Authorisation = snapshot.Authorisation;
        _grant = grant;
        _attempts = snapshot.Attempts;
        _sessionStarted = snapshot.SessionStarted;
        _setupDeadline = At(snapshot.SetupLeft, now);
        _sessionDeadline = At(snapshot.SessionLeft, now);
        _idleTimeout = snapshot.IdleTimeout;
        _lastTraffic = now - snapshot.IdleFor;
        _idleDeadline = snapshot.IdleTimeout > 0 ? Math.Max(now, _lastTraffic + _idleTimeout) : long.MaxValue;
        Renegotiations.Restore(snapshot.RenegotiationsTaken, snapshot.RenegotiationsIgnored);
        _keepalive.Start(now);
        if (snapshot.Authenticator is { } authenticator)
        {
            _authenticator = AuthenticatorFor(authenticator.Protocol);
            _authenticator.Restore(authenticator, now);
        }

        if (snapshot.Claimant is { } claimant)
        {
            _claimant = new Claimant(this);
            _claimant.Restore(claimant);
        }
    }

    private void RestoreLayers(PppSnapshot snapshot, long now, IPppEffects effects)
    {
        var layers = new List<INetworkLayer>();
        var started = new List<INetworkLayer>();
        foreach (var kind in Profile.NetworkLayers)
        {
            var restored = snapshot.Networks.Select(layer => kind.Restore(this, layer)).FirstOrDefault(static layer => layer is not null);
            if ((restored ?? kind.Create(this)) is not { } made)
                continue;

            layers.Add(made);
            if (restored is null)
                started.Add(made);
        }

        _layers = [.. layers];
        foreach (var layer in started)
            layer.LinkUp(now, effects);
    }
}
