using L2tpd.Daemon.Counters;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Events;
using L2tpd.Linux.Netlink;

namespace L2tpd.Daemon.Control;

/// <summary>
/// Data messages by peer profile since the start, on whichever data plane: the last reading of each tunnel alive, and the sums of those
/// that ended, as they were last read. What a tunnel carried between the last reading and its end is not in them. Loop thread only.
/// </summary>
public sealed class TrafficCounters(L2tpEngine engine)
{
    private static readonly CounterFamily Packets = new(
        "l2tpd_data_packets_total", "packets", "Data messages carried, by peer profile and direction.") { Labels = ["peer", "direction"] };

    private static readonly CounterFamily Octets = new(
        "l2tpd_data_octets_total", "octets", "Octets of data messages carried, by peer profile and direction.")
    { Labels = ["peer", "direction"] };

    private static readonly CounterFamily Errors = new(
        "l2tpd_data_errors_total", "packets", "Data messages that could not be sent or delivered, by peer profile and direction.")
    { Labels = ["peer", "direction"] };

    private static readonly CounterFamily Dropped = new(
        "l2tpd_data_packets_dropped_total", "packets", "Data messages of peers dropped, by peer profile and reason.")
    { Labels = ["peer", "reason"] };

    private static readonly CounterFamily OutOfOrder = new(
        "l2tpd_data_packets_out_of_order_total", "packets", "Data messages received out of order, by peer profile.") { Labels = ["peer"] };

    private readonly Dictionary<TunnelKey, L2tpStatistics> _alive = [];
    private readonly Dictionary<string, L2tpStatistics> _ended = new(StringComparer.Ordinal);
    private Dictionary<string, L2tpStatistics> _sums = [];

    /// <summary>Takes what the data plane has counted for the tunnels alive.</summary>
    /// <param name="statistics">By our tunnel id, with session id 0; a tunnel that is absent keeps its last reading.</param>
    /// <param name="countsZlbsAsInvalid">The data plane counts ZLBs as invalid data.</param>
    public void Update(IReadOnlyDictionary<(uint Tunnel, uint Session), L2tpStatistics> statistics, bool countsZlbsAsInvalid)
    {
        foreach (var tunnel in engine.Tunnels)
        {
            if (statistics.TryGetValue((tunnel.LocalId, 0), out var read))
                _alive[tunnel.Key] = countsZlbsAsInvalid ? WithoutZlbs(read, tunnel.Counters.ZlbsReceived) : read;
        }
    }

    /// <summary>Keeps the last reading of a tunnel that ends.</summary>
    public void Add(TunnelEnded ended)
    {
        if (_alive.Remove(ended.Tunnel.Key, out var last))
            _ended[ended.Tunnel.Peer.Name] = Sum(_ended.GetValueOrDefault(ended.Tunnel.Peer.Name), last);
    }

    /// <summary>Adds the families to the registry.</summary>
    public void Register(CounterRegistry registry)
    {
        registry.BeforeReading(() => _sums = Sums());
        Register(registry, Packets, static (s, peer, sum) => AddDirections(s, peer, sum.TransmitPackets, sum.ReceivePackets));
        Register(registry, Octets, static (s, peer, sum) => AddDirections(s, peer, sum.TransmitBytes, sum.ReceiveBytes));
        Register(registry, Errors, static (s, peer, sum) => AddDirections(s, peer, sum.TransmitErrors, sum.ReceiveErrors));
        Register(registry, Dropped, static (s, peer, sum) =>
        {
            s.Add(sum.ReceiveSequenceDiscards, peer, "sequence");
            s.Add(sum.ReceiveCookieDiscards, peer, "wrong-cookie");
            s.Add(sum.ReceiveInvalid, peer, "invalid");
        });
        Register(registry, OutOfOrder, static (s, peer, sum) => s.Add(sum.ReceiveOutOfOrder, peer));
    }

    /// <summary>A tunnel's counters without the control messages that the kernel takes for invalid data.</summary>
    /// <param name="statistics">As the kernel counts.</param>
    /// <param name="zlbs">ZLBs received; the kernel may not have counted the last of them at the time of reading.</param>
    public static L2tpStatistics WithoutZlbs(in L2tpStatistics statistics, long zlbs) =>
        statistics with { ReceiveInvalid = statistics.ReceiveInvalid - Math.Min(statistics.ReceiveInvalid, (ulong)zlbs) };

    private static void AddDirections(CounterSamples samples, string peer, ulong sent, ulong received)
    {
        samples.Add(sent, peer, "sent");
        samples.Add(received, peer, "received");
    }

    private void Register(CounterRegistry registry, CounterFamily family, Action<CounterSamples, string, L2tpStatistics> add) =>
        registry.Add(family, samples =>
        {
            foreach (var (peer, sum) in _sums)
                add(samples, peer, sum);
        });

    private Dictionary<string, L2tpStatistics> Sums()
    {
        var sums = new Dictionary<string, L2tpStatistics>(_ended, StringComparer.Ordinal);
        foreach (var tunnel in engine.Tunnels)
        {
            if (_alive.TryGetValue(tunnel.Key, out var last))
                sums[tunnel.Peer.Name] = Sum(sums.GetValueOrDefault(tunnel.Peer.Name), last);
        }

        return sums;
    }

    private static L2tpStatistics Sum(in L2tpStatistics a, in L2tpStatistics b) => new(
        a.TransmitPackets + b.TransmitPackets, a.TransmitBytes + b.TransmitBytes, a.TransmitErrors + b.TransmitErrors,
        a.ReceivePackets + b.ReceivePackets, a.ReceiveBytes + b.ReceiveBytes, a.ReceiveErrors + b.ReceiveErrors,
        a.ReceiveSequenceDiscards + b.ReceiveSequenceDiscards, a.ReceiveOutOfOrder + b.ReceiveOutOfOrder,
        a.ReceiveCookieDiscards + b.ReceiveCookieDiscards, a.ReceiveInvalid + b.ReceiveInvalid);
}
