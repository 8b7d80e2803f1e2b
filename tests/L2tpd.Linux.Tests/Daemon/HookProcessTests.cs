using System.Text.Json;
using L2tpd.Configuration;
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

    private string[] Lines() => File.Exists($"{_directory}/out") ? File.ReadAllLines($"{_directory}/out") : [];
}
