using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.Ppp;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// The rates of one session's interface in the kernel (<see cref="TrafficControl"/>): what leaves waits in a queue, what arrives above the
/// rate is dropped. Worker thread only.
/// </summary>
internal sealed class InterfaceRates
{
    private const ulong QueueMilliseconds = 200;
    private const ulong LeastQueue = 64 * 1024;
    private const ulong MostQueue = 16 * 1024 * 1024;

    private SessionRates _set = SessionRates.None;
    private ushort _priority;

    /// <summary>Sets or changes the rates. If one direction cannot be limited the other one is all the same.</summary>
    /// <param name="netlink">The worker's netlink socket.</param>
    /// <param name="name">The interface.</param>
    /// <param name="rates">The rates.</param>
    /// <param name="module">The kernel module that is probably missing; <c>null</c>: none.</param>
    public LinuxError Apply(RtNetlink netlink, string name, SessionRates rates, out string? module)
    {
        var control = new TrafficControl(netlink);
        module = null;
        var error = LinuxError.None;
        if (rates.ToPeer != _set.ToPeer)
            error = SetEgress(control, name, rates.ToPeer);
        if (IsMissing(error))
            module = "sch_tbf";
        if (rates.FromPeer == _set.FromPeer)
            return Keep(rates, error);

        var ingress = SetIngress(control, name, rates.FromPeer, out var missing);
        if (ingress.IsNone)
            return Keep(rates, error);
        module = module is null ? missing : $"{module}, {missing}";
        return Keep(rates, ingress);
    }

    private LinuxError Keep(SessionRates rates, LinuxError error)
    {
        // What failed is tried again with the next change.
        if (error.IsNone)
            _set = rates;
        return error;
    }

    private LinuxError SetEgress(TrafficControl control, string name, RateLimit? limit)
    {
        if (limit is null)
            return Unless(Errno.ENOENT, control.RemoveEgress(name));
        var octets = OctetsOf(limit);
        var error = control.SetEgress(
            name, octets, SessionRates.QueuedBurstOf(limit), (uint)Math.Clamp(octets * QueueMilliseconds / 1_000, LeastQueue, MostQueue));
        // A kernel without fq_codel leaves the queue as it is: first in, first out.
        if (error.IsNone && _set.ToPeer is null)
            _ = control.SetFairQueue(name);
        return error;
    }

    private LinuxError SetIngress(TrafficControl control, string name, RateLimit? limit, out string? missing)
    {
        missing = null;
        var before = _priority;
        if (limit is not null)
        {
            var error = Unless(Errno.EEXIST, control.PrepareIngress(name));
            missing = IsMissing(error) ? "sch_ingress" : null;
            if (!error.IsNone)
                return error;
            // Made before the old one is removed: there is no time without a limit.
            var priority = (ushort)(before == 1 ? 2 : 1);
            error = control.AddIngress(name, priority, OctetsOf(limit), SessionRates.BurstOf(limit));
            missing = IsMissing(error) ? "cls_matchall or act_police" : null;
            if (!error.IsNone)
                return error;
            _priority = priority;
        }
        else
        {
            _priority = 0;
        }

        return before == 0 ? LinuxError.None : Unless(Errno.ENOENT, control.RemoveIngress(name, before));
    }

    private static ulong OctetsOf(RateLimit limit) => Math.Max(limit.BitsPerSecond / 8, 1);

    private static bool IsMissing(LinuxError error) => error.Errno is Errno.ENOENT or Errno.EOPNOTSUPP;

    private static LinuxError Unless(int tolerated, LinuxError error) => error.Errno == tolerated ? LinuxError.None : error;
}
