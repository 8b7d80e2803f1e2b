using System.Globalization;
using L2tpd.Control;
using L2tpd.Ppp.Text;
using L2tpd.Protocol.Text;

namespace L2tpd.Operations.Tracing;

/// <summary>Makes the views of a trace: removes secrets and passwords, then decodes what is left.</summary>
internal static class TraceViews
{
    public static TraceView Start(TraceReader reader)
    {
        var filter = reader.Filter;
        return new TraceView
        {
            Kind = "start",
            At = TimeProvider.System.GetUtcNow(),
            Text = filter.IsKnown
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"tracing {reader.Request.Name}: {filter.Tunnels} tunnels, {filter.FirstSessions} other sessions now")
                : $"tracing {reader.Request.Name}: no peer, tunnel, session or user has this name now",
        };
    }

    public static TraceView End(long shown, long missed, bool byCount) => new()
    {
        Kind = "end",
        At = TimeProvider.System.GetUtcNow(),
        Text = byCount ? "the count is reached" : "the time is over",
        Shown = shown,
        Missed = missed,
    };

    /// <summary>The view of one message or frame. The record keeps its octets.</summary>
    public static TraceView From(TraceRecord record)
    {
        var octets = record.Octets.ToArray();
        if (record.IsFrame)
            PppFrameSecrets.Remove(octets);
        else
            ControlMessageSecrets.Remove(octets);
        // Four zero octets come before a control message in IP (RFC 3931 section 4.1.1.2).
        byte[] zeros = !record.IsFrame && record.Remote.IsOverIp ? [0, 0, 0, 0] : [];
        return new TraceView
        {
            Kind = record.IsFrame ? "ppp" : "control",
            At = record.At,
            Direction = record.IsSent ? "out" : "in",
            Local = record.Local.ToString(),
            Remote = record.Remote.ToString(),
            Tunnel = record.Tunnel,
            Session = record.Session,
            User = record.User,
            Text = record.IsFrame ? PppFrameText.Summary(octets) : ControlMessageText.Summary(octets),
            Details = record.IsFrame ? PppFrameText.Details(octets) : ControlMessageText.Details(octets),
            Octets = Convert.ToBase64String([.. zeros, .. record.Header, .. octets]),
        };
    }
}
