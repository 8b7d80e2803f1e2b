using System.Net;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Events;

namespace L2tpd.Operations.Events;

/// <summary>What the engine does not see: name resolution, PPP authentication, data plane and configuration.</summary>
public abstract record DaemonEvent : OperationsEvent;

/// <summary>The name of an LNS did not resolve.</summary>
/// <param name="Host">The name.</param>
/// <param name="Error">Why, with the name.</param>
public sealed record LookupFailed(string Host, string Error) : DaemonEvent;

/// <summary>PPP authentication of a subscriber failed.</summary>
/// <param name="Session">The session; alive during the call only.</param>
/// <param name="Reason">User, protocol and reason in words.</param>
/// <param name="User">The name that it gave; <c>null</c>: not known.</param>
public sealed record SubscriberRefused(Session Session, string Reason, string? User = null) : DaemonEvent;

/// <summary>The data plane is chosen and runs.</summary>
/// <param name="Name"><c>kernel</c>, <c>userspace</c> or <c>null</c>.</param>
/// <param name="Reason">Why this one.</param>
public sealed record DataPlaneStarted(string Name, string Reason) : DaemonEvent;

/// <summary>A RADIUS server answers again.</summary>
/// <param name="Name">Its name.</param>
public sealed record RadiusServerUp(string Name) : DaemonEvent;

/// <summary>A RADIUS server does not answer.</summary>
/// <param name="Name">Its name.</param>
public sealed record RadiusServerDown(string Name) : DaemonEvent;

/// <summary>strongSwan is reached by its VICI socket, and has our connections.</summary>
public sealed record StrongSwanReached : DaemonEvent;

/// <summary>strongSwan cannot be reached.</summary>
/// <param name="Reason">Why.</param>
public sealed record StrongSwanLost(string Reason) : DaemonEvent;

/// <summary>strongSwan does not take a connection of ours.</summary>
/// <param name="Connection">Its name in strongSwan.</param>
/// <param name="Reason">strongSwan's error.</param>
public sealed record IpsecNotLoaded(string Connection, string Reason) : DaemonEvent;

/// <summary>IKE with a peer that dials us has failed.</summary>
/// <param name="Peer">Its address.</param>
/// <param name="Reason">Why.</param>
public sealed record IkeFailed(string Peer, string Reason) : DaemonEvent;

/// <summary>A security association is there; rekeying makes no such event.</summary>
/// <param name="Connection">Name of the connection in strongSwan.</param>
/// <param name="Remote">The peer's address.</param>
/// <param name="Identity">The identity that the peer proved.</param>
/// <param name="Algorithms">Of ESP.</param>
public sealed record SecurityAssociationUp(string Connection, IPAddress Remote, string Identity, string Algorithms) : DaemonEvent;

/// <summary>A security association has ended.</summary>
/// <param name="Connection">Name of the connection in strongSwan.</param>
/// <param name="Remote">The peer's address.</param>
/// <param name="Identity">The identity that the peer proved.</param>
public sealed record SecurityAssociationDown(string Connection, IPAddress Remote, string Identity) : DaemonEvent;

/// <summary>A changed configuration is in force.</summary>
/// <param name="By">Who requested the reload.</param>
/// <param name="Changed">Tunnels, peers and PPP profiles added, changed or removed.</param>
public sealed record ConfigurationReloaded(string By, int Changed) : DaemonEvent;

/// <summary>A reload was refused and changed nothing.</summary>
/// <param name="By">Who requested it.</param>
/// <param name="Reason">Why it was refused.</param>
public sealed record ConfigurationRefused(string By, string Reason) : DaemonEvent;

/// <summary>The daemon says StopCCN to all peers, and ends.</summary>
public sealed record ShutDownStarted : DaemonEvent;
