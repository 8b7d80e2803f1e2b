using System.Text;
using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Protocol.Messages;

namespace L2tpd.Runtime.Processes;

/// <summary>What a call's messages say of the subscriber's line, as text for views and hooks.</summary>
public static class LineText
{
    private const int MacDigits = 12;

    /// <summary>Agent-Circuit-Id, otherwise Agent-Remote-Id (RFC 5515); <c>null</c>: the peer sent none.</summary>
    public static string? CircuitId(Session session) =>
        (session.Request as Icrq)?.DslLine is { } line && (line.AgentCircuitId ?? line.AgentRemoteId) is { } id
            ? Printable.Of(Encoding.Latin1.GetString(id), SessionVariables.LongestValue)
            : null;

    /// <summary>
    /// The calling number as a MAC address: six octets in hexadecimal with colons, dashes or dots, as access concentrators send that of
    /// a PPPoE subscriber. <c>null</c>: it is none. Twelve digits without separators are a telephone number.
    /// </summary>
    public static string? MacAddress(Session session)
    {
        if ((session.Request as Icrq)?.CallingNumber is not { } number)
            return null;
        Span<char> digits = stackalloc char[MacDigits];
        var (count, separators) = (0, 0);
        foreach (var c in number)
        {
            if (c is ':' or '-' or '.')
            {
                separators++;
                continue;
            }

            if (!char.IsAsciiHexDigit(c) || count == MacDigits)
                return null;
            digits[count++] = char.ToLowerInvariant(c);
        }

        if (count != MacDigits || separators is not (2 or 5))
            return null;
        var text = new StringBuilder(17);
        for (var i = 0; i < MacDigits; i += 2)
            text.Append(i == 0 ? "" : ":").Append(digits[i]).Append(digits[i + 1]);
        return text.ToString();
    }
}
