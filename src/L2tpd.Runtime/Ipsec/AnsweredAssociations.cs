using System.Net;
using L2tpd.Ipsec.Associations;
using L2tpd.Ipsec.Connections;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Ipsec;

/// <summary>
/// Ends the SAs of answered peers that no tunnel uses (RFC 3193 section 3.1). An SA is ended
/// <list type="bullet">
/// <item>with the tunnel that came up on it: <see cref="ProtectedTunnels.Grace"/> after the tunnel;</item>
/// <item>otherwise when it is <see cref="SetUpLimit"/> old: the peer may be about to set up a tunnel on it.</item>
/// </list>
/// Each end is looked at again until the SA has ended, because strongSwan may not have been reached. SAs of connections that the operator
/// has configured, and those of dialled tunnels, are not ended here.
/// <para>Which tunnel uses which SA is certain only where ports or marks tell. If it is not known of a tunnel, all SAs that may protect it
/// are in use. strongSwan may report an SA after the first tunnel on it is established: the SA that a tunnel came up on is noted after
/// <see cref="ProtectedTunnels.Grace"/>.</para>
/// <para>An IKEv1 peer that has lost its state and is back before its tunnel has ended: strongSwan takes the peer's new SA for the
/// rekeying of the former one, which stays in the kernel until the end of its lifetime. The former one is ended when all tunnels that use
/// the new one are younger than that. SAs that are rekeyed under a tunnel are left to their lifetime: peers may still send in them.</para>
/// <para>Loop thread only.</para>
/// </summary>
internal sealed class AnsweredAssociations(IIkeDaemon daemon, EstablishedTunnels tunnels, LoopTimers timers)
{
    /// <summary>How long an SA may be without a tunnel.</summary>
    public static readonly TimeSpan SetUpLimit = TimeSpan.FromSeconds(60);

    private static readonly long GraceMilliseconds = (long)ProtectedTunnels.Grace.TotalMilliseconds;

    private readonly HashSet<IPAddress> _scheduled = [];

    /// <summary>An SA is there, and a tunnel is expected on it.</summary>
    public void HandleStarted(SecurityAssociation association)
    {
        if (IsOurs(association))
            Schedule(association.Remote);
    }

    /// <summary>A tunnel has been established.</summary>
    public void HandleEstablished(EstablishedTunnel tunnel)
    {
        // That of another tunnel may be the peer's former one.
        if (Newest(tunnel)?.Origin is { } origin && tunnels.At(tunnel.Address).All(other => other.Origin != origin))
            tunnel.Origin = origin;
        else
            timers.After(ProtectedTunnels.Grace, () => tunnel.Origin ??= OriginOf(tunnel));
    }

    /// <summary>A tunnel has ended, and was removed from the established ones.</summary>
    public void HandleLeft(EstablishedTunnel tunnel) => Check(tunnel.Address, tunnel.Origin ?? OriginOf(tunnel));

    /// <summary>The daemon ends: ends all SAs of answered peers.</summary>
    public void TerminateAll()
    {
        foreach (var association in daemon.Associations.All.Where(IsOurs).ToArray())
            daemon.Terminate(association);
    }

    private static bool IsOurs(SecurityAssociation association) =>
        association.Connection.StartsWith(ConnectionLoader.Prefix, StringComparison.Ordinal)
        && !association.Connection.StartsWith(ConnectionLoader.DialPrefix, StringComparison.Ordinal);

    private void Schedule(IPAddress address)
    {
        if (!_scheduled.Add(address))
            return;
        timers.After(SetUpLimit, () =>
        {
            _scheduled.Remove(address);
            Check(address, left: null);
        });
    }

    /// <param name="address">The peer's address.</param>
    /// <param name="left">The CHILD_SA that a tunnel came up on which has ended; <c>null</c> if none has.</param>
    private void Check(IPAddress address, uint? left)
    {
        foreach (var association in daemon.Associations.At(address).Where(IsOurs).ToArray())
        {
            var users = tunnels.At(address).Where(tunnel => Uses(tunnel, association)).ToArray();
            if (users.Length > 0)
            {
                if (users.All(tunnel => tunnel.Since >= association.Since - GraceMilliseconds))
                    daemon.TerminateReplaced(association);
                continue;
            }

            if (association.ChildId == left || timers.Now - association.Since >= (long)SetUpLimit.TotalMilliseconds)
                daemon.Terminate(association);
            Schedule(address);
        }
    }

    private bool Uses(EstablishedTunnel tunnel, SecurityAssociation association)
    {
        if (tunnel.Origin == association.Origin)
            return true;
        if (Newest(tunnel) is { } newest)
            return newest.ChildId == association.ChildId;
        return tunnel.MayBeIn(association) && daemon.Associations.At(tunnel.Address).All(one => one.Origin != tunnel.Origin);
    }

    private SecurityAssociation? Newest(EstablishedTunnel tunnel) =>
        daemon.Associations.Find(tunnel.Address, tunnel.Remote.Port, tunnel.Remote.Mark);

    /// <summary>That of the newest SA, unless it is too young for the tunnel to have come up on it.</summary>
    private uint? OriginOf(EstablishedTunnel tunnel) =>
        Newest(tunnel) is { } newest && newest.Since <= tunnel.Since + GraceMilliseconds ? newest.Origin : null;
}
