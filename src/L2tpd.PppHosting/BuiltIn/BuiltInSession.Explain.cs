using System.Globalization;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;
using static L2tpd.Control.ExplanationStep;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>How far PPP came on the session, in words.</content>
internal sealed partial class BuiltInSession
{
    /// <summary>After this time without a frame the peer is said to be silent.</summary>
    private const long Silence = 3_000;

    private LinkParameters? _linkParameters;

    /// <summary>The steps of PPP, in their order.</summary>
    public IReadOnlyList<ExplanationStep> Explain() =>
    [
        ExplainLcp(), ExplainAuthentication(), ExplainLayer("IPCP", PppProtocol.Ipcp, isConfigured: true, AddressesOf(_ipv4)),
        ExplainLayer("IPv6CP", PppProtocol.Ipv6cp, _profile.Source.IPv6, AddressesOf(_ipv6)), ExplainDhcp(),
    ];

    private ExplanationStep ExplainLcp() => (_endpoint, _endpoint.LcpState) switch
    {
        ({ Ending: { } end }, _) => new("LCP", Failed, $"the link ends: {end.Text}"),
        _ when !_isOpen => new("LCP", Waiting, "waits for the data plane to open the session's PPP channel"),
        (_, PppState.Opened) => new("LCP", Done, string.Create(
            CultureInfo.InvariantCulture,
            $"open: we send packets of up to {_linkParameters?.TransmitLimit} octets and take up to {_linkParameters?.ReceiveLimit}")),
        (_, PppState.AckRcvd) => new("LCP", Waiting, "the peer accepts our options; we wait for its Configure-Request" + SilenceText()),
        (_, PppState.AckSent) => new("LCP", Waiting, "we accept the peer's options; it has not accepted ours yet" + SilenceText()),
        (_, PppState.ReqSent) => new("LCP", Waiting, "our Configure-Request waits for an answer of the peer" + SilenceText()),
        _ => new("LCP", Waiting, "the link is being closed or has not begun"),
    };

    private ExplanationStep ExplainAuthentication()
    {
        const string Part = "authentication";
        if (_endpoint.LcpState != PppState.Opened || _linkParameters is not { } link)
            return new(Part, NotReached, "follows LCP");
        var protocol = _request.Server ? link.FromPeer : link.ToPeer;
        if (protocol == AuthenticationProtocol.None)
            return new(Part, Off, _request.Server ? "the profile asks for none" : "the peer asks for none");
        if (_endpoint.Phase == PppPhase.Network)
            return new(Part, Done, $"{(_request.Server ? "the user is" : "the peer accepts us as")} {UserText} ({protocol})");
        if (!_request.Server)
            return new(Part, Waiting, $"the peer has not accepted our name {UserText} yet ({protocol})" + SilenceText());
        if (_user is not null && _asked is null)
            return new(Part, Waiting, $"the user is {UserText} ({protocol}); an address or the proof of our own name is still missing");
        return _asked is { } asked
            ? new(Part, Waiting, $"the name {Printable.Of(asked.UserName)} waits for the answer of {AccessText} ({protocol})")
            : new(Part, Waiting, $"the peer has not sent its name and proof yet ({protocol})" + SilenceText());
    }

    private ExplanationStep ExplainLayer(string part, PppProtocol protocol, bool isConfigured, string addresses)
    {
        if (!isConfigured)
            return new(part, Off, "not configured in the profile");
        if (_endpoint.Phase != PppPhase.Network)
            return new(part, NotReached, "follows authentication");
        return _endpoint.StateOf(protocol) switch
        {
            PppState.Opened when addresses.Length == 0 => new(part, Failed, "agreed with the peer, but not set up on the interface"),
            PppState.Opened => new(part, Done, addresses),
            PppState.Initial or PppState.Starting => new(part, Off, "not part of this session"),
            PppState.Closed or PppState.Stopped => new(part, Failed, "the peer does not want it, or could not agree on an address"),
            PppState.Closing or PppState.Stopping => new(part, Waiting, "is being closed"),
            PppState.AckSent => new(part, Waiting, "the peer has not accepted our address options yet" + SilenceText()),
            _ => new(part, Waiting, "the peer's Configure-Request is missing" + SilenceText()),
        };
    }

    private ExplanationStep ExplainDhcp()
    {
        const string Part = "DHCPv6";
        if (_prefixes is not { } grant || !grant.Networks.Any())
        {
            return _prefixes is { Problems: { Count: > 0 } problems }
                ? new(Part, Failed, $"no prefix: {string.Join("; ", problems)}") : new(Part, Off, "the user has no prefix or address");
        }

        var waiting = grant.Networks.Where(network => !_routes.ContainsKey(network)).ToArray();
        if (_endpoint.StateOf(PppProtocol.Ipv6cp) != PppState.Opened)
            return new(Part, NotReached, $"follows IPv6CP; the user has {string.Join(", ", grant.Networks)}");
        return waiting.Length == 0
            ? new(Part, Done, $"routed to the session: {string.Join(", ", grant.Networks)}")
            : new(Part, Waiting, $"not routed, because the user has not asked for it by DHCPv6: {string.Join(", ", waiting)}");
    }

    private string UserText => Printable.Of(_user ?? _endpoint.PeerName ?? _profile.Source.User ?? "?");

    private string AccessText => _profile.Source.Access switch
    {
        AccessChoice.Local => "the profile's users",
        AccessChoice.Radius => "RADIUS",
        _ => "RADIUS, otherwise of the profile's users",
    };

    private string SilenceText() => Now - _lastHeard < Silence ? "" : string.Create(
        CultureInfo.InvariantCulture, $"; nothing was heard from the peer for {(Now - _lastHeard) / 1000} s");

    private static string AddressesOf(LinkNetwork? network) =>
        network is null ? "" : $"we are {network.Local}, the peer is {network.Peer?.ToString() ?? "without an address"}";
}
