using System.Net;
using System.Net.Sockets;
using System.Text;
using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>A RADIUS request about a session or the whole server: the attributes that Access- and Accounting-Requests share.</summary>
internal abstract class SessionRequest : RadiusRequest
{
    // NAS-Port-Type 5: Virtual. Service-Type 2: Framed. Framed-Protocol 1: PPP (RFC 2865 section 5). Tunnel-Type 3: L2TP (RFC 2868).
    private const uint VirtualPort = 5;
    private const uint FramedService = 2;
    private const uint PppProtocol = 1;
    private const uint L2tpTunnel = 3;
    private const uint Ipv4Medium = 1;
    private const uint Ipv6Medium = 2;
    private const int LongestText = 252;

    /// <summary>Knows our address towards each server. Set when the request is submitted.</summary>
    public IRadiusSockets? Sockets { get; set; }

    /// <summary>A number for a user's name, the same in each run (FNV-1a): for the choice in a balanced group.</summary>
    protected static uint AffinityOf(ReadOnlySpan<byte> name)
    {
        var hash = 2_166_136_261u;
        foreach (var octet in name)
            hash = unchecked((hash ^ octet) * 16_777_619u);
        return hash;
    }

    /// <summary>NAS-Identifier and NAS-IP-Address or NAS-IPv6-Address: of every request.</summary>
    protected void WriteServer(ref PacketBuilder packet, int server, SessionAttributes session)
    {
        packet.AddText(AttributeType.NasIdentifier, session.NasIdentifier);
        WriteAddress(ref packet, server);
    }

    /// <summary>NAS-IP-Address or NAS-IPv6-Address: ours towards that server.</summary>
    protected void WriteAddress(ref PacketBuilder packet, int server)
    {
        if (Sockets?.LocalAddress(server) is { } address)
        {
            packet.AddAddress(address.AddressFamily == AddressFamily.InterNetworkV6
                ? AttributeType.NasIpv6Address : AttributeType.NasIpAddress, address);
        }
    }

    /// <summary>What the request says of the session's port, service and tunnel.</summary>
    protected static void WriteSession(ref PacketBuilder packet, SessionAttributes session)
    {
        packet.AddUInt32(AttributeType.NasPort, session.NasPort);
        packet.AddText(AttributeType.NasPortId, session.NasPortId);
        packet.AddUInt32(AttributeType.NasPortType, VirtualPort);
        packet.AddUInt32(AttributeType.ServiceType, FramedService);
        packet.AddUInt32(AttributeType.FramedProtocol, PppProtocol);
        packet.AddText(AttributeType.AcctSessionId, session.SessionId);
        packet.AddText(AttributeType.CallingStationId, session.CallingNumber);
        packet.AddText(AttributeType.CalledStationId, session.CalledNumber);
        packet.AddText(AttributeType.ConnectInfo, session.ConnectInfo);
        WriteLine(ref packet, session.LineAttributes);
        if (session.TunnelClientEndpoint is not { } client)
            return;

        packet.AddUInt32(AttributeType.TunnelType, L2tpTunnel);
        packet.AddUInt32(AttributeType.TunnelMediumType, IsIpv6(client) ? Ipv6Medium : Ipv4Medium);
        AddUntagged(ref packet, AttributeType.TunnelClientEndpoint, client);
        AddUntagged(ref packet, AttributeType.TunnelServerEndpoint, session.TunnelServerEndpoint);
        AddUntagged(ref packet, AttributeType.TunnelClientAuthId, session.TunnelClientName);
        AddUntagged(ref packet, AttributeType.TunnelServerAuthId, session.TunnelServerName);
    }

    /// <summary>One Vendor-Specific attribute for each, since many servers read only the first of several in one.</summary>
    private static void WriteLine(ref PacketBuilder packet, string? line)
    {
        if (line is null)
            return;

        foreach (var attribute in new AttributeReader(Convert.FromHexString(line)))
            packet.AddVendor(VendorId.AdslForum, (byte)attribute.Type, attribute.Value);
    }

    private static bool IsIpv6(string address) =>
        IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>A tunnel attribute with tag 0 (RFC 2868 section 3): without the octet, a text could be taken for a tagged one.</summary>
    protected static void AddUntagged(ref PacketBuilder packet, AttributeType type, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return;

        Span<byte> octets = stackalloc byte[LongestText + 1];
        octets[0] = 0;
        Encoding.UTF8.GetEncoder().Convert(text, octets[1..], flush: true, out _, out var written, out _);
        packet.Add(type, octets[..(written + 1)]);
    }
}
