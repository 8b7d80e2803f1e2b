using L2tpd.Configuration;

namespace L2tpd.Daemon.Hosting;

/// <summary>The settings that a reload can change, and those that only a restart changes.</summary>
public static class ReloadScope
{
    /// <summary>Names of the changed parts that need a restart; empty if there are none.</summary>
    public static string NeedsRestart(DaemonConfiguration now, DaemonConfiguration then)
    {
        (string Name, bool Changed)[] parts =
        [
            ("listeners", !now.Listeners.SequenceEqual(then.Listeners)),
            ("data-plane", now.DataPlane != then.DataPlane),
            ("offloads", now.Offloads != then.Offloads),
            ("strongswan", now.StrongSwan != then.StrongSwan),
            ("control", now.Control != then.Control),
            ("metrics", now.Metrics != then.Metrics),
            ("state-file", now.StateFile != then.StateFile),
            ("state-directory", now.StateDirectory != then.StateDirectory),
            ("log", now.Log != then.Log),
            ("shutdown", now.Shutdown != then.Shutdown),
            ("hooks", !SameHooks(now.Hooks, then.Hooks)),
        ];
        return string.Join(", ", parts.Where(part => part.Changed).Select(part => part.Name));
    }

    private static bool SameHooks(HookSettings now, HookSettings then) =>
        now.Timeout == then.Timeout && now.Parallel == then.Parallel
        && now.TunnelUp.SequenceEqual(then.TunnelUp) && now.TunnelDown.SequenceEqual(then.TunnelDown)
        && now.SessionUp.SequenceEqual(then.SessionUp) && now.SessionDown.SequenceEqual(then.SessionDown)
        && now.PeerSilent.SequenceEqual(then.PeerSilent) && now.PeerAnswers.SequenceEqual(then.PeerAnswers)
        && now.NetworkUp.SequenceEqual(then.NetworkUp);
}
