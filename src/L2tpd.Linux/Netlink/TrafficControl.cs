using System.Runtime.InteropServices;
using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>
/// The rates of one interface by rtnetlink, as <c>tc</c> sets them: a token bucket filter (sch_tbf) with a queue for what leaves, and a
/// filter for everything (cls_matchall) with the police action (act_police) below clsact (sch_ingress) for what arrives. Everything goes
/// with the interface. Synchronous; the kernel loads missing modules itself if it may.
/// </summary>
public sealed class TrafficControl(RtNetlink netlink)
{
    /// <summary>Handle of our queueing discipline at the root of an interface: 4c32:, "L2".</summary>
    private const uint Root = 0x4c32_0000;

    private const uint EveryProtocol = 0x0300;
    private const int NanosecondsPerTick = 64;
    private const uint FairFlows = 64;
    private const uint FairPackets = 1_024;

    private readonly NetlinkConnection _connection = netlink.Connection;

    /// <summary>Limits what leaves an interface, or changes the limit without losing its queue (RTM_NEWQDISC).</summary>
    /// <param name="name">The interface.</param>
    /// <param name="octetsPerSecond">The rate.</param>
    /// <param name="burst">What may pass at once, octets.</param>
    /// <param name="queue">What may wait, octets.</param>
    /// <returns>ENODEV: no such interface. ENOENT, EOPNOTSUPP: the kernel has no sch_tbf.</returns>
    public LinuxError SetEgress(string name, ulong octetsPerSecond, uint burst, uint queue)
    {
        var error = IndexOf(name, out var index);
        if (!error.IsNone)
            return error;
        BeginQdisc(index, Root, Native.TC_H_ROOT, "tbf", Native.NLM_F_CREATE | Native.NLM_F_REPLACE);
        using (_connection.Request.Nest(Native.TCA_OPTIONS))
        {
            // The length of a burst in time depends on a tick of the kernel: TCA_TBF_BURST has it in octets.
            var parameters = new Native.tc_tbf_qopt { rate = RateOf(octetsPerSecond), limit = queue };
            _connection.Request.Put(Native.TCA_TBF_PARMS, OctetsOf(parameters));
            _connection.Request.Put(Native.TCA_TBF_RATE64, octetsPerSecond);
            _connection.Request.Put(Native.TCA_TBF_BURST, burst);
        }

        return _connection.Execute("RTM_NEWQDISC", $"{name} tbf");
    }

    /// <summary>
    /// Shares the queue of a new <see cref="SetEgress"/> fairly between connections, and keeps it short. ENOENT: no sch_fq_codel.
    /// </summary>
    public LinuxError SetFairQueue(string name)
    {
        var error = IndexOf(name, out var index);
        if (!error.IsNone)
            return error;
        BeginQdisc(index, 0, Root + 1, "fq_codel", Native.NLM_F_CREATE | Native.NLM_F_REPLACE);
        using (_connection.Request.Nest(Native.TCA_OPTIONS))
        {
            // The defaults, 1024 queues, are 70 KB per session.
            _connection.Request.Put(Native.TCA_FQ_CODEL_LIMIT, FairPackets);
            _connection.Request.Put(Native.TCA_FQ_CODEL_FLOWS, FairFlows);
        }

        return _connection.Execute("RTM_NEWQDISC", $"{name} fq_codel");
    }

    /// <summary>Removes the limit of what leaves. ENOENT: there was none.</summary>
    public LinuxError RemoveEgress(string name)
    {
        var error = IndexOf(name, out var index);
        if (!error.IsNone)
            return error;
        _connection.Request.Begin(Native.RTM_DELQDISC, Native.NLM_F_ACK);
        _connection.Request.Put(new Native.tcmsg { tcm_ifindex = index, tcm_handle = Root, tcm_parent = Native.TC_H_ROOT });
        return _connection.Execute("RTM_DELQDISC", name);
    }

    /// <summary>
    /// Makes the place for filters of what arrives (RTM_NEWQDISC clsact). EEXIST: there is one, of an operator perhaps, that can be used.
    /// ENOENT, EOPNOTSUPP: the kernel has no sch_ingress.
    /// </summary>
    public LinuxError PrepareIngress(string name)
    {
        var error = IndexOf(name, out var index);
        if (!error.IsNone)
            return error;
        BeginQdisc(index, Native.TC_H_INGRESS_HANDLE, Native.TC_H_CLSACT, "clsact", Native.NLM_F_CREATE | Native.NLM_F_EXCL);
        return _connection.Execute("RTM_NEWQDISC", $"{name} clsact");
    }

    /// <summary>Limits what arrives at an interface that is prepared (RTM_NEWTFILTER).</summary>
    /// <param name="name">The interface.</param>
    /// <param name="priority">
    /// Place of the filter, from 1. A filter that is there cannot be changed: a new one is made at another place, then the old one removed.
    /// </param>
    /// <param name="octetsPerSecond">The rate.</param>
    /// <param name="burst">What may pass at once, octets.</param>
    /// <returns>ENOENT, EOPNOTSUPP: the kernel has no cls_matchall or no act_police. EEXIST: the place is taken.</returns>
    public LinuxError AddIngress(string name, ushort priority, ulong octetsPerSecond, uint burst)
    {
        var error = IndexOf(name, out var index);
        if (!error.IsNone)
            return error;
        var police = new Native.tc_police
        {
            action = Native.TC_ACT_SHOT,
            burst = (uint)Math.Min((ulong)burst * 1_000_000_000 / octetsPerSecond / NanosecondsPerTick, uint.MaxValue),
            mtu = uint.MaxValue,
            rate = RateOf(octetsPerSecond),
        };
        BeginFilter(Native.RTM_NEWTFILTER, Native.NLM_F_CREATE | Native.NLM_F_EXCL, index, priority);
        using (_connection.Request.Nest(Native.TCA_OPTIONS))
        using (_connection.Request.Nest(Native.TCA_MATCHALL_ACT))
        using (_connection.Request.Nest(1))
        {
            _connection.Request.Put(Native.TCA_ACT_KIND, "police");
            using (_connection.Request.Nest(Native.TCA_ACT_OPTIONS))
            {
                _connection.Request.Put(Native.TCA_POLICE_TBF, OctetsOf(police));
                // The kernel wants the table, and reads only its size.
                _connection.Request.Put(Native.TCA_POLICE_RATE, new byte[Native.TC_RTAB_SIZE]);
                _connection.Request.Put(Native.TCA_POLICE_RATE64, octetsPerSecond);
            }
        }

        return _connection.Execute("RTM_NEWTFILTER", $"{name} police");
    }

    /// <summary>Removes a limit of what arrives. ENOENT: there was none.</summary>
    public LinuxError RemoveIngress(string name, ushort priority)
    {
        var error = IndexOf(name, out var index);
        if (!error.IsNone)
            return error;
        BeginFilter(Native.RTM_DELTFILTER, 0, index, priority);
        return _connection.Execute("RTM_DELTFILTER", name);
    }

    private LinuxError IndexOf(string name, out int index)
    {
        var error = netlink.GetLink(name, out var link);
        index = error.IsNone ? (int)link!.Index : 0;
        return error;
    }

    private void BeginQdisc(int index, uint handle, uint parent, string kind, int flags)
    {
        _connection.Request.Begin(Native.RTM_NEWQDISC, (ushort)(Native.NLM_F_ACK | flags));
        _connection.Request.Put(new Native.tcmsg { tcm_ifindex = index, tcm_handle = handle, tcm_parent = parent });
        _connection.Request.Put(Native.TCA_KIND, kind);
    }

    private void BeginFilter(ushort type, int flags, int index, ushort priority)
    {
        _connection.Request.Begin(type, (ushort)(Native.NLM_F_ACK | flags));
        _connection.Request.Put(new Native.tcmsg
        {
            tcm_ifindex = index,
            tcm_parent = Native.TC_H_CLSACT_INGRESS,
            tcm_info = ((uint)priority << 16) | EveryProtocol,
        });
        _connection.Request.Put(Native.TCA_KIND, "matchall");
    }

    // cell_log is not used with TC_LINKLAYER_ETHERNET, but must not be 0.
    private static Native.tc_ratespec RateOf(ulong octetsPerSecond) => new()
    {
        cell_log = 3,
        linklayer = Native.TC_LINKLAYER_ETHERNET,
        cell_align = -1,
        rate = (uint)Math.Min(octetsPerSecond, uint.MaxValue),
    };

    private static byte[] OctetsOf<T>(T value) where T : unmanaged =>
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref value, 1)).ToArray();
}
