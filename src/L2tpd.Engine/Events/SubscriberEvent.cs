using System.Net;
using L2tpd.Engine.Calls;

namespace L2tpd.Engine.Events;

/// <summary>
/// What a session's user has, or no longer has. PPP reports it; the engine only passes it on (<see cref="Inputs.SubscriberReport"/>). The
/// session may have ended.
/// </summary>
/// <param name="Session">The session; alive during the call only.</param>
public abstract record SubscriberEvent(Session Session) : EngineEvent
{
    /// <summary>The user's name; <c>null</c>: as the session has it, or not known.</summary>
    public string? User { get; init; }
}

/// <summary>A peer has an IPv4 address of ours.</summary>
/// <param name="Session">The session.</param>
/// <param name="Address">The address.</param>
/// <param name="Origin">Where it is from, in words: "from the pool `a`", for example.</param>
public sealed record AddressAssigned(Session Session, string Address, string Origin) : SubscriberEvent(Session);

/// <summary>The address is free for others.</summary>
/// <param name="Session">The session that had it.</param>
/// <param name="Address">The address.</param>
public sealed record AddressReleased(Session Session, string Address) : SubscriberEvent(Session);

/// <summary>A peer has an IPv6 prefix or address of ours.</summary>
/// <param name="Session">The session.</param>
/// <param name="Prefix">The prefix; an address has 128 bits.</param>
/// <param name="Use">What it is for, in words: "delegated by DHCPv6", for example.</param>
public sealed record PrefixAssigned(Session Session, IPNetwork Prefix, string Use) : SubscriberEvent(Session);

/// <summary>The prefix is not the session's any more. It may be kept for its user.</summary>
/// <param name="Session">The session that had it.</param>
/// <param name="Prefix">The prefix.</param>
public sealed record PrefixReleased(Session Session, IPNetwork Prefix) : SubscriberEvent(Session);

/// <summary>A network is routed to the session.</summary>
/// <param name="Session">The session.</param>
/// <param name="Destination">The network.</param>
public sealed record RouteInstalled(Session Session, IPNetwork Destination) : SubscriberEvent(Session);

/// <summary>A network is not routed to the session any more.</summary>
/// <param name="Session">The session.</param>
/// <param name="Destination">The network.</param>
public sealed record RouteRemoved(Session Session, IPNetwork Destination) : SubscriberEvent(Session);
