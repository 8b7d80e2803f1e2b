using System.Collections.Immutable;
using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Linux;
using L2tpd.Ppp;
using L2tpd.Ppp.Data;
using L2tpd.Runtime.Counters;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// The data plane's part of one PPP session: frames of control protocols, an interface, its addresses. Results go to the observer. Loop
/// thread only.
/// </summary>
public interface IPppLink
{
    /// <summary>Name of the interface; <c>null</c> while there is none.</summary>
    string? Interface { get; }

    /// <summary>
    /// The session stays in the data plane until the link is closed: the peer can acknowledge our Terminate-Request after the L2TP
    /// session's end.
    /// </summary>
    bool OutlivesSession { get; }

    /// <summary>Takes the session's channel; <see cref="IPppLinkObserver.OnOpened"/> follows.</summary>
    /// <param name="tunnelEnd">The tunnel's other end, which is guarded until the link is closed; <c>null</c>: no route of this session may
    /// cover it.</param>
    void Open(IPAddress? tunnelEnd);

    /// <summary>Sends a frame, with FF 03 unless it may be left out. Without room the frame is lost, as on any link.</summary>
    void Send(ReadOnlySpan<byte> frame);

    /// <summary>Sets what LCP negotiated, for data packets.</summary>
    void SetFraming(LinkParameters link);

    /// <summary>
    /// Limits the session's data packets, now and on an interface that is made later; <see cref="IPppLinkObserver.OnRatesRefused"/> follows
    /// if the data plane cannot.
    /// </summary>
    void SetRates(SessionRates rates);

    /// <summary>
    /// Lets packets of a network layer pass, and makes the interface if there is none; <see cref="IPppLinkObserver.OnNetworkAdded"/>
    /// follows.
    /// </summary>
    void AddNetwork(LinkNetwork network);

    /// <summary>Stops a network layer.</summary>
    void RemoveNetwork(LinkNetwork network);

    /// <summary>
    /// Routes a network to the peer, and lets packets pass whose source is in it; <see cref="IPppLinkObserver.OnRouteAdded"/> follows. The
    /// network layer of its family was added before. The route ends with the link at the latest.
    /// </summary>
    /// <param name="destination">IPv4 or IPv6. The caller keeps it off the tunnel's own path.</param>
    /// <param name="metric">Metric of the kernel's route; 0: the kernel's default.</param>
    void AddRoute(IPNetwork destination, uint metric);

    /// <summary>Removes a route; one that was not added, or failed, changes nothing.</summary>
    /// <inheritdoc cref="AddRoute"/>
    void RemoveRoute(IPNetwork destination, uint metric);

    /// <summary>Time since the last data packet each way; false if there is no interface, or there was no packet.</summary>
    bool TryGetIdle(out TimeSpan transmit, out TimeSpan receive);

    /// <summary>
    /// Reads the session's counters: <see cref="IPppLinkObserver.OnCounters"/> follows once, possibly within this call, unless the link is
    /// closed before.
    /// </summary>
    void RequestCounters();

    /// <summary>Closes the link; <see cref="IPppLinkObserver.OnClosed"/> follows as the last call. Idempotent.</summary>
    void Close();
}

/// <summary>Receives the results of a link. Loop thread; never within a call of the link, except for the counters.</summary>
public interface IPppLinkObserver
{
    void OnOpened(LinuxError error);

    /// <summary>A frame from the peer that is not a data packet of an open layer; with or without FF 03, valid during the call.</summary>
    void OnFrame(ReadOnlySpan<byte> frame);

    /// <summary>
    /// A packet of the peer that configures the link (<see cref="Ipv6Control"/>), offered before it is delivered. The userspace data planes
    /// look for such packets in the data path, with an interface per session and with a shared one alike: behind a shared interface the
    /// system could not tell the sessions apart. On the kernel data plane the session's ppp interface carries them to the host, where a
    /// packet socket bound to that interface reads them if we are the link's router (<see cref="LinkRouter.Ours"/>); there the system gets
    /// them as well.
    /// </summary>
    /// <param name="packet">An IPv6 packet whose source is the peer's link-local address or none; valid during the call.</param>
    /// <returns>True if a network layer took it: it is not delivered.</returns>
    bool OnControlPacket(ReadOnlySpan<byte> packet);

    /// <summary>The session below ended.</summary>
    void OnHangUp();

    void OnNetworkAdded(LinkNetwork network, LinuxError error);

    /// <summary>
    /// The result of <see cref="IPppLink.AddRoute"/>. EADDRINUSE or EEXIST: another session, or somebody else, has that route.
    /// </summary>
    void OnRouteAdded(IPNetwork destination, LinuxError error);

    /// <summary>Packets pass, but the default route could not be added.</summary>
    void OnRouteRefused(LinuxError error);

    /// <summary>The session is up, and packets of at least one direction pass without a limit.</summary>
    /// <param name="error">Why.</param>
    /// <param name="module">The kernel module that is probably missing; <c>null</c>: it is something else.</param>
    void OnRatesRefused(LinuxError error, string? module)
    {
        // Only for observers that set rates.
    }

    /// <summary>The counters; <c>null</c>: they cannot be read.</summary>
    void OnCounters(SessionCounters? counters);

    void OnClosed();
}

/// <summary>Makes links.</summary>
public interface IPppLinkFactory : IDisposable
{
    /// <summary>Adds what the links count to the registry, before the loop runs.</summary>
    void Register(CounterRegistry registry)
    {
        // Links of the kernel count nothing of their own.
    }

    /// <summary>Sets up what all links of a profile have in common, before the loop runs; may block.</summary>
    LinuxError Prepare(LinkSettings settings);

    /// <summary>
    /// The same on the loop, after profiles changed. What may block is done by a worker, before its work for links that are made later.
    /// </summary>
    /// <param name="settings">The links' settings.</param>
    /// <param name="onFailure">Called on the loop with the error.</param>
    void PrepareRunning(LinkSettings settings, Action<LinuxError> onFailure);

    /// <summary>
    /// Makes the interfaces of sessions that are dialled on demand, and closes those of sessions that are not in the list. A data plane
    /// whose interfaces come with the session has none of them.
    /// </summary>
    void UseDemand(IReadOnlyList<DemandSession> sessions)
    {
        // The configuration lets no session of other data planes be dialled on demand.
    }

    /// <summary>A session that is dialled on demand, or its tunnel, waits after a failure: meanwhile its packets are dropped.</summary>
    void HoldOff(string name, TimeSpan time)
    {
        // As above.
    }

    /// <summary>A link of a session of the data plane, which holds the session until the link is closed.</summary>
    /// <returns><c>null</c> if the data plane carries no PPP on this session.</returns>
    IPppLink? Create(SessionKey session, LinkSettings settings, IPppLinkObserver observer);
}

/// <summary>Settings of a link's interface.</summary>
/// <param name="Interface">Its name; <c>null</c>: the kernel chooses one.</param>
/// <param name="Mru">Largest packet to expect, octets.</param>
/// <param name="Shape">One interface per session, one for all sessions, or none.</param>
/// <param name="ClampMss">Lower the MSS of TCP connections to what the link carries.</param>
/// <param name="Mtu">Largest packet to send, octets, even if the peer takes larger ones.</param>
/// <param name="Local">Shared interface: our address.</param>
/// <param name="Identifier">Shared interface: our IPv6 interface identifier on all its links; 0: no IPv6.</param>
/// <param name="Prefixes">Shared interface: the networks behind it.</param>
public sealed record LinkSettings(
    string? Interface, int Mru, PppInterfaceShape Shape, bool ClampMss, int Mtu, IPAddress? Local, ulong Identifier,
    ImmutableArray<IPNetwork> Prefixes)
{
    /// <summary>Shown as the interface's name where there is none.</summary>
    public const string NoInterface = "none";
}

/// <summary>The routes of one session.</summary>
/// <param name="TunnelEnd">The tunnel's other end, if it has an address of the layer's family: it must not be reached through the session;
/// <c>null</c>: it has none.</param>
/// <param name="Default">Route everything through the session.</param>
/// <param name="Metric">Metric of the default route; the lowest counts.</param>
/// <param name="Replace">The default route takes precedence over all others, whatever their metric.</param>
public sealed record SessionRoutes(IPAddress? TunnelEnd, bool Default = false, uint Metric = 0, bool Replace = false);

/// <summary>One network layer of a link.</summary>
/// <param name="Local">Our address; its family says which layer this is.</param>
/// <param name="Peer">The peer's address; <c>null</c>: not known.</param>
/// <param name="Mtu">Largest packet to send, octets.</param>
/// <param name="Routes">The session's default route, and the tunnel's end that no route of the session may cover; <c>null</c>:
/// neither.</param>
/// <param name="CheckSource">The peer is a subscriber: its packets with another source address are dropped.</param>
/// <param name="Router">Which end is the IPv6 router of the other.</param>
/// <param name="Informs">IPv4: packets of the peer to a DHCP server go to the observer.</param>
public sealed record LinkNetwork(
    IPAddress Local, IPAddress? Peer, int Mtu, SessionRoutes? Routes = null, bool CheckSource = false, LinkRouter Router = LinkRouter.None,
    bool Informs = false)
{
    /// <summary>
    /// The peer's PPP address is also its tunnel's address: the interface's route to the peer would take the tunnel's packets.
    /// </summary>
    public bool PeerIsTunnelEnd => Routes is { TunnelEnd: { } end } && end.Equals(Peer);

    public bool IsIPv6 => Local.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;

    /// <summary>PPP protocol number of the packets.</summary>
    public int Protocol => IsIPv6 ? 0x57 : 0x21;

    /// <summary>A point-to-point address if the peer's is known; otherwise the layer's usual prefix.</summary>
    public int PrefixLength => Peer is not null ? (IsIPv6 ? 128 : 32) : IsIPv6 ? 64 : 32;
}

/// <summary>Which end of a link is the IPv6 router of the other.</summary>
public enum LinkRouter
{
    /// <summary>Nothing is known of it: the system's settings count.</summary>
    None,

    /// <summary>We are: the peer's advertisements are not believed, and its control packets go to the observer.</summary>
    Ours,

    /// <summary>The peer is: the system takes addresses and a default route from its advertisements.</summary>
    Peers,
}
