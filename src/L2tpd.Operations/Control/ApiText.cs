using System.Globalization;
using System.Text;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Protocol.Avps;

namespace L2tpd.Operations.Control;

/// <summary>The control API's words for values. They are a contract, and therefore do not come from the names of enum members.</summary>
internal static class ApiText
{
    public static string Of(TunnelState state) => state switch
    {
        TunnelState.Idle => "idle",
        TunnelState.WaitCtlReply => "wait-ctl-reply",
        TunnelState.WaitCtlConn => "wait-ctl-conn",
        TunnelState.Established => "established",
        _ => "unknown",
    };

    public static string Of(SessionState state) => state switch
    {
        SessionState.Idle => "idle",
        SessionState.WaitTunnel => "wait-tunnel",
        SessionState.WaitReply => "wait-reply",
        SessionState.WaitConnect => "wait-connect",
        SessionState.WaitCsAnswer => "wait-cs-answer",
        SessionState.Established => "established",
        _ => "unknown",
    };

    public static string Of(CallRole role) => role switch
    {
        CallRole.IncomingLac => "incoming-lac",
        CallRole.IncomingLns => "incoming-lns",
        CallRole.OutgoingLns => "outgoing-lns",
        CallRole.OutgoingLac => "outgoing-lac",
        _ => "unknown",
    };

    public static string Of(DataState state) => state switch
    {
        DataState.None => "none",
        DataState.Creating => "creating",
        DataState.Created => "created",
        DataState.PppStarted => "ppp-started",
        DataState.NetworkUp => "network-up",
        _ => "unknown",
    };

    /// <summary>Circuit Status AVP 71 (RFC 5641); the New bit is deprecated and omitted.</summary>
    public static string Of(CircuitStatus status)
    {
        var words = status.HasFlag(CircuitStatus.Active) ? "active" : "down";
        foreach (var (bit, word) in CircuitWords)
        {
            if (status.HasFlag(bit))
                words += ", " + word;
        }

        return words;
    }

    private static readonly (CircuitStatus Bit, string Word)[] CircuitWords =
    [
        (CircuitStatus.LocalReceiveFault, "receive-fault"), (CircuitStatus.LocalTransmitFault, "transmit-fault"),
        (CircuitStatus.PsnReceiveFault, "psn-receive-fault"), (CircuitStatus.PsnTransmitFault, "psn-transmit-fault"),
        (CircuitStatus.Standby, "standby"),
    ];

    /// <summary>Four numbers with dots: 10.0.0.1.</summary>
    public static string? RouterId(uint? id) =>
        id is { } number ? $"{number >> 24}.{(number >> 16) & 0xFF}.{(number >> 8) & 0xFF}.{number & 0xFF}" : null;

    public static string Of(EndCause cause) => cause switch
    {
        EndCause.Administrative => "administrative",
        EndCause.ShutDown => "shut-down",
        EndCause.ClosedByPeer => "closed-by-peer",
        EndCause.PeerUnreachable => "peer-unreachable",
        EndCause.SetupTimeout => "setup-timeout",
        EndCause.AuthenticationFailed => "authentication-failed",
        EndCause.ProtocolError => "protocol-error",
        EndCause.TieBreaker => "tie-breaker",
        EndCause.LimitReached => "limit-reached",
        EndCause.DataPlane => "data-plane",
        EndCause.Ppp => "ppp",
        EndCause.CredentialsRefused => "credentials-refused",
        EndCause.TunnelEnded => "tunnel-ended",
        EndCause.Replaced => "replaced",
        EndCause.Transport => "transport",
        _ => "unknown",
    };

    public static string Of(ProtocolPreference protocol) => protocol switch
    {
        ProtocolPreference.V2 => "v2",
        ProtocolPreference.V3 => "v3",
        _ => "auto",
    };

    public static string Of(ProxyAuthenticationType type) => type switch
    {
        ProxyAuthenticationType.TextualUserNamePassword => "textual",
        ProxyAuthenticationType.Chap => "chap",
        ProxyAuthenticationType.Pap => "pap",
        ProxyAuthenticationType.None => "none",
        ProxyAuthenticationType.MsChapV1 => "mschap-v1",
        ProxyAuthenticationType.Eap => "eap",
        _ => string.Create(CultureInfo.InvariantCulture, $"type {(ushort)type}"),
    };

    /// <summary><c>null</c> for an endpoint that is not known yet.</summary>
    public static string? Of(Endpoint endpoint) => endpoint == default ? null : endpoint.ToString();

    public static IReadOnlyList<string> Of(FramingTypes types)
    {
        var words = new List<string>(2);
        if (types.HasFlag(FramingTypes.Synchronous))
            words.Add("sync");
        if (types.HasFlag(FramingTypes.Asynchronous))
            words.Add("async");
        return words;
    }

    public static IReadOnlyList<string>? Of(BearerTypes? types)
    {
        if (types is not { } value)
            return null;
        var words = new List<string>(3);
        if (value.HasFlag(BearerTypes.Digital))
            words.Add("digital");
        if (value.HasFlag(BearerTypes.Analog))
            words.Add("analog");
        if (value.HasFlag(BearerTypes.Atm))
            words.Add("atm");
        return words;
    }

    /// <summary>Single flags in kebab case, as in the configuration.</summary>
    public static IReadOnlyList<string> Of(PeerQuirks quirks)
    {
        var words = new List<string>();
        foreach (var quirk in Enum.GetValues<PeerQuirks>())
        {
            if (quirk != PeerQuirks.None && quirks.HasFlag(quirk))
                words.Add(Kebab(quirk.ToString()));
        }

        return words;
    }

    public static string? Hex(byte[]? octets) => octets is null ? null : Convert.ToHexStringLower(octets);

    /// <summary>Printable ASCII as text, otherwise 0x and hexadecimal digits: no peer can send escape sequences to a terminal.</summary>
    public static string? Octets(byte[]? octets)
    {
        if (octets is null)
            return null;
        return octets.AsSpan().ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? "0x" + Convert.ToHexStringLower(octets)
            : Encoding.ASCII.GetString(octets);
    }

    /// <summary>Seconds since establishment; <c>null</c> if not established.</summary>
    public static double? Seconds(bool established, Instant? since, long now) =>
        established && since is { } at ? Math.Max(0, now - at.Milliseconds) / 1000.0 : null;

    private static string Kebab(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0)
                text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
