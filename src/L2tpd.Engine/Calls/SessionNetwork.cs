namespace L2tpd.Engine.Calls;

/// <summary>The network of a session, once it is up: by PPP, or by the interface of an Ethernet pseudowire.</summary>
/// <param name="Interface">Name of the network interface.</param>
/// <param name="LocalAddress">Our address; <c>null</c> where PPP agreed on none.</param>
/// <param name="PeerAddress">The peer's address; <c>null</c> where PPP agreed on none.</param>
/// <param name="NameServers">Addresses of the name servers that the peer named, separated by blanks; <c>null</c> if it named none.</param>
public sealed record SessionNetwork(string Interface, string? LocalAddress, string? PeerAddress, string? NameServers);
