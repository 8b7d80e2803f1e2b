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
internal sealed class NatZoneRules
{
    /// <summary>The table's family and name.</summary>
    public const string Table = "ip l2tpd_nat_zones";

    private const int Zones = ushort.MaxValue;

    private readonly Dictionary<uint, ushort> _zoneOf = [];
    private readonly HashSet<ushort> _zonesInUse = [];
    private HashSet<string> _elements = new(StringComparer.Ordinal);
    private ushort _lastZone;

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
    public string Update(IReadOnlyCollection<XfrmAssociation> associations)
    {
        var elements = new HashSet<string>(StringComparer.Ordinal);
        var marks = new HashSet<uint>();
        var inbound = associations.ToLookup(static one => (one.RequestId, one.Source, one.Destination));
        foreach (var outbound in associations)
        {
            // Inbound associations have no mark of their own.
            if (outbound.Mark == 0 || outbound.Destination.AddressFamily != AddressFamily.InterNetwork)
                continue;
            var isNew = marks.Add(outbound.Mark);
            if (isNew && !TryTakeZone(outbound.Mark))
                continue;
            if (isNew)
                elements.Add(Text($"zones {{ {outbound.Mark} : {_zoneOf[outbound.Mark]} }}"));
            if (outbound.DestinationPort != 0)
                elements.Add(Text($"ports {{ {outbound.Destination} . {outbound.DestinationPort} : {outbound.Mark} }}"));
            foreach (var pair in inbound[(outbound.RequestId, outbound.Destination, outbound.Source)])
            {
                if (outbound.DestinationPort == 0)
                    elements.Add(Text($"spis {{ 0x{pair.Spi:x8} : {outbound.Mark} }}"));
            }
        }

        var script = Difference(elements);
        foreach (var gone in _zoneOf.Keys.Except(marks).ToArray())
        {
            _zonesInUse.Remove(_zoneOf[gone]);
            _zoneOf.Remove(gone);
        }

        _elements = elements;
        return script;
    }

    /// <summary>Everything is to be written again: the last script was not taken.</summary>
    public void Forget() => _elements = new HashSet<string>(StringComparer.Ordinal);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    // An element that changes is removed first: a map takes no second value for a key. With two marks for one key the last counts.
    private string Difference(HashSet<string> elements)
    {
        var script = new StringBuilder();
        foreach (var gone in _elements.Where(old => !elements.Contains(old)))
            script.Append(CultureInfo.InvariantCulture, $"delete element {Table} {gone}\n");
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var added in elements.Where(one => !_elements.Contains(one)))
        {
            if (keys.Add(added[..added.LastIndexOf(':')]))
                script.Append(CultureInfo.InvariantCulture, $"add element {Table} {added}\n");
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
}
