using System.Globalization;
using System.Text;
using L2tpd.Control;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Runtime.Processes;

/// <summary>
/// Properties of tunnels and sessions as environment variables (<c>L2TPD_...</c>), for hooks and pppd's scripts. Text from the network is
/// cut to a bounded length and its control characters are escaped. Absent properties have no variable.
/// </summary>
public sealed class SessionVariables
{
    /// <summary>Longest value in characters: an AVP holds no more octets.</summary>
    public const int LongestValue = 1_017;

    private readonly List<KeyValuePair<string, string>> _variables = [];

    /// <summary>Names and values.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Variables => _variables;

    /// <summary>Variables of a session and its tunnel. Proxy authentication can contain a password: only for processes of root.</summary>
    public static SessionVariables Of(Session session)
    {
        var variables = Of(session.Tunnel);
        variables.AddCall(session);
        variables.AddNetwork(session);
        variables.AddUser(session);
        return variables;
    }

    public static SessionVariables Of(Tunnel tunnel)
    {
        var variables = new SessionVariables();
        variables.AddTunnel(tunnel);
        return variables;
    }

    public SessionVariables With(EndReason reason)
    {
        Add("END_CAUSE", reason.Cause.ToString());
        Add("END_REASON", reason.Text);
        Add("RESULT_CODE", Number(reason.Result?.Result));
        Add("ERROR_CODE", Number(reason.Result?.Error));
        Add("ERROR_MESSAGE", reason.Result?.Message);
        Add("PPP_CAUSE", reason.PppCause is { } cause ? Number((ushort)cause.Code) : null);
        return this;
    }

    /// <summary>Adds one variable unless its value is <c>null</c> or empty.</summary>
    public SessionVariables Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            _variables.Add(new($"L2TPD_{name}", Printable.Of(value, LongestValue)));
        return this;
    }

    private void AddTunnel(Tunnel tunnel)
    {
        Add("TUNNEL", tunnel.Name);
        Add("TUNNEL_ID", Number(tunnel.LocalId.Value));
        Add("PEER_TUNNEL_ID", Number(tunnel.PeerId.Value));
        Add("PEER", tunnel.Profile.Name);
        Add("PEER_HOST", tunnel.PeerIntroduction?.HostName);
        Add("PEER_VENDOR", tunnel.PeerIntroduction?.VendorName);
        Add("TRANSPORT", tunnel.Path.Remote.IsOverIp ? "ip" : "udp");
        AddAddress("PEER", tunnel.Path.Remote);
        AddAddress("LOCAL", tunnel.Path.Local);
    }

    private void AddAddress(string whose, Endpoint endpoint)
    {
        Add(whose + "_ADDRESS", endpoint.ToIPAddress().ToString());
        Add(whose + "_PORT", endpoint.IsOverIp ? null : Number(endpoint.Port));
    }

    private void AddCall(Session session)
    {
        Add("SESSION", session.Name);
        Add("SESSION_ID", Number(session.LocalId.Value));
        Add("PEER_SESSION_ID", Number(session.PeerId.Value));
        Add("ROLE", session.IsLns ? "lns" : "lac");
        Add("CALL", session.Role is CallRole.IncomingLac or CallRole.IncomingLns ? "incoming" : "outgoing");
        Add("CALL_SERIAL", Number(session.Request.CallSerialNumber));
        Add("CALLED_NUMBER", session.Request.CalledNumber);
        Add("SUB_ADDRESS", session.Request.SubAddress);
        Add("BEARER", session.Request.BearerType?.ToString());
        if (session.Request is Icrq icrq)
            AddIncoming(icrq);
        if (session.Connected is { } connected)
            AddConnected(connected);
    }

    private void AddIncoming(Icrq icrq)
    {
        Add("CALLING_NUMBER", icrq.CallingNumber);
        Add("PHYSICAL_CHANNEL", Number(icrq.PhysicalChannelId));
        if (icrq.DslLine is { } line)
            AddDslLine(line);
    }

    private void AddConnected(CallConnected connected)
    {
        Add("TX_SPEED", Number(connected.TxConnectSpeed));
        Add("RX_SPEED", Number(connected.RxConnectSpeed ?? connected.TxConnectSpeed));
        Add("FRAMING", connected.FramingType.ToString());
        if (connected is not Iccn iccn)
            return;
        Add("PRIVATE_GROUP", Text(iccn.PrivateGroupId));
        AddProxyAvps(iccn);
    }

    private void AddProxyAvps(Iccn iccn)
    {
        Add("PROXY_LCP_INITIAL_RECEIVED", iccn.ProxyLcp?.InitialReceivedConfReq);
        Add("PROXY_LCP_LAST_SENT", iccn.ProxyLcp?.LastSentConfReq);
        Add("PROXY_LCP_LAST_RECEIVED", iccn.ProxyLcp?.LastReceivedConfReq);
        Add("PROXY_AUTH_TYPE", iccn.ProxyAuthentication?.Type?.ToString());
        Add("PROXY_AUTH_NAME", Text(iccn.ProxyAuthentication?.Name));
        Add("PROXY_AUTH_ID", Number(iccn.ProxyAuthentication?.Id));
        Add("PROXY_AUTH_CHALLENGE", iccn.ProxyAuthentication?.Challenge);
        Add("PROXY_AUTH_RESPONSE", iccn.ProxyAuthentication?.Response);
    }

    private void AddNetwork(Session session)
    {
        Add("INTERFACE", session.Interface);
        Add("INTERFACE_LOCAL", session.LocalAddress);
        Add("INTERFACE_PEER", session.PeerAddress);
        Add("NAME_SERVERS", session.NameServers);
    }

    private void AddUser(Session session)
    {
        Add("USER", session.User?.Name);
        Add("ACCOUNTING_ID", session.User?.AccountingId);
        Add("INTERFACE_PEER_IPV6", session.User?.Ipv6Address);
        Add("IPV6_PREFIXES", session.User?.Prefixes);
        Add("MTU", Number((ulong?)session.User?.Mtu));
        Add("PPP_PROFILE", session.Profile.Ppp);
        Add("RATE_TO_PEER", Number(session.Rates.ToPeer));
        Add("RATE_FROM_PEER", Number(session.Rates.FromPeer));
        Add("CIRCUIT_ID", LineText.CircuitId(session));
        Add("MAC_ADDRESS", LineText.MacAddress(session));
    }

    private void AddDslLine(DslLine line)
    {
        Add("DSL_AGENT_CIRCUIT_ID", Text(line.AgentCircuitId));
        Add("DSL_AGENT_REMOTE_ID", Text(line.AgentRemoteId));
        Add("DSL_ACTUAL_RATE_UP", Number(line.ActualRateUp));
        Add("DSL_ACTUAL_RATE_DOWN", Number(line.ActualRateDown));
        Add("DSL_MINIMUM_RATE_UP", Number(line.MinimumRateUp));
        Add("DSL_MINIMUM_RATE_DOWN", Number(line.MinimumRateDown));
        Add("DSL_ATTAINABLE_RATE_UP", Number(line.AttainableRateUp));
        Add("DSL_ATTAINABLE_RATE_DOWN", Number(line.AttainableRateDown));
        Add("DSL_MAXIMUM_RATE_UP", Number(line.MaximumRateUp));
        Add("DSL_MAXIMUM_RATE_DOWN", Number(line.MaximumRateDown));
        Add("DSL_MINIMUM_RATE_UP_LOW_POWER", Number(line.MinimumRateUpLowPower));
        Add("DSL_MINIMUM_RATE_DOWN_LOW_POWER", Number(line.MinimumRateDownLowPower));
        Add("DSL_MAXIMUM_DELAY_UP", Number(line.MaximumInterleavingDelayUp));
        Add("DSL_ACTUAL_DELAY_UP", Number(line.ActualInterleavingDelayUp));
        Add("DSL_MAXIMUM_DELAY_DOWN", Number(line.MaximumInterleavingDelayDown));
        Add("DSL_ACTUAL_DELAY_DOWN", Number(line.ActualInterleavingDelayDown));
        Add("DSL_ENCAPSULATION", line.AccessLoopEncapsulation);
        Add("DSL_LINE_TYPE", Number(line.AncpLineType));
        Add("DSL_IWF", line.IwfSession is null ? null : "1");
    }

    private void Add(string name, byte[]? octets) => Add(name, octets is null ? null : Convert.ToHexStringLower(octets));

    private static string? Number(ulong? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string? Text(byte[]? octets) => octets is null ? null : Encoding.Latin1.GetString(octets);
}
