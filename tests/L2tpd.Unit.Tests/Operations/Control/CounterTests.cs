using L2tpd.Control;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Operations.Control;
using L2tpd.Operations.Hooks;
using L2tpd.PppHosting.Userspace;
using L2tpd.Runtime.Counters;
using L2tpd.Unit.Tests.Control;

namespace L2tpd.Unit.Tests.Operations.Control;

public sealed class CounterTests
{
    [Theory]
    [InlineData("l2tpd_things_total", CounterKind.Counter, "reason", true)]
    [InlineData("l2tpd_things", CounterKind.Gauge, "reason", true)]
    [InlineData("l2tpd_things", CounterKind.Counter, "reason", false)]
    [InlineData("l2tpd_things_total", CounterKind.Gauge, "reason", false)]
    [InlineData("things_total", CounterKind.Counter, "reason", false)]
    [InlineData("l2tpd_Things_total", CounterKind.Counter, "reason", false)]
    [InlineData("l2tpd_things_total", CounterKind.Counter, "the reason", false)]
    public void Names_follow_the_convention(string name, CounterKind kind, string label, bool isValid)
    {
        var family = new CounterFamily(name, "things", "Things.") { Kind = kind, Labels = [label] };
        var error = Record.Exception(() => new CounterRegistry().Add(family, static samples => samples.Add(1L, "a")));
        Assert.Equal(isValid, error is null);
    }

    [Fact]
    public void A_name_is_added_once()
    {
        var registry = new CounterRegistry();
        registry.Add(new CounterFamily("l2tpd_things_total", "things", "Things."), static () => 1);
        Assert.Throws<ArgumentException>(() => registry.Add(new CounterFamily("l2tpd_things_total", "things", "Others."), static () => 2));
    }

    [Fact]
    public void A_sample_has_a_value_for_each_label()
    {
        var registry = new CounterRegistry();
        var family = new CounterFamily("l2tpd_things_total", "things", "Things.") { Labels = ["peer", "reason"] };
        registry.Add(family, static samples => samples.Add(1L, "a"));
        Assert.Throws<ArgumentException>(() => registry.Read());
    }

    [Fact]
    public void Reading_takes_the_values_of_that_time()
    {
        var things = 1L;
        var registry = new CounterRegistry();
        registry.Add(new CounterFamily("l2tpd_things_total", "things", "Things."), () => things);
        registry.Add(new CounterFamily("l2tpd_octets_total", "octets", "Octets."), static samples => samples.Add(ulong.MaxValue));
        Assert.Equal(1, Value(registry, "l2tpd_things_total"));
        things = 5;
        Assert.Equal(5, Value(registry, "l2tpd_things_total"));
        Assert.Equal(long.MaxValue, Value(registry, "l2tpd_octets_total"));
        Assert.Equal(["l2tpd_octets_total"], registry.Read("octets").Select(static reading => reading.Family.Name));
    }

    [Fact]
    public void Control_messages_of_a_peer_outlive_its_tunnels()
    {
        var pair = new EnginePair(3, EnginePair.Tunnel("hq"), EnginePair.Tunnel("branch"));
        var source = new EngineCounterSource(pair.Lns);
        var registry = new CounterRegistry();
        source.Register(registry);
        pair.LnsEvents = source.Observe;

        var alive = Value(registry, "l2tpd_control_messages_received_total", "carrier");
        Assert.Equal(pair.Lns.Tunnels.Sum(static tunnel => tunnel.Counters.MessagesReceived), alive);
        Assert.True(alive > 0);

        var first = pair.Lns.Tunnels.First();
        var sent = Value(registry, "l2tpd_control_messages_sent_total", "carrier");
        pair.TellLns(new CloseTunnel(first.Key, "test"));
        Assert.Single(pair.Lns.Tunnels);
        Assert.Equal(sent + 1, Value(registry, "l2tpd_control_messages_sent_total", "carrier"));
        Assert.Equal(1, Value(registry, "l2tpd_tunnels", "carrier", "established"));
    }

    [Fact]
    public void Traffic_of_a_peer_outlives_its_tunnels_as_last_read()
    {
        var pair = new EnginePair(4, EnginePair.Tunnel("hq"), EnginePair.Tunnel("branch"));
        var source = new EngineCounterSource(pair.Lns);
        var registry = new CounterRegistry();
        source.Register(registry);
        pair.LnsEvents = source.Observe;
        Tunnel[] tunnels = [.. pair.Lns.Tunnels];

        source.UpdateTraffic(StatisticsOf(tunnels, 10));
        Assert.Equal(20, Value(registry, "l2tpd_data_packets_total", "carrier", "sent"));
        pair.TellLns(new CloseTunnel(tunnels[0].Key, "test"));
        source.UpdateTraffic(StatisticsOf(tunnels[1..], 15));
        Assert.Equal(25, Value(registry, "l2tpd_data_packets_total", "carrier", "sent"));
        Assert.Equal(2_500, Value(registry, "l2tpd_data_octets_total", "carrier", "received"));
        Assert.Equal(25, Value(registry, "l2tpd_data_packets_dropped_total", "carrier", "wrong-cookie"));
    }

    [Fact]
    public void The_number_of_values_does_not_grow_with_tunnels_and_sessions()
    {
        LacSession[] sessions = [new LacSession { Name = "a" }, new LacSession { Name = "b" }];
        LacTunnel[] tunnels = [.. Enumerable.Range(0, 20).Select(i => EnginePair.Tunnel($"t{i}", sessions))];
        var many = Samples(new EnginePair(5, tunnels));
        var few = Samples(new EnginePair(5, tunnels[0]));
        Assert.Equal(few, many);

        static int Samples(EnginePair pair)
        {
            var source = new EngineCounterSource(pair.Lns);
            var registry = new CounterRegistry();
            source.Register(registry);
            source.UpdateTraffic(StatisticsOf(pair.Lns.Tunnels, 1));
            return registry.Read().Sum(static reading => reading.Samples.Count);
        }
    }

    [Fact]
    public void The_status_and_the_registry_agree()
    {
        var pair = new EnginePair(6, EnginePair.Tunnel("hq", new LacSession { Name = "a" }));
        var registry = new CounterRegistry();
        new EngineCounterSource(pair.Lns).Register(registry);
        var status = EngineCounterTable.View(pair.Lns.Counters);
        Assert.Equal(status["datagramsReceived"], Value(registry, "l2tpd_datagrams_received_total"));
        Assert.Equal(status["sessionsEstablished"], Value(registry, "l2tpd_sessions_established_total"));
        Assert.True(status["datagramsReceived"] > 0);
    }

    [Fact]
    public void Every_family_has_help_and_is_in_the_document()
    {
        var registry = new CounterRegistry();
        new EngineCounterSource(new EnginePair(7).Lns).Register(registry);
        new HookCounters().Register(registry);
        new PppDrops().Register(registry);
        var document = RepositoryFiles.Text("docs/metrics.md");
        Assert.All(registry.Families, family =>
        {
            Assert.Contains($"`{family.Name}`", document);
            Assert.EndsWith(".", family.Help);
            Assert.DoesNotContain(family.Labels, static label => label is "tunnel" or "session" or "user" or "address");
        });
    }

    [Fact]
    public void Drops_of_subscribers_are_counters()
    {
        var registry = new CounterRegistry();
        new PppDrops { WrongSource = 3, Looped = 2 }.Register(registry);
        Assert.Equal(3, Value(registry, "l2tpd_ppp_packets_dropped_total", "wrong-source"));
        Assert.Equal(2, Value(registry, "l2tpd_ppp_packets_dropped_total", "looped"));
    }

    [Fact]
    public void Views_have_the_labels_by_name()
    {
        var registry = new CounterRegistry();
        var things = new CounterFamily("l2tpd_things_total", "things", "Things.") { Labels = ["peer"] };
        registry.Add(things, static samples => samples.Add(4L, "a"));
        registry.Add(new CounterFamily("l2tpd_states", "states", "States.") { Kind = CounterKind.Gauge }, static () => 9);
        var view = CounterViews.From(registry.Read());
        Assert.Equal(("counter", "a", 4L), (view.Items[0].Kind, view.Items[0].Samples[0].Labels!["peer"], view.Items[0].Samples[0].Value));
        Assert.Equal(("gauge", null, 9L), (view.Items[1].Kind, view.Items[1].Samples[0].Labels, view.Items[1].Samples[0].Value));
    }

    private static Dictionary<uint, TrafficView> StatisticsOf(IEnumerable<Tunnel> tunnels, ulong packets)
    {
        var traffic = new TrafficView
        {
            TransmitPackets = packets,
            TransmitOctets = packets * 100,
            TransmitErrors = 0,
            ReceivePackets = packets,
            ReceiveOctets = packets * 100,
            ReceiveErrors = 0,
            ReceiveSequenceDiscards = 0,
            ReceiveOutOfOrder = 0,
            ReceiveCookieDiscards = packets,
        };
        return tunnels.ToDictionary(static tunnel => tunnel.LocalId.Value, _ => traffic);
    }

    private static long Value(CounterRegistry registry, string name, params string[] labels)
    {
        var reading = registry.Read(name).Single(reading => reading.Family.Name == name);
        return reading.Samples.Single(sample => sample.LabelValues.SequenceEqual(labels)).Value;
    }
}
