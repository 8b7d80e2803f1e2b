using System.Collections.Immutable;
using System.Net;
using L2tpd.Access;
using L2tpd.Daemon.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Linux;
using L2tpd.Ppp;
using L2tpd.Ppp.Data;

namespace L2tpd.Daemon.Ppp.BuiltIn;

/// <summary>The data plane's part of one PPP session: frames of control protocols, an interface, its addresses. Loop thread only; results come to the observer.</summary>
public interface IPppLink
{
    /// <summary>Name of the interface; null while there is none.</summary>
    string? Interface { get; }

    /// <summary>The session stays in the data plane until the link is closed, so that a goodbye can be answered after the L2TP session's end.</summary>
    bool OutlivesSession { get; }

    /// <summary>Takes the session's channel; <see cref="IPppLinkObserver.OnOpened"/> follows.</summary>
    void Open();

    /// <summary>Sends a frame, with FF 03 where the rules want it. A frame there is no room for is lost, as on any link.</summary>
    void Send(ReadOnlySpan<byte> frame);

    /// <summary>What LCP agreed on, for data packets.</summary>
    void SetFraming(LinkParameters link);

    /// <summary>Lets a network layer flow: makes the interface if there is none; <see cref="IPppLinkObserver.OnNetworkAdded"/> follows.</summary>
    void AddNetwork(LinkNetwork network);

    /// <summary>Stops a network layer.</summary>
    void RemoveNetwork(LinkNetwork network);

    /// <summary>Time since the last data packet each way; false: there is no interface, or nothing was ever carried.</summary>
    bool TryGetIdle(out TimeSpan transmit, out TimeSpan receive);

    /// <summary>Reads the session's counters: <see cref="IPppLinkObserver.OnCounters"/> follows once, perhaps from within this call, unless the link is closed before.</summary>
    void RequestCounters();

    /// <summary>Gives everything back; <see cref="IPppLinkObserver.OnClosed"/> follows, and nothing after it. Idempotent.</summary>
    void Close();
}

/// <summary>Whom a link tells. Loop thread; but for the counters never from within a call of the link.</summary>
public interface IPppLinkObserver
{
    void OnOpened(LinuxError error);

    /// <summary>A frame of the peer's that is not a data packet of a layer that flows; with or without FF 03, valid during the call.</summary>
    void OnFrame(ReadOnlySpan<byte> frame);

    /// <summary>
    /// A packet of the peer that configures the link (<see cref="Ipv6Control"/>), offered before it is delivered. The userspace data planes look for such
    /// packets in the data path, with an interface per session and with a shared one alike: behind a shared interface the system could not tell the
    /// sessions apart. On the kernel data plane they never come here: the session's ppp interface carries them to the host, where a packet socket bound
    /// to that interface (AF_PACKET, ETH_P_IPV6, filtered by next header) reads and writes them.
    /// </summary>
    /// <param name="packet">An IPv6 packet whose source is the peer's link-local address or none; valid during the call.</param>
    /// <returns>True if a network layer took it: it is not delivered.</returns>
    bool OnControlPacket(ReadOnlySpan<byte> packet);

    /// <summary>The session below is gone.</summary>
    void OnHangUp();

    void OnNetworkAdded(LinkNetwork network, LinuxError error);

    /// <summary>The network flows, but the default route could not be had.</summary>
    void OnRouteRefused(LinuxError error);

    /// <summary>The counters asked for; null: they cannot be had.</summary>
    void OnCounters(SessionCounters? counters);

    void OnClosed();
}

/// <summary>Makes links.</summary>
public interface IPppLinkFactory : IDisposable
{
    /// <summary>Sets up what all links of a profile have in common, before the loop runs; may block.</summary>
    LinuxError Prepare(LinkSettings settings);

    /// <summary>The same on the loop, after profiles changed: what may block is done by a worker, before anything that it does for links made later.</summary>
    /// <param name="settings">What has to be there.</param>
    /// <param name="onFailure">Told, on the loop, why it cannot be had.</param>
    void PrepareRunning(LinkSettings settings, Action<LinuxError> onFailure);

    /// <summary>A link of a session of the data plane, which holds the session until the link is closed.</summary>
    /// <returns>Null: the data plane carries no PPP on this session.</returns>
    IPppLink? Create(SessionKey session, LinkSettings settings, IPppLinkObserver observer);
}

/// <summary>How a link's interface is to be.</summary>
/// <param name="Interface">Name wanted; null: the kernel's choice.</param>
/// <param name="Mru">Largest packet to expect, octets.</param>
/// <param name="Shape">An interface of its own, one for all, or none.</param>
/// <param name="ClampMss">Lower the MSS of TCP connections to what the link carries.</param>
/// <param name="Mtu">Largest packet to send, octets, whatever the peer takes.</param>
/// <param name="Local">Shared interface: our address.</param>
/// <param name="Identifier">Shared interface: our IPv6 interface identifier on all its links; 0: no IPv6.</param>
/// <param name="Prefixes">Shared interface: the networks behind it.</param>
public sealed record LinkSettings(
    string? Interface, int Mru, PppInterfaceShape Shape, bool ClampMss, int Mtu, IPAddress? Local, ulong Identifier, ImmutableArray<IPNetwork> Prefixes)
{
    /// <summary>What stands for the interface's name where there is none.</summary>
    public const string NoInterface = "none";
}

/// <summary>The routes of one session.</summary>
/// <param name="TunnelEnd">IPv4 address of the tunnel's other end, which must not be reached through the session; null: it has none, and cannot be covered.</param>
/// <param name="Default">Route everything through the session.</param>
/// <param name="Metric">Metric of the default route; the lowest counts.</param>
/// <param name="Replace">The default route takes precedence over any other, whatever its metric.</param>
public sealed record SessionRoutes(IPAddress? TunnelEnd, bool Default = false, uint Metric = 0, bool Replace = false);

/// <summary>One network layer of a link.</summary>
/// <param name="Local">Our address; its family says which layer this is.</param>
/// <param name="Peer">The peer's; null: not known.</param>
/// <param name="Mtu">Largest packet to send, octets.</param>
/// <param name="Routes">The session's default route and the tunnel's end that no route of the session may cover; null: no route of the session is of concern.</param>
/// <param name="CheckSource">The peer is a subscriber: what it sends from another address than its own is dropped.</param>
public sealed record LinkNetwork(IPAddress Local, IPAddress? Peer, int Mtu, SessionRoutes? Routes = null, bool CheckSource = false)
{
    /// <summary>The peer's PPP address is that of its tunnel as well: the interface's own route to the peer would take the tunnel's packets.</summary>
    public bool PeerIsTunnelEnd => Routes is { TunnelEnd: { } end } && end.Equals(Peer);

    public bool IsIPv6 => Local.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;

    /// <summary>PPP protocol number of the packets.</summary>
    public int Protocol => IsIPv6 ? 0x57 : 0x21;

    /// <summary>A point-to-point address where the peer's is known; else the layer's usual prefix.</summary>
    public int PrefixLength => Peer is not null ? (IsIPv6 ? 128 : 32) : IsIPv6 ? 64 : 32;
}
