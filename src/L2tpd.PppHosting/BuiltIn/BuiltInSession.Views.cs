using L2tpd.Control;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>What l2tpctl shows of the session's user.</content>
internal sealed partial class BuiltInSession
{
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
