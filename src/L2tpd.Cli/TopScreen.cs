using System.Globalization;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>Makes the lines of <c>top</c> of two samples: what happened between them, per second.</summary>
internal static class TopScreen
{
    private const int FewestRows = 3;

    /// <summary>The lines, none longer than the width, not more than the height.</summary>
    /// <param name="before">The sample before; <c>null</c> at first, when there are no rates.</param>
    /// <param name="now">The sample to show.</param>
    /// <param name="sort">The order of the tables.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Lines.</param>
    public static IReadOnlyList<string> Lines(TopSample? before, TopSample now, TopSort sort, int width, int height)
    {
        var lines = Head(before, now).ToList();
        lines.Add("");
        var rows = Math.Max(2 * FewestRows, height - lines.Count - 3);
        var tunnels = Tunnels(before, now, sort).ToList();
        var most = Math.Clamp(tunnels.Count, 1, Math.Max(FewestRows, rows / 3));
        lines.AddRange(Table(TunnelColumns, tunnels.Take(most)));
        lines.Add("");
        lines.AddRange(Table(SessionColumns, Sessions(now, sort).Take(rows - most)));
        return [.. lines.Take(height).Select(line => line.Length <= width ? line : line[..width])];
    }

    private static IEnumerable<string> Head(TopSample? before, TopSample now)
    {
        var status = now.Status;
        yield return $"l2tpd {DisplayText.Clean(status.Version)} on {DisplayText.Clean(status.HostName)}, up "
            + $"{DisplayText.Duration(status.UptimeSeconds)}, data plane {status.DataPlane}"
            + (status.LogLevel is { } log ? $", log {log.Level}" : "");
        yield return Text(
            $"tunnels {status.Tunnels}, half-open {status.HalfOpenTunnels}   sessions {status.Sessions}, PPP up {status.PppNetworksUp}");
        yield return $"set-ups/s: tunnels {Rate("l2tpd_tunnels_established_total")}, sessions {Rate("l2tpd_sessions_established_total")}"
            + $"   refused/s: {Rate("l2tpd_tunnels_refused_total")}, {Rate("l2tpd_sessions_refused_total")}";
        yield return $"octets/s: to peers {Rate("l2tpd_data_octets_total", "sent")}, from peers "
            + $"{Rate("l2tpd_data_octets_total", "received")}   control/s: {Rate("l2tpd_control_messages_sent_total")} sent, "
            + $"{Rate("l2tpd_control_retransmissions_total")} again";
        var drops = now.Drops();
        yield return drops.Count == 0 ? "dropped: nothing"
            : $"dropped: {string.Join(", ", drops.Select(drop => $"{DisplayText.Clean(drop.Reason)} {Short(drop.Count)}"))}";

        string Rate(string name, string? label = null) => PerSecond(before, now, sample => sample.Sum(name, label));
    }

    private static readonly (string Title, int Width)[] TunnelColumns =
        [("TUNNEL", -23), ("STATE", -11), ("SESS", 5), ("RTT ms", 7), ("WIN", 4), ("OUT", 4), ("AGAIN", 6), ("TO/s", 6), ("FROM/s", 6)];

    private static readonly (string Title, int Width)[] SessionColumns =
        [("SESSION", -12), ("USER", -18), ("INTERFACE", -10), ("ADDRESS", -15), ("TO/s", 6), ("FROM/s", 6), ("OCTETS", 7)];

    private static IEnumerable<string[]> Tunnels(TopSample? before, TopSample now, TopSort sort)
    {
        var former = (before?.Tunnels ?? []).ToDictionary(static tunnel => (tunnel.LocalId, tunnel.PeerId));
        var rows = now.Tunnels.Select(tunnel => (
            Tunnel: tunnel,
            Rate: Traffic(before, now, former.GetValueOrDefault((tunnel.LocalId, tunnel.PeerId))?.Traffic, tunnel.Traffic)));
        var ordered = sort switch
        {
            TopSort.Name => rows.OrderBy(static row => row.Tunnel.Name, StringComparer.Ordinal),
            TopSort.Octets => rows.OrderByDescending(static row => Total(row.Tunnel.Traffic)),
            _ => rows.OrderByDescending(static row => row.Rate.To + row.Rate.From).ThenByDescending(static row => row.Tunnel.Sessions),
        };
        return ordered.Select(static row => new[]
        {
            DisplayText.Clean(row.Tunnel.Name),
            row.Tunnel.State,
            Text($"{row.Tunnel.Sessions}"),
            row.Tunnel.RoundTripMilliseconds is { } trip ? Text($"{trip:0.0}") : "-",
            row.Tunnel.Window is { } window ? Text($"{window}") : "-",
            row.Tunnel.Outstanding is { } outstanding ? Text($"{outstanding}") : "-",
            Short(row.Tunnel.Counters.GetValueOrDefault("retransmissions")),
            Short(row.Rate.To),
            Short(row.Rate.From),
        });
    }

    private static IEnumerable<string[]> Sessions(TopSample now, TopSort sort)
    {
        // The daemon has chosen and sorted them.
        var ordered = sort == TopSort.Name
            ? now.Sessions.OrderBy(static row => row.Session.Subscriber?.User ?? row.Session.Name, StringComparer.Ordinal)
            : now.Sessions.AsEnumerable();
        return ordered.Select(static row => new[]
        {
            Text($"{row.Session.TunnelId}/{row.Session.LocalId}"),
            DisplayText.OrDash(row.Session.Subscriber?.User),
            DisplayText.OrDash(row.Session.Interface),
            DisplayText.OrDash(row.Session.PeerAddress),
            Short((decimal)row.ToPeer),
            Short((decimal)row.FromPeer),
            Short(Total(row.Session.Traffic)),
        });
    }

    private static IEnumerable<string> Table((string Title, int Width)[] columns, IEnumerable<string[]> rows) =>
        rows.Prepend([.. columns.Select(static column => column.Title)])
            .Select(row => string.Join(' ', row.Select((cell, i) => Cell(cell, columns[i].Width))).TrimEnd());

    /// <summary>To a width; negative: to the left. What is longer ends in "~".</summary>
    private static string Cell(string text, int width)
    {
        var room = Math.Abs(width);
        var cut = text.Length > room ? text[..(room - 1)] + "~" : text;
        return width < 0 ? cut.PadRight(room) : cut.PadLeft(room);
    }

    private static (decimal To, decimal From) Traffic(TopSample? before, TopSample now, TrafficView? then, TrafficView? traffic)
    {
        if (before is null || traffic is null || (now.At - before.At).TotalSeconds is not (> 0 and var seconds))
            return default;
        return (Per(then?.TransmitOctets, traffic.TransmitOctets), Per(then?.ReceiveOctets, traffic.ReceiveOctets));

        // A session that is new, or whose counters began again, has had all of it since.
        decimal Per(ulong? first, ulong last) => (first <= last ? last - first.Value : last) / (decimal)seconds;
    }

    private static decimal Total(TrafficView? traffic) => traffic is null ? 0 : (decimal)traffic.TransmitOctets + traffic.ReceiveOctets;

    private static string PerSecond(TopSample? before, TopSample now, Func<TopSample, decimal> value) =>
        before is not null && (now.At - before.At).TotalSeconds is > 0 and var seconds
            ? Short(Math.Max(0, value(now) - value(before)) / (decimal)seconds)
            : "-";

    /// <summary>At most five characters: "0", "0.3", "12.3", "999", "1.2k", "340M".</summary>
    internal static string Short(decimal value)
    {
        foreach (var unit in new[] { "", "k", "M", "G", "T", "P" })
        {
            if (value < 999.5m)
                return value.ToString(value < 99.95m && value % 1 != 0 ? "0.0" : "0", CultureInfo.InvariantCulture) + unit;
            value /= 1_000;
        }

        return ">999P";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The order of the tables of <c>top</c>.</summary>
internal enum TopSort
{
    Rate,
    Octets,
    Name,
}
