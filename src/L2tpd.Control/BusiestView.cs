namespace L2tpd.Control;

/// <summary>The sessions that carry the most, of all that there are.</summary>
/// <param name="Seconds">Over which the rates are averages: 0.5 to 60.</param>
/// <param name="Items">At most as many as were asked for, the busiest first.</param>
public sealed record BusiestView(double Seconds, IReadOnlyList<BusySessionView> Items);

/// <summary>One of the busiest sessions.</summary>
/// <param name="ToPeer">Octets per second to the peer.</param>
/// <param name="FromPeer">Octets per second from the peer.</param>
/// <param name="Session">The session.</param>
public sealed record BusySessionView(double ToPeer, double FromPeer, SessionView Session);
