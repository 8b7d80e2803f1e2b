using System.Net;
using L2tpd.Linux;
using L2tpd.Ppp;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>Networks that are routed to the session, besides the peer's own address.</content>
internal sealed partial class BuiltInSession
{
    private readonly Dictionary<IPNetwork, uint> _routes = [];

    /// <inheritdoc/>
    public void AddRoute(PppEndpoint endpoint, IPNetwork destination) => AddRoute(destination, metric: 0);

    /// <inheritdoc/>
    public void RemoveRoute(PppEndpoint endpoint, IPNetwork destination) => RemoveRoute(destination);

    /// <summary>Routes a network to the session; one that is routed already stays as it is.</summary>
    /// <param name="destination">IPv4 or IPv6.</param>
    /// <param name="metric">Metric of the kernel's route; 0: the kernel's default.</param>
    public void AddRoute(IPNetwork destination, uint metric)
    {
        if (_isClosing || _routes.ContainsKey(destination))
            return;
        if (SessionRouting.RouteObjection(_request, destination) is { } objection)
        {
            LogRouteNotAdded(Label, destination, objection);
            return;
        }

        _routes.Add(destination, metric);
        _link.AddRoute(destination, metric);
    }

    /// <summary>Ends a route of <see cref="AddRoute(IPNetwork, uint)"/>; one that is not there changes nothing.</summary>
    public void RemoveRoute(IPNetwork destination)
    {
        if (!_routes.Remove(destination, out var metric) || _isClosing)
            return;
        _link.RemoveRoute(destination, metric);
        TellRouteRemoved(destination);
    }

    /// <inheritdoc/>
    public void OnRouteAdded(IPNetwork destination, LinuxError error)
    {
        if (_isClosing)
            return;
        var isWanted = _routes.ContainsKey(destination)
            || _framed?.Exists(claim => claim.Destination == destination && claim.State == FramedRouteState.Installed) == true;
        if (error.IsNone && isWanted)
            TellRouteInstalled(destination);
        if (OnFramedRouteAdded(destination, error) || error.IsNone)
            return;
        _routes.Remove(destination);
        LogRouteNotAdded(Label, destination, error.ToString());
    }

    private void RemoveRoutes()
    {
        foreach (var destination in _routes.Keys.ToArray())
            RemoveRoute(destination);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Session}: {Destination} is not routed to the session: {Error}. Its addresses cannot be reached")]
    private partial void LogRouteNotAdded(string session, IPNetwork destination, string error);
}
