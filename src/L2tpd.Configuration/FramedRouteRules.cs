namespace L2tpd.Configuration;

/// <summary>Which routes of a user are installed (Framed-Route, Framed-IPv6-Route, Framed-IP-Netmask, <c>routes</c> of a user).</summary>
/// <param name="Limit">Routes per session; further ones are left out.</param>
/// <param name="Covering">Whether a default route, and a route that covers the tunnel's other end, is installed.</param>
public readonly record struct FramedRouteRules(int Limit, bool Covering)
{
    /// <summary>Sixteen routes per session, none of which covers the tunnel.</summary>
    public static FramedRouteRules Default { get; } = new(16, false);
}
