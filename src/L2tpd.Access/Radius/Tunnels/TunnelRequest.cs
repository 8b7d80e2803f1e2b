using System.Text;
using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>
/// The question of a LAC where to dial: a realm, a called number or a user as User-Name, Service-Type Outbound, and a password that is the
/// same for all of them.
/// </summary>
internal sealed class TunnelRequest(TunnelQuery query) : SessionRequest
{
    // NAS-Port-Type 5: Virtual. Service-Type 5: Outbound (RFC 2865 section 5.6).
    private const uint VirtualPort = 5;
    private const uint OutboundService = 5;

    private static readonly SessionAttributes NoSession = new() { SessionId = "" };

    /// <inheritdoc/>
    public override RadiusService Service => RadiusService.Authentication;

    /// <inheritdoc/>
    public override uint Affinity => AffinityOf(Encoding.UTF8.GetBytes(query.User));

    /// <inheritdoc/>
    public override void Write(ref PacketBuilder packet, int server, long delay)
    {
        packet.AddText(AttributeType.UserName, query.User);
        packet.AddUserPassword(Encoding.UTF8.GetBytes(query.Password));
        packet.AddUInt32(AttributeType.ServiceType, OutboundService);
        packet.AddUInt32(AttributeType.NasPortType, VirtualPort);
        WriteServer(ref packet, server, NoSession with { NasIdentifier = query.NasIdentifier });
    }
}

/// <summary>The question where to dial.</summary>
/// <param name="User">User-Name, 1 to 253 octets in UTF-8: a realm, a user, <c>dnis:</c> and a number.</param>
/// <param name="Password">User-Password, at most 128 octets in UTF-8.</param>
/// <param name="NasIdentifier">NAS-Identifier: our host name.</param>
public sealed record TunnelQuery(string User, string Password, string? NasIdentifier)
{
    /// <summary>The group of servers to ask; <c>null</c>: all servers.</summary>
    public string? Group { get; init; }

    /// <summary>Never shows the password.</summary>
    public override string ToString() => $"TunnelQuery {{ User = {User} }}";
}
