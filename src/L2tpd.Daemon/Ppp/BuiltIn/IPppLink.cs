using System.Net;
using L2tpd.Linux;

namespace L2tpd.Daemon.Ppp.BuiltIn;

/// <summary>The kernel's part of one PPP session: frames of control protocols, an interface, its addresses. Loop thread only; results come to the observer.</summary>
public interface IPppLink
{
    /// <summary>Name of the interface; null while there is none.</summary>
    string? Interface { get; }

    /// <summary>Takes the session's channel; <see cref="IPppLinkObserver.OnOpened"/> follows.</summary>
    void Open();

    /// <summary>Sends a frame, without FF 03. A frame the kernel has no room for is lost, as on any link.</summary>
    void Send(ReadOnlySpan<byte> frame);

    /// <summary>Lets a network layer flow: makes the interface if there is none; <see cref="IPppLinkObserver.OnNetworkAdded"/> follows.</summary>
    void AddNetwork(LinkNetwork network);

    /// <summary>Stops a network layer.</summary>
    void RemoveNetwork(LinkNetwork network);

    /// <summary>Time since the last data packet each way; false: there is no interface, or nothing was ever carried.</summary>
    bool TryGetIdle(out TimeSpan transmit, out TimeSpan receive);

    /// <summary>Gives everything back; <see cref="IPppLinkObserver.OnClosed"/> follows, and nothing after it. Idempotent.</summary>
    void Close();
}

/// <summary>Whom a link tells. Loop thread; never from within a call of the link.</summary>
public interface IPppLinkObserver
{
    void OnOpened(LinuxError error);

    /// <summary>A frame of the peer's, without FF 03, valid during the call.</summary>
    void OnFrame(ReadOnlySpan<byte> frame);

    /// <summary>The session below is gone.</summary>
    void OnHangUp();

    void OnNetworkAdded(LinkNetwork network, LinuxError error);

    /// <summary>The network flows, but the default route could not be had.</summary>
    void OnRouteRefused(LinuxError error);

    void OnClosed();
}

/// <summary>Makes links.</summary>
public interface IPppLinkFactory : IDisposable
{
    /// <summary>A link on a session's PPPoL2TP socket, which stays open until the link is closed.</summary>
    IPppLink Create(FileDescriptor socket, LinkSettings settings, IPppLinkObserver observer);
}

/// <summary>How a link's interface is to be.</summary>
/// <param name="Interface">Name wanted; null: the kernel's choice.</param>
/// <param name="Mru">Largest packet to expect, octets.</param>
public sealed record LinkSettings(string? Interface, int Mru);

/// <summary>One network layer of a link.</summary>
/// <param name="Local">Our address; its family says which layer this is.</param>
/// <param name="Peer">The peer's; null: not known.</param>
/// <param name="Mtu">Largest packet to send, octets.</param>
/// <param name="DefaultRoute">Route everything through it.</param>
/// <param name="Guarded">The tunnel's other end, which the default route must not take; null: nothing to guard.</param>
public sealed record LinkNetwork(IPAddress Local, IPAddress? Peer, int Mtu, bool DefaultRoute = false, IPAddress? Guarded = null)
{
    public bool IsIPv6 => Local.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;

    /// <summary>PPP protocol number of the packets.</summary>
    public int Protocol => IsIPv6 ? 0x57 : 0x21;

    /// <summary>A point-to-point address where the peer's is known; else the layer's usual prefix.</summary>
    public int PrefixLength => Peer is not null ? (IsIPv6 ? 128 : 32) : IsIPv6 ? 64 : 32;
}
