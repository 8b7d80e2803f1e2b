namespace L2tpd.PppHosting.Pppd;

/// <summary>What the log lines of a pppd said so far.</summary>
public sealed class PppdOutput
{
    private const ushort Lcp = 0xc021;
    private const ushort Ipcp = 0x8021;
    private const ushort IPv6cp = 0x8057;
    private const ushort Pap = 0xc023;
    private const ushort Chap = 0xc223;
    private const ushort Eap = 0xc227;

    /// <summary>Longest part of an error message that is kept.</summary>
    private const int ComplaintLength = 120;

    private string? _complaint;

    /// <summary>Network interface, for example <c>ppp0</c>; <c>null</c> before pppd has one.</summary>
    public string? Interface { get; private set; }

    /// <summary>Our IPv4 address on the link.</summary>
    public string? LocalAddress { get; private set; }

    /// <summary>The peer's IPv4 address.</summary>
    public string? RemoteAddress { get; private set; }

    /// <summary>Addresses of the peer's name servers, separated by spaces; <c>null</c>: none.</summary>
    public string? NameServers { get; private set; }

    /// <summary>Our IPv6 link-local address.</summary>
    public string? LocalLinkLocal { get; private set; }

    /// <summary>The peer's IPv6 link-local address.</summary>
    public string? RemoteLinkLocal { get; private set; }

    /// <summary>PPP protocol number of the control protocol whose requests stayed unanswered; 0: none.</summary>
    public ushort TimedOutProtocol { get; private set; }

    /// <summary>PPP protocol number of the authentication that was mentioned last; 0: none.</summary>
    public ushort AuthenticationProtocol { get; private set; }

    /// <summary>The line that says that the peer refused our credentials; <c>null</c>: there was none.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The name that the peer proved to us; <c>null</c>: none yet.</summary>
    public string? User { get; private set; }

    /// <summary>IPv4 is negotiated.</summary>
    public bool HasIPv4 => Interface is not null && RemoteAddress is not null;

    /// <summary>IPv6 is negotiated.</summary>
    public bool HasIPv6 => Interface is not null && RemoteLinkLocal is not null;

    /// <summary>The last line that reports an error, ready to append to a sentence; empty if there was none.</summary>
    public string LastComplaintInBrackets => _complaint is null ? "" : $" ({_complaint})";

    /// <summary>Handles one line, without its end.</summary>
    public void Read(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        if (TryAfter(line, "Using interface ", out var rest))
            Interface = FirstWord(rest);
        else if (TryAfter(line, "Renamed interface ", out rest))
            Interface = LastWord(rest);
        else if (TryAfter(line, "local  IP address ", out rest) || TryAfter(line, "local IP address ", out rest))
            LocalAddress = FirstWord(rest);
        else if (TryAfter(line, "remote IP address ", out rest))
            RemoteAddress = FirstWord(rest);
        else if (TryAfter(line, "local  LL address ", out rest) || TryAfter(line, "local LL address ", out rest))
            LocalLinkLocal = FirstWord(rest);
        else if (TryAfter(line, "remote LL address ", out rest))
            RemoteLinkLocal = FirstWord(rest);
        else if (TryAfter(line, "primary   DNS address ", out rest) || TryAfter(line, "primary DNS address ", out rest))
            NameServers = FirstWord(rest);
        else if (TryAfter(line, "secondary DNS address ", out rest))
            NameServers = NameServers is null || NameServers == FirstWord(rest) ? FirstWord(rest) : $"{NameServers} {FirstWord(rest)}";
        else if (UserIn(line) is { } user)
            User = user;
        else
            ReadFailure(line);
    }

    // pppd writes control characters as escapes. It has no such line for CHAP.
    private static string? UserIn(ReadOnlySpan<char> line) =>
        TryAfter(line, "PAP peer authentication succeeded for ", out var name)
        || TryAfter(line, "EAP: MSCHAPv2 success for peer ", out name)
            ? name.ToString() : null;

    private void ReadFailure(ReadOnlySpan<char> line)
    {
        if (line.Contains(": timeout sending Config-Requests", StringComparison.Ordinal))
            TimedOutProtocol = ProtocolAtStart(line);
        if (line.Contains("authentication", StringComparison.OrdinalIgnoreCase))
            AuthenticationProtocol = AuthenticationIn(line);
        if (Refusal is null && TellsRefusal(line))
            Refusal = line[..Math.Min(line.Length, ComplaintLength)].ToString();
        if (SoundsLikeFailure(line))
            _complaint = line[..Math.Min(line.Length, ComplaintLength)].ToString();
    }

    // Lines of a client, for example "CHAP authentication failed: text of the peer". A server's line starts with the peer: "Peer x failed
    // ...".
    private static bool TellsRefusal(ReadOnlySpan<char> line)
    {
        ReadOnlySpan<string> starts =
        [
            "CHAP authentication failed", "MS-CHAP authentication failed", "PAP authentication failed",
            "EAP: peer reports authentication failure",
        ];
        foreach (var start in starts)
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
                return true;
        }

        return line.StartsWith("LCP terminated by peer (", StringComparison.Ordinal)
            && line.Contains("authentication fail", StringComparison.OrdinalIgnoreCase);
    }

    private static bool SoundsLikeFailure(ReadOnlySpan<char> line)
    {
        ReadOnlySpan<string> signs =
        [
            "fail", "timeout", "error", "Couldn't", "can't", "cannot", "could not", "unrecognized", "not ", "denied", "refused",
                "no response",
        ];
        foreach (var sign in signs)
        {
            if (line.Contains(sign, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static ushort ProtocolAtStart(ReadOnlySpan<char> line) =>
        line.StartsWith("LCP:", StringComparison.Ordinal) ? Lcp
        : line.StartsWith("IPCP:", StringComparison.Ordinal) ? Ipcp
        : line.StartsWith("IPV6CP:", StringComparison.OrdinalIgnoreCase) ? IPv6cp
        : (ushort)0;

    private ushort AuthenticationIn(ReadOnlySpan<char> line) =>
        line.Contains("CHAP", StringComparison.Ordinal) ? Chap
        : line.Contains("PAP", StringComparison.Ordinal) ? Pap
        : line.Contains("EAP", StringComparison.Ordinal) ? Eap
        : AuthenticationProtocol;

    private static bool TryAfter(ReadOnlySpan<char> line, string start, out ReadOnlySpan<char> rest)
    {
        var matches = line.StartsWith(start, StringComparison.Ordinal);
        rest = matches ? line[start.Length..].TrimStart() : default;
        return matches && !rest.IsEmpty;
    }

    private static string FirstWord(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf(' ');
        return (end < 0 ? text : text[..end]).ToString();
    }

    private static string LastWord(ReadOnlySpan<char> text) => text[(text.LastIndexOf(' ') + 1)..].ToString();
}
