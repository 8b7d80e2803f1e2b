using System.Collections.Immutable;
using System.Net;
using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Ipsec.Associations;
using L2tpd.Linux.Host;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Data;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Ipsec;

/// <summary>What ESP leaves of the path of a tunnel.</summary>
/// <param name="Packet">Octets of the largest IP packet that needs no fragment after ESP, with its IP header.</param>
/// <param name="IsExact">Computed of the SA; otherwise of the algorithms that the SA may have, in the worst case.</param>
/// <param name="Text">Of what it is computed, for the operator.</param>
public sealed record EspLimit(int Packet, bool IsExact, string Text);

/// <summary>
/// The largest packets of tunnels inside ESP. Exact where strongSwan tells the SA; otherwise for the proposals of the configuration, or,
/// where those are strongSwan's own, for the longest algorithms in use. Loop thread only.
/// </summary>
/// <param name="listeners">The listeners.</param>
/// <param name="find">The SA of a tunnel; <c>null</c> if there is none or it is not known.</param>
/// <param name="mtuOf">The largest IP packet to the peer without ESP, octets; 0 if not known. <c>null</c>: asks the kernel.</param>
public sealed class EspLimits(
    ImmutableArray<Listener> listeners, Func<Tunnel, SecurityAssociation?> find, Func<Tunnel, int>? mtuOf = null)
{
    private const int Udp = 8, SessionId = 4, FlagsOverUdp = 4, Sublayer = 4, Ethernet = 14, VlanTag = 4;

    /// <summary>The limit of a tunnel; <c>null</c> if it is not inside ESP, as far as we know, or the path is not known.</summary>
    public EspLimit? Of(Tunnel tunnel)
    {
        var association = find(tunnel);
        var settings = SettingsOf(tunnel);
        if ((association is null && settings.Policy == IpsecPolicy.None) || (mtuOf ?? AskKernel)(tunnel) is not (> 0 and var mtu))
            return null;
        var isIPv6 = tunnel.Path.Remote.IsIPv6;
        if (association is { Algorithms.Length: > 0 })
        {
            var isInUdp = association.EncapsulationPort != 0;
            var transform = EspTransform.OfAlgorithms(association.Algorithms);
            return new EspLimit(transform.LargestPacket(mtu, isIPv6, isInUdp), true, association.Algorithms + (isInUdp ? " in UDP" : ""));
        }

        // There is no NAT in IPv6 that we know of.
        var worst = settings.HasCredentials ? EspTransform.OfProposals(ConnectionSettings.EspProposalsOf(settings)) : EspTransform.Largest;
        return new EspLimit(worst.LargestPacket(mtu, isIPv6, !isIPv6), false, "the longest algorithms");
    }

    /// <summary>The MTU of the interface of an Ethernet session whose frames need no fragments.</summary>
    /// <param name="tunnel">The session's tunnel.</param>
    /// <param name="type">Ethernet, or Ethernet with a VLAN tag in the frame.</param>
    /// <param name="cookie">Octets of the cookie that we send.</param>
    /// <param name="sublayer">The sublayer that we send.</param>
    /// <returns>Octets; <c>null</c> if the tunnel is not inside ESP.</returns>
    public ushort? EthernetMtuOf(Tunnel tunnel, PseudowireType type, int cookie, L2SpecificSublayer sublayer)
    {
        if (Of(tunnel) is not { } limit)
            return null;
        var carrier = tunnel.Path.Remote.IsOverIp ? 0 : Udp + FlagsOverUdp;
        var session = SessionId + cookie + (sublayer == L2SpecificSublayer.None ? 0 : Sublayer);
        var frame = Ethernet + (type == PseudowireType.EthernetVlan ? VlanTag : 0);
        return (ushort)Math.Clamp(limit.Packet - (tunnel.Path.Remote.IsIPv6 ? 40 : 20) - carrier - session - frame, 68, ushort.MaxValue);
    }

    private static int AskKernel(Tunnel tunnel)
    {
        var (remote, profile) = (tunnel.Path.Remote.ToSockAddr(), tunnel.Profile);
        return PathMtu.TryGet(remote, profile.BindDevice, profile.FwMark, out var mtu, bypassesIpsec: true).IsNone ? mtu : 0;
    }

    /// <summary>Those of the profile if it has any, otherwise those of the listener that has the tunnel.</summary>
    private IpsecSettings SettingsOf(Tunnel tunnel)
    {
        if (tunnel.Profile.Ipsec.Policy != IpsecPolicy.None)
            return tunnel.Profile.Ipsec;
        var local = tunnel.Path.Local;
        return listeners.FirstOrDefault(listener => Has(listener, local))?.Ipsec ?? IpsecSettings.None;
    }

    private static bool Has(Listener listener, in Endpoint local) =>
        listener.Carrier == DataCarrier.Ip == local.IsOverIp && (local.IsOverIp || listener.Port == local.Port)
        && listener.Address.AddressFamily == local.ToIPAddress().AddressFamily
        && (listener.Address.Equals(IPAddress.Any) || listener.Address.Equals(IPAddress.IPv6Any)
            || local.Address == 0 || listener.Address.Equals(local.ToIPAddress()));
}
