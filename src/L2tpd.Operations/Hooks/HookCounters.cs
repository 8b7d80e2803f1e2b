using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Hooks;

/// <summary>What became of hook commands. Loop thread only.</summary>
internal sealed class HookCounters
{
    public long Started { get; set; }

    /// <summary>Ended with another status than 0, those that were killed included.</summary>
    public long Failed { get; set; }

    public long TimedOut { get; set; }

    public long NotStarted { get; set; }

    /// <summary>Never started because too many waited.</summary>
    public long LeftOut { get; set; }

    /// <summary>Adds the counters to the registry.</summary>
    public void Register(CounterRegistry registry)
    {
        registry.Add(new CounterFamily("l2tpd_hooks_started_total", "commands", "Hook commands started."), () => Started);
        registry.Add(
            new CounterFamily(
                "l2tpd_hooks_failed_total", "commands", "Hook commands that failed, by reason; a timeout is an exit status too.")
            { Labels = ["reason"] },
            samples =>
            {
                samples.Add(Failed, "exit-status");
                samples.Add(TimedOut, "timeout");
                samples.Add(NotStarted, "not-started");
                samples.Add(LeftOut, "too-many-waiting");
            });
    }
}
