using System.Globalization;

namespace L2tpd.Ipsec.Associations;

/// <summary>
/// Traffic selectors as strongSwan writes them: <c>198.51.100.1/32[udp/1701]</c>, with names of services for known ports.
/// </summary>
public static class TrafficSelector
{
    /// <summary>The UDP port of the first selector; 0 for any port, any protocol or no selector.</summary>
    public static ushort Port(IReadOnlyList<string> selectors)
    {
        if (selectors.Count == 0)
            return 0;
        var text = selectors[0];
        var start = text.IndexOf('[', StringComparison.Ordinal);
        var slash = start < 0 ? -1 : text.IndexOf('/', start);
        if (slash < 0 || !text.EndsWith(']'))
            return 0;
        var port = text[(slash + 1)..^1];
        // What /etc/services calls 1701: Debian has l2f, others l2tp.
        if (port is "l2f" or "l2tp")
            return 1701;
        return ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (ushort)0;
    }
}
