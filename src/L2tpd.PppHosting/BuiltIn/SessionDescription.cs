using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using L2tpd.Access;
using L2tpd.Engine.Calls;
using L2tpd.Ppp;
using L2tpd.Protocol.Messages;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>Translates a session of the engine for PPP and access control.</summary>
internal static class SessionDescription
{
    /// <summary>The attributes for authentication and accounting; the caller adds the numbers of session and port.</summary>
    public static SessionAttributes Of(Session session)
    {
        var tunnel = session.Tunnel;
        var (ours, theirs) = (tunnel.Path.Local.ToIPAddress().ToString(), tunnel.Path.Remote.ToIPAddress().ToString());
        var request = session.Request;
        return new SessionAttributes
        {
            SessionId = string.Empty,
            NasPortId = session.Name,
            CalledNumber = request.CalledNumber,
            CallingNumber = (request as Icrq)?.CallingNumber,
            ConnectInfo = ConnectInfoOf(session),
            TunnelClientEndpoint = session.IsLns ? theirs : ours,
            TunnelServerEndpoint = session.IsLns ? ours : theirs,
            TunnelClientName = session.IsLns ? tunnel.PeerIntroduction?.HostName : tunnel.LocalHostName,
            TunnelServerName = session.IsLns ? tunnel.LocalHostName : tunnel.PeerIntroduction?.HostName,
            TunnelAssignmentId = tunnel.AssignmentId,
            LineAttributes = LineDescription.Of((request as Icrq)?.DslLine),
            TunnelConnection = request.CallSerialNumber.ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>
    /// Connect-Info (RFC 2869 section 5.11): the speed towards the subscriber in bit/s, a slash and the other one if they differ, then the
    /// sub-address; <c>null</c> if the call has none of them.
    /// </summary>
    private static string? ConnectInfoOf(Session session)
    {
        var connected = session.Connected;
        var transmit = connected?.Pseudowire?.TxConnectSpeed ?? connected?.TxConnectSpeed ?? 0;
        var receive = connected?.Pseudowire?.RxConnectSpeed ?? connected?.RxConnectSpeed ?? transmit;
        var speed = transmit == 0 ? null
            : receive == transmit ? transmit.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{transmit}/{receive}");
        var address = session.Request.SubAddress is { Length: > 0 } sub ? $"sub-address {sub}" : null;
        return speed is null ? address : address is null ? speed : $"{speed} {address}";
    }

    /// <summary>What the LAC negotiated with the subscriber; <c>null</c>: the LAC sent nothing of it.</summary>
    public static ProxyState? ProxyOf(Session session) => session.Connected is Iccn { ProxyLcp: { } lcp } iccn
        ? new ProxyState
        {
            LastSentOptions = lcp.LastSentConfReq,
            LastReceivedOptions = lcp.LastReceivedConfReq,
            AuthenticationType = (ushort?)iccn.ProxyAuthentication?.Type,
            Name = iccn.ProxyAuthentication?.Name,
            Challenge = iccn.ProxyAuthentication?.Challenge,
            Id = iccn.ProxyAuthentication?.Id,
            Response = iccn.ProxyAuthentication?.Response,
        }
        : null;

    /// <summary>The identifier of a link-local address.</summary>
    public static ulong IdentifierOf(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out _);
        return BinaryPrimitives.ReadUInt64BigEndian(octets[8..]);
    }

    /// <summary>fe80::/64 with the identifier.</summary>
    public static IPAddress LinkLocal(ulong identifier)
    {
        Span<byte> octets = stackalloc byte[16];
        octets[0] = 0xfe;
        octets[1] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(octets[8..], identifier);
        return new IPAddress(octets);
    }
}
