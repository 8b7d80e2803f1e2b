using System.Runtime.InteropServices;
using L2tpd.Linux.Interop;
using L2tpd.Linux.Sockets;
using Tmds.Linux;

namespace L2tpd.Linux.Ppp;

/// <summary>The session that a PPPoL2TP socket connects to.</summary>
/// <param name="Version">2 or 3.</param>
/// <param name="TunnelSocket">Descriptor of the tunnel's UDP socket; -1 if netlink made the session.</param>
/// <param name="Peer">The peer of the tunnel. Its family selects the form of the address.</param>
/// <param name="TunnelId">Our tunnel id.</param>
/// <param name="SessionId">Our session id.</param>
/// <param name="PeerTunnelId">The peer's tunnel id.</param>
/// <param name="PeerSessionId">The peer's session id.</param>
public readonly record struct PppoxAddress(
    int Version, int TunnelSocket, SockAddr Peer, uint TunnelId, uint SessionId, uint PeerTunnelId, uint PeerSessionId)
{
    /// <summary>Size of the largest form, sockaddr_pppol2tpv3in6.</summary>
    internal const int MaximumSize = 58;

    // family (2), protocol (4), pid (4), descriptor (4): packed.
    private const int FixedSize = 14;
    private const int SizeIPv4 = 16;

    /// <summary>
    /// Writes the packed sockaddr (linux/if_pppol2tp.h, kernel.md section 2). The kernel recognises the form by its length. The ids follow
    /// the address in the IPv4 forms and precede it in the IPv6 forms; they have 16 bits in version 2 and 32 in version 3. All in host
    /// order.
    /// </summary>
    /// <returns>Octets: 38, 46, 50 or 58.</returns>
    internal int Write(Span<byte> name)
    {
        name[..MaximumSize].Clear();
        MemoryMarshal.Write(name, (ushort)LibC.AF_PPPOX);
        MemoryMarshal.Write(name[2..], Native.PX_PROTO_OL2TP);
        MemoryMarshal.Write(name[10..], TunnelSocket);
        var position = FixedSize;
        if (Peer.IsIPv6)
        {
            position += WriteIds(name[position..]);
            Peer.Bytes.CopyTo(name[position..]);
            return position + SockAddr.Size;
        }

        Peer.Bytes.CopyTo(name[position..]);
        position += SizeIPv4;
        return position + WriteIds(name[position..]);
    }

    private int WriteIds(Span<byte> name)
    {
        Span<uint> ids = [TunnelId, SessionId, PeerTunnelId, PeerSessionId];
        if (Version == 3)
        {
            MemoryMarshal.AsBytes(ids).CopyTo(name);
            return 16;
        }

        for (var i = 0; i < ids.Length; i++)
            MemoryMarshal.Write(name[(2 * i)..], (ushort)ids[i]);
        return 8;
    }
}
