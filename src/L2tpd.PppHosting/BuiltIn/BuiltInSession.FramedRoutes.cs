using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using L2tpd.Linux;
using L2tpd.Ppp;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>
/// Routes of the user (Framed-Route, Framed-IPv6-Route, Framed-IP-Netmask): claimed when the layer of their family is up, and given back
/// when it goes down.
/// </content>
internal sealed partial class BuiltInSession
{
    private List<FramedRouteClaim>? _framed;
    private ImmutableArray<FramedRoute>? _changedRoutes;

    /// <summary>The routes that the user should have, also those that were refused.</summary>
    public IReadOnlyList<FramedRouteClaim> FramedRoutes => _framed ?? (IReadOnlyList<FramedRouteClaim>)[];

    /// <summary>Replaces the routes of a session that is up. Routes that it keeps are not interrupted.</summary>
    public void ChangeRoutes(ImmutableArray<FramedRoute> routes)
    {
        _changedRoutes = routes;
        foreach (var network in new[] { _ipv4, _ipv6 })
        {
            if (network is not null)
                AddFramedRoutes(network);
        }
    }

    /// <inheritdoc/>
    void IFramedRouteOwner.InstallRoute(FramedRouteClaim claim)
    {
        // A prefix of the session itself is routed already.
        if (!_isClosing && !_routes.ContainsKey(claim.Destination))
            _link.AddRoute(claim.Destination, claim.Metric);
    }

    /// <inheritdoc/>
    void IFramedRouteOwner.UninstallRoute(FramedRouteClaim claim)
    {
        if (_routes.ContainsKey(claim.Destination))
            return;
        _link.RemoveRoute(claim.Destination, claim.Metric);
        TellRouteRemoved(claim.Destination);
    }

    /// <summary>Claims the routes of one family; those that are claimed already stay.</summary>
    private void AddFramedRoutes(LinkNetwork network)
    {
        if (!_request.Server || _endpoint.Authorisation is not { } authorisation)
            return;
        if (_changedRoutes is { } changed)
            authorisation = authorisation with { Routes = changed };
        var choice = new FramedRouteChoice(_profile.Source.FramedRoutes, _request.Session.Tunnel.Path.Remote.ToIPAddress());
        var wanted = choice.Of(authorisation, network.Peer, network.IsIPv6);
        foreach (var claim in ClaimsOf(network.IsIPv6)
            .Where(claim => !wanted.Any(one => one.Objection is null && IsSame(claim, one.Route))).ToArray())
        {
            GiveBack(claim);
        }

        foreach (var (route, objection) in wanted)
        {
            if (objection is not null || !ClaimsOf(network.IsIPv6).Any(claim => IsSame(claim, route)))
                Claim(route, objection);
        }
    }

    private void Claim(FramedRoute route, string? objection)
    {
        var claim = new FramedRouteClaim(this, route.Destination, route.Gateway, route.Metric) { Problem = objection };
        (_framed ??= []).Add(claim);
        if (objection is not null)
        {
            TellNoRoute(claim, objection);
            return;
        }

        _backend.Routes.Add(claim);
        if (claim.State == FramedRouteState.Waiting)
            TellNoRoute(claim, $"session {_backend.Routes.HolderOf(claim.Destination)} has it; it is added when that session ends");
    }

    /// <summary>A layer is down, or the session ends: routes of other sessions that waited take over.</summary>
    private void RemoveFramedRoutes(bool? isIPv6 = null)
    {
        foreach (var claim in ClaimsOf(isIPv6).ToArray())
            GiveBack(claim);
    }

    private void GiveBack(FramedRouteClaim claim)
    {
        _framed!.Remove(claim);
        _backend.Routes.Remove(claim);
    }

    /// <summary>True if the route is one of the user's.</summary>
    private bool OnFramedRouteAdded(IPNetwork destination, LinuxError error)
    {
        if (_routes.ContainsKey(destination) || _framed?.Find(claim => claim.Destination == destination) is not { } claim)
            return false;
        if (!error.IsNone && claim.State == FramedRouteState.Installed)
        {
            // The claim stays: no other session would have more success, and the route belongs to this one.
            (claim.State, claim.Problem) = (FramedRouteState.Failed, error.ToString());
            TellNoRoute(claim, error.Errno == Errno.EEXIST ? $"{error}: another route to it is not l2tpd's" : error.ToString());
        }

        return true;
    }

    private IEnumerable<FramedRouteClaim> ClaimsOf(bool? isIPv6) => (_framed ?? []).Where(claim => isIPv6 is null
        || claim.Destination.BaseAddress.AddressFamily == (isIPv6.Value ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork));

    private static bool IsSame(FramedRouteClaim claim, FramedRoute route) => claim.State != FramedRouteState.Refused
        && claim.Destination == route.Destination && claim.Metric == route.Metric;

    private void TellNoRoute(FramedRouteClaim claim, string why)
    {
        if (_backend.Lines.TryTake(SubscriberLine.Route, User, out var unsaid))
            LogNoFramedRoute(Label, User, claim.Destination, why, unsaid);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Session}: the route {Destination} of {User} is not installed: {Why}{Unsaid}")]
    private partial void LogNoFramedRoute(string session, string user, IPNetwork destination, string why, string unsaid);
}
