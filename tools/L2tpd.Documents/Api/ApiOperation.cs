using System.Text.Json.Serialization.Metadata;
using L2tpd.Control;

namespace L2tpd.Documents.Api;

/// <summary>One operation of the control API.</summary>
/// <param name="Method">Method of HTTP.</param>
/// <param name="Path">As in <see cref="ControlRoutes"/>.</param>
/// <param name="Summary">What it does, in one sentence.</param>
/// <param name="Answer">The view of the answer; <c>null</c> for <see cref="ContentType"/> that is not JSON.</param>
/// <param name="Keys">Query keys; a key that the query must have ends in "!".</param>
/// <param name="ContentType">Of the answer.</param>
public sealed record ApiOperation(
    string Method, string Path, string Summary, JsonTypeInfo? Answer, string[] Keys, string ContentType = "application/json")
{
    private const string Name = ControlRoutes.NameKey;
    private const string NameNeeded = Name + "!";

    private static readonly string[] Page = [Name, ControlRoutes.AfterKey, ControlRoutes.LimitKey];
    private static readonly string[] Selector = [.. SessionSelector.Keys];

    /// <summary>All operations, in the order of the document.</summary>
    public static IReadOnlyList<ApiOperation> All { get; } = [.. Questions(), .. Commands()];

    private static IEnumerable<ApiOperation> Questions()
    {
        var json = ControlJson.Default;
        yield return new("GET", ControlRoutes.Status, "The daemon as a whole.", json.StatusView, []);
        yield return new("GET", ControlRoutes.Tunnels, "Tunnels, by rising id.", json.TunnelPage, Page);
        yield return new(
            "GET", ControlRoutes.Sessions, "Sessions, by rising tunnel id, then session id.", json.SessionPage, [.. Page, .. Selector]);
        yield return new(
            "GET", ControlRoutes.Busiest, "The busiest of all sessions, the busiest first.", json.BusiestView,
            [ControlRoutes.OrderKey, ControlRoutes.LimitKey]);
        yield return new("GET", ControlRoutes.Routes, "Routes of users, in the order of their sessions.", json.RoutePage, Page);
        yield return new("GET", ControlRoutes.Peers, "Peers, in the order of the configuration.", json.PeerPage, Page);
        yield return new("GET", ControlRoutes.History, "Ended and refused tunnels and sessions, the latest first.", json.HistoryPage, Page);
        yield return new("GET", ControlRoutes.Counters, "Counters, those whose name contains `name`.", json.CountersView, [Name]);
        yield return new("GET", ControlRoutes.Metrics, "Counters in Prometheus' text format.", null, [], "text/plain");
        yield return new("GET", ControlRoutes.Radius, "RADIUS servers.", json.RadiusView, []);
        yield return new("GET", ControlRoutes.Pools, "Pools of addresses and IPv6 prefixes.", json.PoolsView, []);
        yield return new(
            "GET", ControlRoutes.Events, "Events as server-sent events; the data of each is one object.", json.EventView,
            [Name, ControlRoutes.AfterKey, ControlRoutes.FollowKey], ControlRoutes.EventStreamType);
        yield return new(
            "GET", ControlRoutes.Trace, "Control messages and PPP frames as they pass, as server-sent events.", json.TraceView,
            [NameNeeded, ControlRoutes.ForKey, ControlRoutes.CountKey], ControlRoutes.EventStreamType);
        yield return new("GET", ControlRoutes.Tunnel, "One tunnel.", json.TunnelView, [NameNeeded]);
        yield return new("GET", ControlRoutes.Session, "One session, by name or selectors.", json.SessionView, [Name, .. Selector]);
        yield return new(
            "GET", ControlRoutes.Explain, "How far a tunnel, session or user came, and what it waits for or died of.", json.ExplanationView,
            [NameNeeded]);
        yield return new(
            "GET", ControlRoutes.Configuration, "The configuration in force, with secrets masked.", json.ConfigurationView, []);
        yield return new("GET", ControlRoutes.Drain, "What is drained.", json.DrainView, []);
    }

    private static IEnumerable<ApiOperation> Commands()
    {
        var json = ControlJson.Default;
        yield return new("DELETE", ControlRoutes.Tunnel, "Closes a tunnel; does not wait for the peer.", json.ClosedView, [NameNeeded]);
        yield return new(
            "DELETE", ControlRoutes.Session, "Closes a session; does not wait for the peer.", json.ClosedView, [Name, .. Selector]);
        yield return new(
            "PATCH", ControlRoutes.Session, "Changes a session of the built-in PPP that is up, all or nothing.", json.ChangedView,
            [NameNeeded, .. ControlRoutes.ChangeKeys]);
        yield return new(
            "POST", ControlRoutes.Tunnel, "Opens, resets, holds down or releases a tunnel of the configuration.", json.ActionView,
            [NameNeeded, ControlRoutes.ActionKey + "!"]);
        yield return new(
            "POST", ControlRoutes.Session, "The same for a session of the configuration.", json.ActionView,
            [NameNeeded, ControlRoutes.ActionKey + "!"]);
        yield return new(
            "POST", ControlRoutes.Closing, "Closes all selected sessions, so many per second.", json.ClosingView,
            [.. Selector, ControlRoutes.AllKey, ControlRoutes.RateKey]);
        yield return new("DELETE", ControlRoutes.Closing, "Stops that.", json.ClosingView, []);
        yield return new(
            "POST", ControlRoutes.Drain, "Peers get no new tunnels and sessions: all, or the one of `name`.", json.DrainView, [Name]);
        yield return new("DELETE", ControlRoutes.Drain, "They get them again.", json.DrainView, [Name]);
        yield return new(
            "POST", ControlRoutes.Log, "Sets the level of the log for a while.", json.LogLevelView,
            [ControlRoutes.LevelKey + "!", Name, ControlRoutes.ForKey]);
        yield return new(
            "POST", ControlRoutes.Reload, "Reads the configuration again, and applies it.", json.ReloadView,
            [ControlRoutes.ForceKey, ControlRoutes.DryRunKey]);
    }
}
