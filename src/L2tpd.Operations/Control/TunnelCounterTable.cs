using System.Collections.Immutable;
using L2tpd.Engine.ControlConnections;
using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Control;

/// <summary>The counters of a control connection: what each is called in the registry and in the views of tunnels and peers.</summary>
internal static class TunnelCounterTable
{
    private static readonly CounterFamily Dropped = new(
        "l2tpd_control_messages_dropped_total", "messages", "Control messages dropped, by peer profile and reason.")
    { Labels = ["peer", "reason"], LastLabelValues = ["duplicate", "wrong-source", "malformed", "wrong-digest"] };

    /// <summary>All of them, in the order of the views.</summary>
    public static ImmutableArray<TunnelCounter> All { get; } =
    [
        new("messagesSent", Of("messages_sent", "Control messages sent, without ZLBs and retransmissions."), static c => c.MessagesSent),
        new("messagesReceived", Of("messages_received", "Control messages processed in order."), static c => c.MessagesReceived),
        new("retransmissions", Of("retransmissions", "Control messages sent again."), static c => c.Retransmissions),
        new("duplicates", Dropped, static c => c.Duplicates, "duplicate"),
        new("outOfOrder", Of("messages_out_of_order", "Control messages received ahead of their turn."), static c => c.OutOfOrder),
        new("zlbsSent", Of("zlbs_sent", "Acknowledgements sent without a message (ZLB, ACK)."), static c => c.ZlbsSent),
        new("zlbsReceived", Of("zlbs_received", "ZLBs received over UDP since the data plane has the tunnel."), static c => c.ZlbsReceived),
        new("hellosSent", Of("hellos_sent", "HELLOs sent."), static c => c.HellosSent),
        new("wrongSource", Dropped, static c => c.WrongSource, "wrong-source"),
        new("malformed", Dropped, static c => c.Malformed, "malformed"),
        new("digestFailures", Dropped, static c => c.DigestFailures, "wrong-digest"),
    ];

    /// <summary>The counters of one tunnel as the control API shows them.</summary>
    public static IReadOnlyDictionary<string, long> View(TunnelCounters counters)
    {
        var sums = new long[All.Length];
        Add(counters, sums);
        return View(sums);
    }

    /// <summary>Sums of counters, in the order of <see cref="All"/>, as the control API shows them.</summary>
    public static IReadOnlyDictionary<string, long> View(ReadOnlySpan<long> sums)
    {
        var view = new Dictionary<string, long>(All.Length, StringComparer.Ordinal);
        for (var i = 0; i < All.Length; i++)
            view.Add(All[i].Member, sums[i]);
        return view;
    }

    /// <summary>Adds the counters of one tunnel to sums, in the order of <see cref="All"/>.</summary>
    public static void Add(TunnelCounters counters, Span<long> sums)
    {
        for (var i = 0; i < All.Length; i++)
            sums[i] += All[i].Read(counters);
    }

    private static CounterFamily Of(string name, string help) => new($"l2tpd_control_{name}_total", "messages", help) { Labels = ["peer"] };
}

/// <summary>One counter of a control connection.</summary>
/// <param name="Member">In the views of the control API.</param>
/// <param name="Family">In the registry; its first label is the peer profile.</param>
/// <param name="Read">Its value.</param>
/// <param name="Reason">Its second label where the family has one.</param>
internal sealed record TunnelCounter(string Member, CounterFamily Family, Func<TunnelCounters, long> Read, string? Reason = null);
