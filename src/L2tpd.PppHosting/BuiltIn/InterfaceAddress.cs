using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>The address of a network layer on a session's interface. Worker thread only.</summary>
internal static class InterfaceAddress
{
    /// <summary>Adds the address. What the interface does with router advertisements is set before: they may come at once.</summary>
    /// <returns>EACCES: the system cannot be told to take the peer's advertisements.</returns>
    public static LinuxError Add(RtNetlink netlink, string @interface, LinkNetwork network)
    {
        if (network.Router != LinkRouter.None)
        {
            var error = RouterAdvertisementUse.Set(@interface, accept: network.Router == LinkRouter.Peers);
            // Not to believe a peer is a second line only: its advertisements are dropped before the system sees them.
            if (!error.IsNone && network.Router == LinkRouter.Peers)
                return error;
        }

        return netlink.AddAddress(@interface, network.Local, network.PrefixLength, network.Peer);
    }
}
