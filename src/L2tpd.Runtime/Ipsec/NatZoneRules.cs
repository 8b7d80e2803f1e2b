using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using L2tpd.Configuration;
using L2tpd.Linux.Netlink;

namespace L2tpd.Runtime.Ipsec;

/// <summary>
/// The nftables table that tells clients behind one NAT apart, and what of it each security association adds. In transport mode the inner
/// datagram has the address of the NAT, and clients that use one source port (Windows: always 1701) have one 5-tuple. The mark of the
/// association becomes a zone of the connection tracking, and a source port of its own; replies get the mark back, which selects the
/// association.
/// </summary>
internal sealed class NatZoneRules(ImmutableArray<Listener> listeners)
{
    /// <summary>The table's family and name.</summary>
    public const string Table = "ip l2tpd_nat_zones";

    private const int Zones = ushort.MaxValue;

    private readonly Dictionary<uint, ushort> _zoneOf = [];
    private readonly HashSet<ushort> _zonesInUse = [];
    private Dictionary<MapKey, uint> _elements = [];
    private ushort _lastZone;
    private bool _isLost;

    /// <summary>The whole table, replacing one that a killed daemon left.</summary>
    public static string Script(ImmutableArray<Listener> listeners)
    {
        var ours = listeners.Where(static listener => listener.NatZones).Select(static listener => listener.Address.Equals(IPAddress.Any)
            ? string.Create(CultureInfo.InvariantCulture, $"udp dport {listener.Port}")
            : string.Create(CultureInfo.InvariantCulture, $"ip daddr {listener.Address} udp dport {listener.Port}")).ToArray();
        string Each(string rule) => string.Join("\n  ", ours.Select(match => $"{match} meta secpath exists {rule}"));
        string EachReply(string rule) => string.Join("\n  ", ours.Select(match =>
            $"{match.Replace("daddr", "saddr", StringComparison.Ordinal).Replace("dport", "sport", StringComparison.Ordinal)} {rule}"));
        // The address stays the NAT's: only the port is ours to choose.
        return $$"""
            table {{Table}}
            delete table {{Table}}
            table {{Table}} {
             map ports { type ipv4_addr . inet_service : mark; }
             map spis { typeof esp spi : meta mark; }
             map zones { typeof meta mark : ct original zone; }
             chain marks {
              type filter hook prerouting priority -310; policy accept;
              udp dport 4500 meta mark set ip saddr . udp sport map @ports
              ip protocol esp meta mark set esp spi map @spis
             }
             chain zones {
              type filter hook prerouting priority -300; policy accept;
              {{Each("meta mark 0 counter drop")}}
              {{Each("ct original zone set meta mark map @zones")}}
             }
             chain connections {
              type filter hook input priority -150; policy accept;
              {{Each("ct mark set meta mark")}}
             }
             chain addresses {
              type nat hook input priority 100; policy accept;
              {{Each("snat to :20000-60000 fully-random")}}
             }
             chain replies {
              type route hook output priority -150; policy accept;
              {{EachReply("ct direction reply ct mark != 0 meta mark set ct mark")}}
             }
            }

            """;
    }

    /// <summary>What has to be changed for the associations that there are now, as a script; empty if nothing has to be.</summary>
    /// <param name="associations">In the order of the kernel, which lists the newest first.</param>
    public string Update(IReadOnlyCollection<XfrmAssociation> associations)
    {
        var elements = Elements(associations, out var marks);
        var script = (_isLost ? Script(listeners) : "") + Difference(elements);
        foreach (var gone in _zoneOf.Keys.Except(marks).ToArray())
        {
            _zonesInUse.Remove(_zoneOf[gone]);
            _zoneOf.Remove(gone);
        }

        (_elements, _isLost) = (elements, false);
        return script;
    }

    /// <summary>The last script was refused, or the table was removed: the next script writes the table and all elements again.</summary>
    public void Forget()
    {
        _elements = [];
        _isLost = true;
    }

    // The NAT can give the port of a client that has left to another one before dead peer detection removes the association of the first.
    // The newest association of a key counts. Those of one second stay in the order of the kernel.
    private Dictionary<MapKey, uint> Elements(IReadOnlyCollection<XfrmAssociation> associations, out HashSet<uint> marks)
    {
        var elements = new Dictionary<MapKey, uint>();
        marks = [];
        var inbound = associations.ToLookup(static one => (one.RequestId, one.Source, one.Destination));
        foreach (var outbound in associations.OrderByDescending(static one => one.AddedAt))
        {
            // Inbound associations have no mark of their own.
            if (outbound.Mark == 0 || outbound.Destination.AddressFamily != AddressFamily.InterNetwork)
                continue;
            marks.Add(outbound.Mark);
            if (!TryTakeZone(outbound.Mark))
                continue;
            elements.TryAdd(new MapKey("zones", Text($"{outbound.Mark}")), _zoneOf[outbound.Mark]);
            if (outbound.DestinationPort != 0)
            {
                elements.TryAdd(new MapKey("ports", Text($"{outbound.Destination} . {outbound.DestinationPort}")), outbound.Mark);
                continue;
            }

            foreach (var pair in inbound[(outbound.RequestId, outbound.Destination, outbound.Source)])
                elements.TryAdd(new MapKey("spis", Text($"0x{pair.Spi:x8}")), outbound.Mark);
        }

        return elements;
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    // A key whose value changes is deleted first: nft refuses a second value for a key.
    private string Difference(Dictionary<MapKey, uint> elements)
    {
        var script = new StringBuilder();
        void Add(string verb, MapKey key, uint value) =>
            script.Append(CultureInfo.InvariantCulture, $"{verb} element {Table} {key.Map} {{ {key.Key} : {value} }}\n");
        foreach (var (key, value) in _elements)
        {
            if (!elements.TryGetValue(key, out var now) || now != value)
                Add("delete", key, value);
        }

        foreach (var (key, value) in elements)
        {
            if (!_elements.TryGetValue(key, out var old) || old != value)
                Add("add", key, value);
        }

        return script.ToString();
    }

    private bool TryTakeZone(uint mark)
    {
        if (_zoneOf.ContainsKey(mark))
            return true;
        if (_zonesInUse.Count == Zones)
            return false;
        do
            _lastZone++;
        while (_lastZone == 0 || !_zonesInUse.Add(_lastZone));
        _zoneOf[mark] = _lastZone;
        return true;
    }

    private readonly record struct MapKey(string Map, string Key);
}
