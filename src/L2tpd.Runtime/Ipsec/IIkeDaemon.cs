using L2tpd.Ipsec.Associations;
using L2tpd.Ipsec.Connections;

namespace L2tpd.Runtime.Ipsec;

/// <summary>The IKE daemon as tunnels use it. Loop thread only.</summary>
public interface IIkeDaemon
{
    /// <summary>Whether commands can be given.</summary>
    bool IsReached { get; }

    /// <summary>The CHILD_SAs of the machine.</summary>
    SecurityAssociations Associations { get; }

    /// <summary>Our connections.</summary>
    ConnectionLoader Connections { get; }

    /// <summary>Initiates a loaded connection.</summary>
    /// <param name="connection">Its name.</param>
    /// <param name="limit">How long the daemon tries.</param>
    /// <param name="done">Takes the error, or <c>null</c> when the SA is there. Not called if the result is disposed before.</param>
    /// <returns>Dispose it to give up.</returns>
    IDisposable Initiate(string connection, TimeSpan limit, Action<string?> done);

    /// <summary>Ends all SAs of a connection, without waiting for the peer.</summary>
    void Terminate(string connection);

    /// <summary>Ends a CHILD_SA and those that it has replaced, and its IKE_SA if that certainly has no other.</summary>
    void Terminate(SecurityAssociation association);

    /// <summary>Ends the CHILD_SAs that this one has replaced, and neither it nor its IKE_SA.</summary>
    void TerminateReplaced(SecurityAssociation association);
}
