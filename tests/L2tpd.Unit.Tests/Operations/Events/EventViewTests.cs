using System.Net;
using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Operations.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Control;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Operations.Events;

public sealed class EventViewTests(ITestOutputHelper output)
{
    private static readonly EndReason Closed = new() { Cause = EndCause.Administrative, Text = "closed by root" };

    private static readonly EnginePair Pair = new(1, EnginePair.Tunnel("hq", new LacSession { Name = "a" }));

    private static Tunnel Tunnel => Pair.Lac.Tunnels.Single();

    private static Session Session => Tunnel.Sessions.Values.Single();

    [Fact]
    public void Every_event_has_a_view_of_its_own_that_the_document_names()
    {
        var events = All();
        var types = new[] { typeof(EngineEvent).Assembly, typeof(DaemonEvent).Assembly }
            .SelectMany(static assembly => assembly.GetTypes())
            .Where(static type => !type.IsAbstract && type.IsSubclassOf(typeof(OperationsEvent)));
        Assert.Equal(types.Select(static type => type.Name).Distinct().Order(), events.Select(static one => one.GetType().Name).Order());

        var document = RepositoryFiles.Text("docs/control-api.md");
        var views = events.ConvertAll(static one => EventViews.From(one, 7, DateTimeOffset.UnixEpoch, 20_000));
        Assert.Equal(views.Count, views.Select(static view => view.Kind).Distinct().Count());
        Assert.All(views, view =>
        {
            Assert.NotEqual("other", view.Kind);
            Assert.NotEmpty(view.Text);
            Assert.Contains($"`{view.Kind}`", document);
            Assert.Contains($"`{view.Area}`", document);
            Assert.Equal((7, DateTimeOffset.UnixEpoch), (view.Number, view.At));
        });
    }

    [Fact]
    public void What_is_kept_takes_five_megabytes_at_most()
    {
        const long most = 5_000_000;
        var events = All();
        EventView[] views = [];
        var octets = Allocations.Of(
            () => views = [.. events.Select(static one => EventViews.From(one, 7, DateTimeOffset.UnixEpoch, 20_000))],
            most * events.Count / EventStream.Kept) / events.Count;
        output.WriteLine($"{octets} octets an event, {views.Length} kinds of events");
        Assert.InRange(octets * EventStream.Kept, 1, most);
    }

    [Fact]
    public void A_session_that_ends_is_described()
    {
        var view = EventViews.From(new SessionEnded(Session, Closed), 1, default, Session.EstablishedAt!.Value.Milliseconds + 2_500);
        Assert.Equal(("session", "session-down", "hq/a", "hq", "hq"), (view.Area, view.Kind, view.Name, view.Tunnel, view.Peer));
        Assert.Equal((Tunnel.LocalId.Value, Session.LocalId.Value, Session.PeerId.Value), (view.TunnelId, view.SessionId, view.PeerId));
        Assert.Equal(("administrative", "closed by root", 2.5), (view.Cause, view.Text, view.UpSeconds));
    }

    [Fact]
    public void A_network_that_is_up_has_interface_and_addresses()
    {
        var view = EventViews.From(new SessionNetworkUp(Session, "ppp0", "10.0.0.1", "10.0.0.7"), 1, default, 0);
        Assert.Equal(
            ("network", "network-up", "ppp0", "10.0.0.1", "10.0.0.7"),
            (view.Area, view.Kind, view.Interface, view.LocalAddress, view.PeerAddress));
    }

    [Fact]
    public void What_a_user_has_is_described_with_the_user()
    {
        var address = EventViews.From(new AddressAssigned(Session, "10.0.0.7", "from the pool a") { User = "bob" }, 1, default, 0);
        Assert.Equal(
            ("address", "address-assigned", "bob", "10.0.0.7", "the peer has 10.0.0.7, from the pool a", null),
            (address.Area, address.Kind, address.User, address.PeerAddress, address.Text, address.Network));
        var prefix = EventViews.From(new PrefixReleased(Session, IPNetwork.Parse("2001:db8::/56")) { User = "bob" }, 1, default, 0);
        Assert.Equal(("prefix-released", "2001:db8::/56", null), (prefix.Kind, prefix.Network, prefix.PeerAddress));
    }

    [Fact]
    public void The_data_path_is_that_of_a_tunnel_or_of_a_session()
    {
        var ofTunnel = EventViews.From(new DataPathFailed(Tunnel, null, "no such device"), 1, default, 0);
        Assert.Equal(("data-plane", "data-path-failed", "hq", null, "no such device"),
            (ofTunnel.Area, ofTunnel.Kind, ofTunnel.Name, ofTunnel.SessionId, ofTunnel.Text));
        var ofSession = EventViews.From(new DataPathCreated(Tunnel, Session, "eth7"), 1, default, 0);
        Assert.Equal(("hq/a", "hq", "eth7"), (ofSession.Name, ofSession.Tunnel, ofSession.Interface));
    }

    [Fact]
    public void A_dispatcher_hands_each_event_to_all_observers_in_turn()
    {
        var seen = new List<string>();
        var dispatcher = new EventDispatcher(
            new Observer(one => seen.Add($"first {one.GetType().Name}")), new Observer(one => seen.Add($"second {one.GetType().Name}")));
        dispatcher.Observe(new TunnelEstablished(Tunnel));
        dispatcher.Publish(new ShutDownStarted());
        Assert.Equal(["first TunnelEstablished", "second TunnelEstablished", "first ShutDownStarted", "second ShutDownStarted"], seen);
    }

    private static List<OperationsEvent> All() =>
    [
        new TunnelEstablished(Tunnel),
        new TunnelEnded(Tunnel, Closed, 1),
        new SessionEstablished(Session),
        new SessionUserChanged(Session, true),
        new SessionNetworkUp(Session, "ppp0", null, null),
        new SessionEnded(Session, Closed),
        new TunnelRefused(EnginePair.LacEnd, "host", new ResultCode(4), "no peer profile fits"),
        new TunnelNotCompleted(EnginePair.LacEnd, "any", "host", new TunnelId(1), new TunnelId(2), Closed),
        new SessionRefused(Tunnel, new SessionId(5), new ResultCode(4), "no session here"),
        new RetryScheduled("hq", 2, TimeSpan.FromSeconds(5), "it ended"),
        new RetryAbandoned("hq/a", 3, "the user is refused"),
        new RedirectionRefused("hq", EnginePair.LnsEnd, IPAddress.Loopback, RedirectPolicy.SamePrefix),
        new WaitsForTraffic("hq/a", TimeSpan.FromSeconds(2), "it was idle"),
        new DialledByTraffic("hq/a"),
        new Dialling("hq", EnginePair.LnsEnd),
        new TunnelShared("branch", Tunnel),
        new PeerFellSilent(Tunnel),
        new PeerAnsweredAgain(Tunnel),
        new DigestsFail(Tunnel),
        new DataPathCreated(Tunnel, Session, "l2tpeth0"),
        new DataPathFailed(Tunnel, null, "the kernel refuses the tunnel"),
        new DataPathRemoved(Tunnel, Session),
        new AddressAssigned(Session, "10.0.0.7", "from the pool a"),
        new AddressReleased(Session, "10.0.0.7"),
        new PrefixAssigned(Session, IPNetwork.Parse("2001:db8::/56"), "delegated by DHCPv6"),
        new PrefixReleased(Session, IPNetwork.Parse("2001:db8::/56")),
        new RouteInstalled(Session, IPNetwork.Parse("192.0.2.0/24")),
        new RouteRemoved(Session, IPNetwork.Parse("192.0.2.0/24")),
        new SessionInformed(Session, new Wen { CallErrors = new CallErrors(1, 2, 3, 4, 5, 6) }),
        new PeerOddity(Tunnel, "a reserved bit is set"),
        new LookupFailed("lns.invalid", "lns.invalid: no such host"),
        new SubscriberRefused(Session, "user a is refused"),
        new DataPlaneStarted("kernel", "the kernel has L2TP"),
        new RadiusServerUp("main"),
        new RadiusServerDown("main"),
        new StrongSwanReached(),
        new StrongSwanLost("strongSwan has closed the connection"),
        new IpsecNotLoaded("l2tpd-dial-hq", "invalid value for: proposals"),
        new IkeFailed("192.0.2.9", "the pre-shared keys of the two ends differ"),
        new SecurityAssociationUp("l2tpd-dial-hq", IPAddress.Loopback, "hq.example", "AES_CBC-256/HMAC_SHA1_96"),
        new SecurityAssociationDown("l2tpd-dial-hq", IPAddress.Loopback, "hq.example"),
        new ConfigurationReloaded("SIGHUP", 2),
        new ConfigurationRefused("SIGHUP", "the configuration has errors"),
        new ShutDownStarted(),
    ];

    private sealed class Observer(Action<OperationsEvent> observe) : IOperationsObserver
    {
        public void Observe(OperationsEvent operationsEvent) => observe(operationsEvent);
    }
}
