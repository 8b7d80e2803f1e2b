using System.Text.Json;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Engine.Events;
using L2tpd.Operations.Hooks;
using L2tpd.Runtime.Counters;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>The hook process: gets events on its input, is started again, and cannot stop the loop.</summary>
public sealed class HookProcessTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-hook-process-").FullName;
    private readonly LoopRig _rig = new();
    private readonly List<EngineEvent> _events = HookRunnerTests.Lifetime(4);

    [Fact]
    public void It_gets_each_event_as_a_line_of_JSON_in_order()
    {
        using (var hooks = Hooks($"cat > {_directory}/out; echo end >> {_directory}/out"))
        {
            hooks.Start();
            foreach (var happened in _events)
                hooks.Observe(happened);
            _rig.RunUntil(() => Lines().Length >= 10, "events");
            Assert.Equal(0, hooks.Pending);
        }

        // Its input is closed before it is killed.
        Assert.Equal("end", Lines()[^1]);
        var events = Lines()[..^1].Select(static line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(Enumerable.Range(1, events.Length), events.Select(static one => one.GetProperty("number").GetInt32()));
        Assert.Equal(4, events.Count(static one => one.GetProperty("event").GetString() == "session-up"));
        var down = events.First(static one => one.GetProperty("event").GetString() == "session-down");
        Assert.Equal(("lns", "lac"), (down.GetProperty("role").GetString(), down.GetProperty("peer_host").GetString()));
        Assert.NotEqual("", down.GetProperty("end_reason").GetString());
    }

    [Fact]
    public void The_end_of_a_session_has_its_counters_and_later_events_wait_for_them()
    {
        using var hooks = Hooks($"cat > {_directory}/out");
        hooks.Start();
        var down = _events.OfType<SessionEnded>().First();
        var counters = new TaskCompletionSource<TrafficView?>();
        Assert.True(hooks.WantsTraffic);
        hooks.NoteTraffic(down.Session.Key, counters.Task);
        hooks.Observe(_events[0]);
        hooks.Observe(down);
        hooks.Observe(_events[0]);
        _rig.RunUntil(() => Lines().Length == 1, "the event before");
        var waited = false;
        _rig.Timers.After(TimeSpan.FromMilliseconds(50), () => waited = true);
        _rig.RunUntil(() => waited, "a moment");
        Assert.Single(Lines());
        counters.SetResult(Sample);
        _rig.RunUntil(() => Lines().Length == 3, "the rest");
        var events = Lines().Select(static line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal([1, 2, 3], events.Select(static one => one.GetProperty("number").GetInt32()));
        Assert.Equal("session-down", events[1].GetProperty("event").GetString());
        Assert.Equal(
            ("1001", "2002", "11", "22"),
            (events[1].GetProperty("octets_to_peer").GetString(), events[1].GetProperty("octets_from_peer").GetString(),
                events[1].GetProperty("packets_to_peer").GetString(), events[1].GetProperty("packets_from_peer").GetString()));
    }

    [Fact]
    public void Counters_that_cannot_be_read_keep_no_event()
    {
        using var hooks = Hooks($"cat > {_directory}/out");
        hooks.Start();
        var down = _events.OfType<SessionEnded>().First();
        hooks.NoteTraffic(down.Session.Key, Task.FromException<TrafficView?>(new InvalidOperationException("no counters")));
        hooks.Observe(down);
        hooks.Observe(_events[0]);
        _rig.RunUntil(() => Lines().Length == 2, "events");
        Assert.DoesNotContain("octets", Lines()[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Each_variable_of_a_command_is_in_the_line_of_the_process()
    {
        var command = System.Collections.Immutable.ImmutableArray.Create(
            "/bin/sh", "-c", $"env | grep ^L2TPD_ | sort > {_directory}/$L2TPD_EVENT.new; mv {_directory}/$L2TPD_EVENT.new "
                + $"{_directory}/$L2TPD_EVENT.env");
        using var hooks = Runner(new HookSettings
        {
            Process = ["/bin/sh", "-c", $"cat > {_directory}/out"],
            TunnelUp = command, TunnelDown = command, SessionUp = command, SessionDown = command,
        });
        hooks.Start();
        OperationsEvent[] events =
        [
            _events.OfType<TunnelEstablished>().First(), _events.OfType<SessionEstablished>().First(),
            _events.OfType<SessionEnded>().First(), _events.OfType<TunnelEnded>().First(),
        ];
        hooks.NoteTraffic(((SessionEnded)events[2]).Session.Key, Task.FromResult<TrafficView?>(Sample));
        foreach (var happened in events)
            hooks.Observe(happened);
        _rig.RunUntil(() => Lines().Length == 4 && Directory.GetFiles(_directory, "*.env").Length == 4, "events");
        foreach (var line in Lines().Select(static line => JsonDocument.Parse(line).RootElement))
        {
            var expected = File.ReadAllLines($"{_directory}/{line.GetProperty("event").GetString()}.env")
                .Select(static variable => variable.Split('=', 2))
                // Inherited: not of the event.
                .Where(static parts => Environment.GetEnvironmentVariable(parts[0]) is null)
                .ToDictionary(static parts => parts[0]["L2TPD_".Length..].ToLowerInvariant(), static parts => parts[1]);
            var found = line.EnumerateObject().Where(static one => one.Name is not ("number" or "at"))
                .ToDictionary(static one => one.Name, static one => one.Value.GetString()!);
            Assert.Equal(expected.OrderBy(static one => one.Key), found.OrderBy(static one => one.Key));
            Assert.Equal(line.GetProperty("event").GetString() == "session-down", found.ContainsKey("octets_to_peer"));
        }
    }

    [Fact]
    public void One_that_exits_is_started_again_and_loses_no_event_that_waited()
    {
        using var hooks = Hooks($"read line; echo \"$line\" >> {_directory}/out; exit 3");
        hooks.Start();
        hooks.Observe(_events[0]);
        _rig.RunUntil(() => Lines().Length == 1, "first");
        _rig.RunUntil(() => _rig.Lines.Any(static line => line.Contains("ended with exit code 3", StringComparison.Ordinal)), "exit");
        hooks.Observe(_events.OfType<SessionEstablished>().First());
        _rig.RunUntil(() => Lines().Length == 2, "second");
    }

    [Fact]
    public void One_that_does_not_read_costs_events_and_not_the_loop()
    {
        using var hooks = Hooks("exec sleep 1000");
        hooks.Start();
        var session = _events.OfType<SessionEstablished>().First();
        for (var i = 0; i < 15_000; i++)
            hooks.Observe(session);
        _rig.RunUntil(() => hooks.Pending > 0, "start");
        for (var i = 0; i < 5_000; i++)
            hooks.Observe(session);
        Assert.True(Counter(hooks, "l2tpd_hook_process_events_dropped_total") > 5_000);
        Assert.InRange(hooks.Pending, 1, 10_000);
        var ran = false;
        _rig.Timers.After(TimeSpan.FromMilliseconds(20), () => ran = true);
        _rig.RunUntil(() => ran, "the loop goes on");
    }

    [Fact]
    public void One_that_does_not_read_costs_no_command()
    {
        using var hooks = Runner(new HookSettings
        {
            Process = ["/bin/sh", "-c", "exec sleep 1000"], SessionUp = ["/bin/touch", $"{_directory}/ran"],
        });
        hooks.Start();
        for (var i = 0; i < 15_000; i++)
            hooks.Observe(_events[0]);
        _rig.RunUntil(() => hooks.Pending > 0, "start");
        for (var i = 0; i < 5_000; i++)
            hooks.Observe(_events[0]);
        Assert.Equal(10_000, hooks.Pending);
        Assert.Equal(0, Counter(hooks, "l2tpd_hooks_pending"));
        hooks.Observe(_events.OfType<SessionEstablished>().First());
        _rig.RunUntil(() => File.Exists($"{_directory}/ran"), "the command");
    }

    [Fact]
    public void One_that_floods_its_output_is_logged_at_a_rate()
    {
        using var hooks = Hooks("yes flood");
        hooks.Start();
        _rig.RunUntil(() => _rig.Lines.Count(static line => line.Contains("flood", StringComparison.Ordinal)) >= 100, "output");
        var ran = false;
        _rig.Timers.After(TimeSpan.FromMilliseconds(300), () => ran = true);
        _rig.RunUntil(() => ran, "the loop goes on");
        Assert.InRange(_rig.Lines.Count(static line => line.Contains("flood", StringComparison.Ordinal)), 100, 1_000);
    }

    [Fact]
    public void It_inherits_no_descriptor_and_one_that_cannot_be_started_is_tried_again()
    {
        using (var hooks = Hooks($"ls /proc/self/fd > {_directory}/out; exec sleep 1000"))
        {
            hooks.Start();
            _rig.RunUntil(() => Lines().Length >= 4, "descriptors");
            // 3 is the directory that ls reads.
            Assert.Equal(["0", "1", "2", "3"], Lines());
        }

        using var missing = Runner(new HookSettings { Process = ["/no/such/program"] });
        missing.Start();
        _rig.RunUntil(() => _rig.Lines.Count(static line => line.Contains("cannot start /no/such/program", StringComparison.Ordinal)) >= 2,
            "second attempt");
    }

    public void Dispose()
    {
        _rig.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private HookRunner Hooks(string script) => Runner(new HookSettings { Process = ["/bin/sh", "-c", script] });

    private HookRunner Runner(HookSettings settings) =>
        new(_rig.Events, _rig.Timers, _rig.Faults, _rig, _rig.Starter, settings, _rig);

    private static double Counter(HookRunner hooks, string name)
    {
        var registry = new CounterRegistry();
        hooks.Register(registry);
        return registry.Read(name).Single().Samples.Single().Value;
    }

    private static TrafficView Sample => new()
    {
        TransmitOctets = 1_001, ReceiveOctets = 2_002, TransmitPackets = 11, ReceivePackets = 22, TransmitErrors = 0, ReceiveErrors = 0,
        ReceiveSequenceDiscards = 0, ReceiveOutOfOrder = 0, ReceiveCookieDiscards = 0, ReceiveInvalid = 0,
    };

    private string[] Lines() => File.Exists($"{_directory}/out") ? File.ReadAllLines($"{_directory}/out") : [];
}
