using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using L2tpd.Control;
using L2tpd.Operations.Control;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Control;

public sealed class ContractTests
{
    [Fact]
    public void Every_view_comes_back_whole()
    {
        RoundTrip(Samples.Status, ControlJson.Default.StatusView);
        RoundTrip(Samples.Tunnel, ControlJson.Default.TunnelView);
        RoundTrip(Samples.Session, ControlJson.Default.SessionView);
        RoundTrip(Samples.Configuration, ControlJson.Default.ConfigurationView);
        RoundTrip(Samples.Explanation, ControlJson.Default.ExplanationView);
        RoundTrip(Samples.Route, ControlJson.Default.RouteView);
        RoundTrip(Samples.Peer, ControlJson.Default.PeerView);
        RoundTrip(Samples.Ended, ControlJson.Default.HistoryEntryView);
        RoundTrip(new CountersView([Samples.Labelled, Samples.Plain]), ControlJson.Default.CountersView);
        RoundTrip(new RadiusView([Samples.RadiusServer]), ControlJson.Default.RadiusView);
        RoundTrip(new PoolsView([Samples.Pool]), ControlJson.Default.PoolsView);
        RoundTrip(new BusiestView(1.5, [new BusySessionView(1, 2, Samples.Session)]), ControlJson.Default.BusiestView);
        RoundTrip(Samples.Event, ControlJson.Default.EventView);
        RoundTrip(new ClosedView("a", "1", 3), ControlJson.Default.ClosedView);
        RoundTrip(new DrainView(true, ["a"], 1, 2), ControlJson.Default.DrainView);
        RoundTrip(Samples.Reload, ControlJson.Default.ReloadView);
        RoundTrip(new Problem(ProblemTypes.Ambiguous, "t", 409, "d", ["1/2"], ["e"]), ControlJson.Default.Problem);
        RoundTrip(new Page<TunnelView>([Samples.Tunnel, Samples.HalfOpen], "7"), ControlJson.Default.TunnelPage);
    }

    [Fact]
    public void The_samples_set_every_field()
    {
        AllSet(Samples.Status);
        AllSet(Samples.Tunnel);
        AllSet(Samples.Session);
        AllSet(Samples.Explanation);
        AllSet(Samples.Route);
        AllSet(Samples.Peer);
        AllSet(Samples.Ended);
        AllSet(Samples.RadiusServer);
        AllSet(Samples.Pool);
        AllSet(Samples.Event);
        AllSet(Samples.Labelled);
    }

    [Fact]
    public void Names_are_camel_case_and_nulls_are_left_out()
    {
        Assert.Equal(
            """{"type":"urn:l2tpd:not-found","title":"no such tunnel","status":404}""",
            JsonSerializer.Serialize(new Problem(ProblemTypes.NotFound, "no such tunnel", 404), ControlJson.Default.Problem));
        var json = JsonSerializer.Serialize(Samples.HalfOpen, ControlJson.Default.TunnelView);
        Assert.StartsWith(
            """{"name":"hq","peer":"hq","localId":7,"peerId":0,"version":2,"role":"initiator","state":"wait-ctl-reply",""", json);
        Assert.Contains(
            ""","remote":"[2001:db8::1]:1701","authenticated":false,"sessions":0,"counters":{"messagesSent":1201,""", json);
        Assert.DoesNotContain("null", json);
    }

    [Fact]
    public void Members_of_a_newer_daemon_are_passed_over()
    {
        var closed = JsonSerializer.Deserialize("""{"name":"a","id":"1","invented":{"x":[1]}}""", ControlJson.Default.ClosedView);
        Assert.Equal(new ClosedView("a", "1"), closed);
    }

    [Fact]
    public void The_api_document_names_every_route_and_member()
    {
        var document = RepositoryFiles.Text("docs/control-api.md");
        foreach (var route in new[]
                 {
                     ControlRoutes.Status, ControlRoutes.Tunnels, ControlRoutes.Sessions, ControlRoutes.Peers, ControlRoutes.History,
                     ControlRoutes.Routes, ControlRoutes.Drain, ControlRoutes.Closing,
                     ControlRoutes.Tunnel, ControlRoutes.Session, ControlRoutes.Reload, ControlRoutes.Counters, ControlRoutes.Events,
                     ControlRoutes.Radius, ControlRoutes.Pools, ControlRoutes.Metrics, ControlRoutes.Trace, ControlRoutes.Log,
                     ControlRoutes.Explain, ControlRoutes.Configuration, ControlRoutes.Busiest,
                 })
        {
            Assert.Contains($"{route}`", document);
        }

        foreach (var type in new[]
                 {
                     ProblemTypes.NotFound, ProblemTypes.Ambiguous, ProblemTypes.BadRequest, ProblemTypes.Forbidden,
                     ProblemTypes.Internal, ProblemTypes.Unavailable, ProblemTypes.ReloadRefused,
                 })
        {
            Assert.Contains(type, document);
        }

        foreach (var type in new JsonTypeInfo[]
                 {
                     ControlJson.Default.StatusView, ControlJson.Default.TunnelView, ControlJson.Default.SessionView,
                     ControlJson.Default.SubscriberView, ControlJson.Default.ExplanationView, ControlJson.Default.ConfigurationView,
                     ControlJson.Default.ExplanationStep, ControlJson.Default.ExplanationPast, ControlJson.Default.RouteView,
                     ControlJson.Default.PeerView, ControlJson.Default.HistoryEntryView, ControlJson.Default.ClosedView,
                     ControlJson.Default.ReloadView, ControlJson.Default.ReloadChange,
                     ControlJson.Default.LastReloadView, ControlJson.Default.DrainView,
                     ControlJson.Default.ActionView, ControlJson.Default.ClosingView, ControlJson.Default.Problem,
                     ControlJson.Default.TunnelPage, ControlJson.Default.CountersView, ControlJson.Default.CounterView,
                     ControlJson.Default.CounterSampleView, ControlJson.Default.CounterBucketView,
                     ControlJson.Default.EventView, ControlJson.Default.TraceView, ControlJson.Default.LogLevelView,
                     ControlJson.Default.RadiusView, ControlJson.Default.RadiusServerView,
                     ControlJson.Default.PoolsView, ControlJson.Default.PoolView,
                     ControlJson.Default.BusiestView, ControlJson.Default.BusySessionView,
                 })
        {
            foreach (var member in type.Properties)
            {
                Assert.True(
                    document.Contains($"`{member.Name}`", StringComparison.Ordinal),
                    $"docs/control-api.md lacks `{member.Name}` of {type.Type.Name}");
            }
        }

        foreach (var counter in EngineCounterTable.Members.Concat(TunnelCounterTable.All.Select(static one => one.Member)))
            Assert.True(document.Contains($"`{counter}`", StringComparison.Ordinal), $"docs/control-api.md lacks the counter `{counter}`");
    }

    private static void RoundTrip<T>(T value, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.Serialize(value, type);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize(json, type)!, type));
    }

    // Otherwise a field that is lost in the round trip would not be noticed.
    private static void AllSet(object view)
    {
        foreach (var property in view.GetType().GetProperties())
        {
            var value = property.GetValue(view);
            Assert.True(value is not null, $"{view.GetType().Name}.{property.Name} is not set");
            if (property.PropertyType.Namespace == "L2tpd.Control")
                AllSet(value);
        }
    }
}
