using L2tpd.Control;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Events;
using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Control;

/// <summary>
/// Data messages by peer profile since the start, on whichever data plane: the last reading of each tunnel alive, and the sums of those
/// that ended, as they were last read. What a tunnel carried between the last reading and its end is not in them. Loop thread only.
/// </summary>
internal sealed class PeerTraffic(L2tpEngine engine)
{
    private static readonly CounterFamily Packets = new(
        "l2tpd_data_packets_total", "packets", "Data messages carried, by peer profile and direction.")
    { Labels = ["peer", "direction"], LastLabelValues = ["sent", "received"] };

    private static readonly CounterFamily Octets = new(
        "l2tpd_data_octets_total", "octets", "Octets of data messages carried, by peer profile and direction.")
    { Labels = ["peer", "direction"], LastLabelValues = ["sent", "received"] };

    private static readonly CounterFamily Errors = new(
        "l2tpd_data_errors_total", "packets", "Data messages that could not be sent or delivered, by peer profile and direction.")
    { Labels = ["peer", "direction"], LastLabelValues = ["sent", "received"] };

    private static readonly CounterFamily Dropped = new(
        "l2tpd_data_packets_dropped_total", "packets", "Data messages of peers dropped, by peer profile and reason.")
    { Labels = ["peer", "reason"], LastLabelValues = ["sequence", "wrong-cookie", "invalid"] };

    private static readonly CounterFamily OutOfOrder = new(
        "l2tpd_data_packets_out_of_order_total", "packets", "Data messages received out of order, by peer profile.") { Labels = ["peer"] };

    private readonly Dictionary<TunnelKey, TrafficView> _alive = [];
    private readonly Dictionary<string, TrafficView> _ended = new(StringComparer.Ordinal);
    private Dictionary<string, TrafficView> _sums = [];

    /// <summary>Takes what the data plane has counted for the tunnels alive.</summary>
    /// <param name="traffic">By our tunnel id; a tunnel that is absent keeps its last reading.</param>
    public void Update(IReadOnlyDictionary<uint, TrafficView> traffic)
    {
        foreach (var tunnel in engine.Tunnels)
        {
            if (traffic.TryGetValue(tunnel.LocalId.Value, out var read))
                _alive[tunnel.Key] = read;
        }
    }

    /// <summary>Keeps the last reading of a tunnel that ends.</summary>
    public void Add(TunnelEnded ended)
    {
        if (_alive.Remove(ended.Tunnel.Key, out var last))
            _ended[ended.Tunnel.Profile.Name] = Sum(_ended.GetValueOrDefault(ended.Tunnel.Profile.Name), last);
    }

    /// <summary>Adds the families to the registry.</summary>
    public void Register(CounterRegistry registry)
    {
        registry.BeforeReading(() => _sums = Sums());
        Register(registry, Packets, static (s, peer, sum) => AddDirections(s, peer, sum.TransmitPackets, sum.ReceivePackets));
        Register(registry, Octets, static (s, peer, sum) => AddDirections(s, peer, sum.TransmitOctets, sum.ReceiveOctets));
        Register(registry, Errors, static (s, peer, sum) => AddDirections(s, peer, sum.TransmitErrors, sum.ReceiveErrors));
        Register(registry, Dropped, static (s, peer, sum) =>
        {
            s.Add(sum.ReceiveSequenceDiscards, peer, "sequence");
            s.Add(sum.ReceiveCookieDiscards, peer, "wrong-cookie");
            s.Add(sum.ReceiveInvalid, peer, "invalid");
        });
        Register(registry, OutOfOrder, static (s, peer, sum) => s.Add(sum.ReceiveOutOfOrder, peer));
    }

    private static void AddDirections(CounterSamples samples, string peer, ulong sent, ulong received)
    {
        samples.Add(sent, peer, "sent");
        samples.Add(received, peer, "received");
    }

    private void Register(CounterRegistry registry, CounterFamily family, Action<CounterSamples, string, TrafficView> add) =>
        registry.Add(family, samples =>
        {
            foreach (var (peer, sum) in _sums)
                add(samples, peer, sum);
        });

    private Dictionary<string, TrafficView> Sums()
    {
        var sums = new Dictionary<string, TrafficView>(_ended, StringComparer.Ordinal);
        foreach (var tunnel in engine.Tunnels)
        {
            if (_alive.TryGetValue(tunnel.Key, out var last))
                sums[tunnel.Profile.Name] = Sum(sums.GetValueOrDefault(tunnel.Profile.Name), last);
        }

        return sums;
    }

    private static TrafficView Sum(TrafficView? one, TrafficView other) => one is null ? other : new TrafficView
    {
        TransmitPackets = one.TransmitPackets + other.TransmitPackets,
        TransmitOctets = one.TransmitOctets + other.TransmitOctets,
        TransmitErrors = one.TransmitErrors + other.TransmitErrors,
        ReceivePackets = one.ReceivePackets + other.ReceivePackets,
        ReceiveOctets = one.ReceiveOctets + other.ReceiveOctets,
        ReceiveErrors = one.ReceiveErrors + other.ReceiveErrors,
        ReceiveSequenceDiscards = one.ReceiveSequenceDiscards + other.ReceiveSequenceDiscards,
        ReceiveOutOfOrder = one.ReceiveOutOfOrder + other.ReceiveOutOfOrder,
        ReceiveCookieDiscards = one.ReceiveCookieDiscards + other.ReceiveCookieDiscards,
        ReceiveInvalid = one.ReceiveInvalid + other.ReceiveInvalid,
    };
}
