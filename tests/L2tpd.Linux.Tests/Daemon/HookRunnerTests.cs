using System.Collections.Immutable;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Operations.Hooks;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// Hook commands run with the event's variables, in order for one subject, a limited number at one time, and for a limited time.
/// </summary>
public sealed class HookRunnerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-hooks-").FullName;
    private readonly LoopRig _rig = new();
    private readonly List<EngineEvent> _events = Lifetime(4);

    [Fact]
    public void The_facts_are_in_the_environment()
    {
        using var hooks = Hooks(new HookSettings { SessionUp = Command("up", $"env > {_directory}/facts") });
        hooks.Observe(_events.OfType<SessionEstablished>().First());
        _rig.RunUntil(() => hooks.Pending == 0, "hook");
        var facts = File.ReadAllLines($"{_directory}/facts");
        Assert.Contains("L2TPD_EVENT=session-up", facts);
        Assert.Contains("L2TPD_ROLE=lns", facts);
        Assert.Contains("L2TPD_PEER_HOST=lac", facts);
        Assert.Contains("L2TPD_TX_SPEED=1000000000", facts);
        Assert.Contains(facts, fact => fact.StartsWith("PATH=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_end_of_a_session_waits_for_its_last_counters_and_keeps_the_order()
    {
        using var hooks = Hooks(new HookSettings
        {
            Parallel = 8,
            SessionDown = Command("down", $"echo \"$L2TPD_SESSION_ID:$L2TPD_OCTETS_TO_PEER/$L2TPD_OCTETS_FROM_PEER\" >> {_directory}/log"),
            TunnelDown = Command("tunnel-down", $"echo tunnel >> {_directory}/log"),
        });
        var answers = new List<(uint Session, TaskCompletionSource<TrafficView?> Answer)>();
        foreach (var happened in _events)
        {
            if (happened is SessionEnded { Session: var session })
            {
                Assert.True(hooks.WantsTraffic);
                answers.Add((session.LocalId.Value, new TaskCompletionSource<TrafficView?>()));
                hooks.NoteTraffic(session.Key, answers[^1].Answer.Task);
            }

            hooks.Observe(happened);
        }

        // The last session is answered first: commands keep the order of the events. One read fails, one has no counters.
        answers[3].Answer.SetResult(Counters(30, 40));
        answers[2].Answer.SetException(new IOException("no kernel"));
        answers[1].Answer.SetResult(null);
        await Task.Run(() => answers[0].Answer.SetResult(Counters(10, 20)), CancellationToken.None);
        _rig.RunUntil(() => hooks.Pending == 0, "hooks");
        var ids = answers.ConvertAll(static one => one.Session);
        Assert.Equal(
            [$"{ids[0]}:10/20", $"{ids[1]}:/", $"{ids[2]}:/", $"{ids[3]}:30/40", "tunnel"], File.ReadAllLines($"{_directory}/log"));

        static TrafficView Counters(ulong sent, ulong received) => new()
        {
            TransmitPackets = 1, TransmitOctets = sent, TransmitErrors = 0, ReceivePackets = 1, ReceiveOctets = received,
            ReceiveErrors = 0, ReceiveSequenceDiscards = 0, ReceiveOutOfOrder = 0,
        };
    }

    [Fact]
    public void Those_of_one_session_do_not_overtake_each_other()
    {
        using var hooks = Hooks(new HookSettings
        {
            Parallel = 8,
            SessionUp = Command("up", $"sleep 0.3; echo up $L2TPD_SESSION_ID >> {_directory}/log"),
            SessionDown = Command("down", $"echo down $L2TPD_SESSION_ID \"$L2TPD_END_REASON\" >> {_directory}/log"),
        });
        foreach (var happened in _events)
            hooks.Observe(happened);
        _rig.RunUntil(() => hooks.Pending == 0, "hooks");
        var log = File.ReadAllLines($"{_directory}/log");
        Assert.Equal(8, log.Length);
        foreach (var session in log.GroupBy(line => line.Split(' ')[1]))
            Assert.Equal(["up", "down"], session.Select(line => line.Split(' ')[0]));
    }

    [Fact]
    public void Those_of_a_tunnel_and_its_sessions_run_in_the_order_of_the_events()
    {
        using var hooks = Hooks(new HookSettings
        {
            Parallel = 8,
            TunnelUp = Command("tunnel-up", $"sleep 0.3; echo $L2TPD_EVENT >> {_directory}/log"),
            SessionUp = Command("session-up", $"sleep 0.1; echo $L2TPD_EVENT >> {_directory}/log"),
            SessionDown = Command("session-down", $"sleep 0.1; echo $L2TPD_EVENT >> {_directory}/log"),
            TunnelDown = Command("tunnel-down", $"echo $L2TPD_EVENT >> {_directory}/log"),
        });
        foreach (var happened in _events)
            hooks.Observe(happened);
        _rig.RunUntil(() => hooks.Pending == 0, "hooks");
        string[] expected = ["tunnel-up", .. Enumerable.Repeat("session-up", 4), .. Enumerable.Repeat("session-down", 4), "tunnel-down"];
        Assert.Equal(expected, File.ReadAllLines($"{_directory}/log"));
    }

    [Fact]
    public void Those_of_different_tunnels_run_in_parallel_and_no_more_than_allowed()
    {
        using var hooks = Hooks(new HookSettings
        {
            Parallel = 2,
            SessionUp = Command("up", $"echo + >> {_directory}/log; sleep 0.2; echo - >> {_directory}/log"),
        });
        foreach (var happened in (EngineEvent[])[.. _events, .. Lifetime(2), .. Lifetime(1)])
            hooks.Observe(happened);
        _rig.RunUntil(() => hooks.Pending == 0, "hooks");
        var (running, most) = (0, 0);
        foreach (var line in File.ReadAllLines($"{_directory}/log"))
            most = Math.Max(most, running += line == "+" ? 1 : -1);
        Assert.Equal((0, 2), (running, most));
    }

    [Fact]
    public void One_that_takes_too_long_is_killed_and_one_that_fails_is_said()
    {
        using var hooks = Hooks(new HookSettings
        {
            Timeout = TimeSpan.FromMilliseconds(200),
            TunnelUp = Command("long", "sleep 60"),
            TunnelDown = Command("bad", "exit 7"),
        });
        foreach (var happened in _events)
            hooks.Observe(happened);
        _rig.RunUntil(() => hooks.Pending == 0, "hooks");
        Assert.Contains(_rig.Lines, line => line.Contains("tunnel-up") && line.Contains("ran longer than"));
        Assert.Contains(_rig.Lines, line => line.Contains("tunnel-down") && line.Contains("exit code 7"));
    }

    [Fact]
    public void A_missing_command_is_said()
    {
        using var hooks = Hooks(new HookSettings { TunnelUp = ["/nowhere/hook"] });
        foreach (var happened in _events)
            hooks.Observe(happened);
        _rig.RunUntil(() => hooks.Pending == 0, "hooks");
        Assert.Contains(_rig.Lines, line => line.Contains("cannot start /nowhere/hook"));
    }

    public void Dispose()
    {
        _rig.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private HookRunner Hooks(HookSettings settings) =>
        new(_rig.Events, _rig.Timers, _rig.Faults, _rig, _rig.Starter, settings, _rig);

    private ImmutableArray<string> Command(string name, string script) => [Script.Write(_directory, name, script)];

    /// <summary>
    /// The events of an LNS for a tunnel with sessions from its beginning to its end. The test reads events after the call, which works
    /// with the engine's objects as long as nothing else happens.
    /// </summary>
    private static List<EngineEvent> Lifetime(int sessions)
    {
        using var lns = EnginePeer.Lns();
        using var lac = EnginePeer.Lac(lns.Port, sessions, secret: null);
        lac.RunUntil(() =>
        {
            lns.Turn();
            return lns.Events.OfType<SessionEstablished>().Count() == sessions;
        }, "sessions");
        lac.Tell(new ShutDown());
        lac.RunUntil(() =>
        {
            lns.Turn();
            return lns.Events.OfType<TunnelEnded>().Any();
        }, "end");
        return lns.Events;
    }
}
