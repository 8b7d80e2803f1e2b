using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Operations.Control;

namespace L2tpd.Unit.Tests.Operations.Control;

/// <summary>Pages of the routes of users.</summary>
public sealed class RouteWalkTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public void A_walk_sees_every_route_once_whatever_the_size_of_a_page(int limit)
    {
        var pair = Pair();
        var seen = new List<string>();
        var pages = 0;
        for (string? after = null; ;)
        {
            var page = RouteWalk.Routes(pair.Lns.Tunnels, new PageRequest(null, after, limit), Routes);
            Assert.InRange(page.Items.Count, 0, limit);
            seen.AddRange(page.Items.Select(static route => $"{route.Id} {route.Destination}"));
            pages++;
            if ((after = page.Next) is null)
                break;
        }

        Assert.Equal(3 * 2, seen.Distinct().Count());
        Assert.Equal((6, (6 + limit - 1) / limit), (seen.Count, pages));
    }

    [Fact]
    public void A_name_limits_the_walk_to_one_session_or_its_tunnel()
    {
        var pair = Pair();
        var session = pair.Lns.Tunnels.Single().Sessions.Values.First();
        Assert.Equal(2, RouteWalk.Routes(pair.Lns.Tunnels, new PageRequest(session.Name), Routes).Items.Count);
        Assert.Equal(2, RouteWalk.Routes(pair.Lns.Tunnels, new PageRequest(NameLookup.Id(session)), Routes).Items.Count);
        Assert.Equal(6, RouteWalk.Routes(pair.Lns.Tunnels, new PageRequest(session.Tunnel.Name), Routes).Items.Count);
        Assert.Empty(RouteWalk.Routes(pair.Lns.Tunnels, new PageRequest("nobody"), Routes).Items);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1/2")]
    [InlineData("a/b/c")]
    [InlineData("1/2/-1")]
    public void A_cursor_of_something_else_is_refused(string after) => Assert.Throws<ControlRequestException>(
        () => RouteWalk.Routes(Pair().Lns.Tunnels, new PageRequest(null, after), Routes));

    private static EnginePair Pair() => new(1, EnginePair.Tunnel(
        "up", [.. Enumerable.Range(0, 3).Select(static i => new L2tpd.Engine.Configuration.LacSession { Name = $"s{i}" })]));

    private static IReadOnlyList<RouteView> Routes(Session session) =>
    [
        .. new[] { "198.51.100.0/24", "198.51.101.0/24" }.Select(destination => new RouteView
        {
            Destination = destination, Metric = 0, Session = session.Name, Id = NameLookup.Id(session), State = "installed",
        }),
    ];
}
