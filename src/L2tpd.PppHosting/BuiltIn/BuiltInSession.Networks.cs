using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>The network layers: their addresses, and their report to the engine.</content>
internal sealed partial class BuiltInSession
{
    /// <summary>
    /// Least time between two reports of a session's network, each of which may run a hook. Changes in between are one report.
    /// </summary>
    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(5);

    private long _nextReport = long.MinValue;
    private LinkNetwork? _reportedLate;
    private LinkNetwork? _ipv4;
    private LinkNetwork? _ipv6;
    private PppUp? _reported;
    private string? _nameServers;
    private Ipv4Address _peerAddress;
    private ulong _peerIdentifier;

    // An LNS that we dial sends packets of the whole network behind it.
    private bool IsSourceChecked => _request.Server && _profile.Source.SourceCheck;

    private LinkRouter Router =>
        !_profile.Source.IPv6Router ? LinkRouter.None : _request.Server ? LinkRouter.Ours : LinkRouter.Peers;

    /// <inheritdoc/>
    public void OnNetworkAdded(LinkNetwork network, LinuxError error)
    {
        if (_isClosing)
            return;
        if (!error.IsNone)
            OnNetworkRefused(network, error);
        else if (network == _ipv4)
            OnReady(network, wait: TimeSpan.Zero);
        else if (network == _ipv6)
            OnReady(network, WaitForIPv4);
    }

    private void OnReady(LinkNetwork network, TimeSpan wait)
    {
        AddFramedRoutes(network);
        if (wait == TimeSpan.Zero)
            ReportUp(network);
        else
            _backend.Timers.After(wait, () => ReportUp(network));
    }

    /// <inheritdoc/>
    public void OnRouteRefused(LinuxError error) => LogNoRoute(Label, error);

    /// <inheritdoc/>
    public void NetworkUp(PppEndpoint endpoint, PppNetwork network)
    {
        switch (network)
        {
            case Ipv4Network ipv4:
                Ipv4Up(ipv4);
                break;
            case Ipv6Network ipv6:
                Ipv6Up(ipv6);
                break;
        }
    }

    /// <inheritdoc/>
    public void NetworkDown(PppEndpoint endpoint, PppNetwork network)
    {
        switch (network)
        {
            case Ipv4Network:
                RemoveFramedRoutes(isIPv6: false);
                Remove(ref _ipv4);
                RemoveFilters();
                if (_ipv6 is not null)
                    SetFilters();
                if (IsUpWithout(PppProtocol.Ipv6cp))
                    _peerAddress = default;
                AccountMove();
                break;
            case Ipv6Network:
                RemoveFramedRoutes(isIPv6: true);
                Remove(ref _ipv6);
                if (IsUpWithout(PppProtocol.Ipcp))
                    _peerIdentifier = 0;
                AccountMove();
                break;
        }
    }

    private void Ipv4Up(Ipv4Network network)
    {
        var peer = network.Peer.IsNone ? null : network.Peer.ToIPAddress();
        var local = network.Local.ToIPAddress();
        var routes = SessionRouting.Of(_profile.Source, _request, peer);
        if (SessionRouting.Objection(_profile.Source, _request, local, peer) is { } objection)
        {
            Fail(objection);
            return;
        }

        _ipv4 = new LinkNetwork(
            local, peer, network.TransmitLimit, routes, IsSourceChecked, Informs: _request.Server && _profile.Source.Inform is not null);
        if (_ipv4.PeerIsTunnelEnd)
            LogPeerIsTunnelEnd(Label, network.Peer);
        SetRates(network.Authorisation);
        AddNetwork(_ipv4);
        if (!_request.Server && !network.PrimaryDns.IsNone)
            LogNameServers(Label, network.PrimaryDns, network.SecondaryDns);
        _nameServers = _request.Server || network.PrimaryDns.IsNone ? null
            : network.SecondaryDns.IsNone ? $"{network.PrimaryDns}" : $"{network.PrimaryDns} {network.SecondaryDns}";
        _peerAddress = network.Peer;
        TellAddress(network.Peer, "which it chose itself");
        AccountNetwork(network.Authorisation);
    }

    private void Ipv6Up(Ipv6Network network)
    {
        _ipv6 = new LinkNetwork(
            SessionDescription.LinkLocal(network.LocalIdentifier),
            network.PeerIdentifier == 0 ? null : SessionDescription.LinkLocal(network.PeerIdentifier), network.TransmitLimit,
            SessionRouting.OfIPv6(_profile.Source, _request), IsSourceChecked, Router);
        SetRates(network.Authorisation);
        AddNetwork(_ipv6);
        _peerIdentifier = network.PeerIdentifier;
        AccountNetwork(network.Authorisation);
    }

    private void OnNetworkRefused(LinkNetwork network, LinuxError error)
    {
        LogNotConfigured(Label, network.IsIPv6 ? "IPv6" : "IPv4", error);
        if (network == _ipv6)
            _ipv6 = null;
        if (network == _ipv4)
            _ipv4 = null;
        if (!network.IsIPv6)
        {
            Fail(network.PeerIsTunnelEnd
                ? SessionRouting.Unguarded(network.Peer!, error) : $"the session's interface cannot be set up: {error}");
        }
    }

    // Reported once, and again after a renegotiation or a late IPv4: l2tpctl and hooks show the addresses in use.
    private void ReportUp(LinkNetwork network)
    {
        if (_isClosing || _isStopped || _link.Interface is not { } name || (network != _ipv4 && network != _ipv6))
            return;
        SetFilters();
        ReportUser();
        var up = new PppUp(Key, name, network.Local.ToString(), network.Peer?.ToString(), network.IsIPv6 ? null : _nameServers);
        if (up == _reported || (_reported is not null && network.IsIPv6 && _ipv4 is not null))
            return;
        if (Now < _nextReport)
        {
            ReportLate(network);
            return;
        }

        _nextReport = Now + (long)BetweenReports.TotalMilliseconds;
        if (_reported is null)
            _backend.NetworksUp++;
        _reported = up;
        _backend.Sink.Submit(up);
    }

    private void ReportLate(LinkNetwork network)
    {
        var isWaiting = _reportedLate is not null;
        _reportedLate = network;
        if (isWaiting)
            return;
        _backend.Timers.After(TimeSpan.FromMilliseconds(_nextReport - Now), () =>
        {
            var latest = _reportedLate!;
            _reportedLate = null;
            ReportUp(latest);
        });
    }

    // With the link down, or no other layer open, the last addresses stay for the Stop record.
    private bool IsUpWithout(PppProtocol other) => _endpoint.LcpState == PppState.Opened && _endpoint.StateOf(other) == PppState.Opened;

    private void AddNetwork(LinkNetwork network)
    {
        _lastData = Math.Max(_lastData, Now);
        _link.AddNetwork(network);
    }

    private void Remove(ref LinkNetwork? network)
    {
        if (network is not null && !_isClosing)
            _link.RemoveNetwork(network);
        network = null;
    }
}
