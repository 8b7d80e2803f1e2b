using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Inputs;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>What l2tpctl shows of the session's user.</content>
internal sealed partial class BuiltInSession
{
    private SessionUser? _userReported;

    /// <summary>The session is a peer's.</summary>
    public bool IsServer => _request.Server;

    /// <summary>The user of a subscriber's session, with the times that are left.</summary>
    public SubscriberView SubscriberView()
    {
        NoteTraffic();
        var filters = FilterNames.ToArray();
        var routes = FramedRoutes.Where(static claim => claim.State == FramedRouteState.Installed)
            .Select(static claim => claim.Destination.ToString()).ToArray();
        return new SubscriberView
        {
            User = _user ?? _endpoint.PeerName,
            SessionSecondsLeft = Left(_endpoint.SessionDeadline),
            ReauthenticatesThen = _endpoint.Authorisation is { ReauthenticateAtTimeout: true } ? true : null,
            IdleSecondsLeft = Left(_endpoint.IdleDeadline),
            Filters = filters.Length > 0 ? filters : null,
            Routes = routes.Length > 0 ? routes : null,
        };
    }

    /// <summary>Tells the engine who uses the session and what the user has, if that is new.</summary>
    private void ReportUser()
    {
        if (_isClosing || _isStopped)
            return;
        var prefixes = _prefixes is null ? "" : string.Join(' ', _prefixes.Networks);
        var user = new SessionUser
        {
            Name = _user ?? _endpoint.PeerName ?? (_request.Server ? null : _profile.Source.User),
            AccountingId = _accounting.Session.SessionId,
            Ipv6Address = _ipv6?.Peer?.ToString(),
            Prefixes = prefixes.Length > 0 ? prefixes : null,
            Mtu = (_ipv4 ?? _ipv6)?.Mtu,
            MtuOfEsp = _path is { Esp: { } esp, Payload: var payload } && (_ipv4 ?? _ipv6)?.Mtu >= payload ? esp : null,
        };
        if (user == _userReported)
            return;
        _userReported = user;
        _backend.Sink.Submit(new PppUser(Key, user));
    }

    /// <summary>The routes of the user, also those that were not installed.</summary>
    /// <param name="id">The session's id as the API writes it.</param>
    public IReadOnlyList<RouteView> RouteViews(string id) => FramedRoutes.Count == 0 ? [] :
    [
        .. FramedRoutes.Select(claim => new RouteView
        {
            Destination = claim.Destination.ToString(),
            Gateway = claim.Gateway?.ToString(),
            Metric = claim.Metric,
            Session = Name,
            Id = id,
            User = _user ?? _endpoint.PeerName,
            State = claim.State switch
            {
                FramedRouteState.Installed => "installed",
                FramedRouteState.Waiting => "waiting",
                FramedRouteState.Refused => "refused",
                _ => "failed",
            },
            Problem = claim.State == FramedRouteState.Waiting
                ? $"session {_backend.Routes.HolderOf(claim.Destination)} has it" : claim.Problem,
        }),
    ];

    private double? Left(long deadline) => deadline == long.MaxValue ? null : Math.Max(0, deadline - Now) / 1000.0;
}
