using System.Net;
using L2tpd.Configuration;
using L2tpd.Ipv6.Packets;
using L2tpd.Linux;
using L2tpd.Ppp.Data;
using L2tpd.PppHosting.BuiltIn;

namespace L2tpd.PppHosting.Userspace;

/// <content>Networks that are routed to the peer, and the addresses that its packets may have.</content>
public sealed partial class UserspacePppLink
{
    private RoutedNetworks? _networks;

    /// <inheritdoc/>
    public void AddRoute(IPNetwork destination, uint metric)
    {
        if (settings.Shape == PppInterfaceShape.Own)
        {
            links.Worker.Add(() =>
            {
                var error = links.Worker.TryNetlink(out var netlink);
                if (error.IsNone)
                    error = InterfaceRoute.Add(netlink, _tun?.Name ?? LinkSettings.NoInterface, destination, metric);
                links.Sink.Post(() => OnRouteAdded(destination, metric, error));
            });
            return;
        }

        var error = settings.Shape == PppInterfaceShape.None ? LinuxError.None
            : shared?.AddRoute(this, destination, metric) ?? NoSharedInterface;
        if (error.IsNone)
            (_networks ??= new RoutedNetworks()).Add(destination, metric);
        links.Sink.Post(() =>
        {
            if (!IsClosing)
                observer.OnRouteAdded(destination, error);
        });
    }

    /// <inheritdoc/>
    public void RemoveRoute(IPNetwork destination, uint metric)
    {
        _networks?.Remove(destination);
        shared?.RemoveRoute(this, destination, metric);
        if (settings.Shape != PppInterfaceShape.Own)
            return;
        links.Worker.Add(() =>
        {
            if (_tun is not null && links.Worker.TryNetlink(out var netlink).IsNone)
                InterfaceRoute.Remove(netlink, _tun.Name, destination, metric);
            // The result of an AddRoute may have come meanwhile.
            links.Sink.Post(() => _networks?.Remove(destination));
        });
    }

    private void OnRouteAdded(IPNetwork destination, uint metric, LinuxError error)
    {
        if (IsClosing)
            return;
        if (error.IsNone)
            (_networks ??= new RoutedNetworks()).Add(destination, metric);
        observer.OnRouteAdded(destination, error);
    }

    private void RemoveSharedRoutes()
    {
        if (shared is null || _networks is null)
            return;
        foreach (var (destination, metric) in _networks.All)
            shared.RemoveRoute(this, destination, metric);
    }

    private LinuxError NoSharedInterface => new(Errno.ENODEV, "shared interface", settings.Interface!);

    private bool IsOfPeer(ReadOnlySpan<byte> packet, int version) => version == 4
        ? IpAddresses.Source4(packet) is var source && (source == PeerAddress || IsRouted(source.Value))
        : IpAddresses.SourceIdentifier(packet) is var identifier and not 0 ? identifier == PeerIdentifier
        : IsRouted(Ipv6Address.Read(packet[8..]).Value);

    // A subscriber's address may lie in the network of another one: it belongs to the longest prefix.
    private bool IsRouted(uint address) =>
        _networks is { } networks && networks.Contains(address) && shared?.Leads(address, this) != false;

    private bool IsRouted(UInt128 address) =>
        _networks is { } networks && networks.Contains(address) && shared?.Leads(address, this) != false;

    private bool IsOfPeerOrNobody(ReadOnlySpan<byte> packet) =>
        IpAddresses.SourceIdentifier(packet) is var source && (source == 0 || source == PeerIdentifier);

    /// <summary>
    /// The packet is for a network behind the same session, and would be sent back: peers without a route for unused parts of their prefix
    /// would return it until its hop limit ends.
    /// </summary>
    private bool IsTurnedBack(ReadOnlySpan<byte> packet, int version) => version == 4
        ? IsRouted(IpAddresses.Destination4(packet).Value) : IsRouted(Ipv6Address.Read(packet[24..]).Value);
}
