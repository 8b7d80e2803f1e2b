using L2tpd.Control;
using L2tpd.Linux;
using L2tpd.Ppp;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>Log lines of a session.</content>
internal sealed partial class BuiltInSession
{
    private bool _isRenegotiationTold;

    private string User => Printable.Of(_user ?? _endpoint.PeerName ?? "the peer");

    /// <summary>Its name in log lines, with the user once it is known.</summary>
    private string Label => (_user ?? _endpoint.PeerName) is { Length: > 0 } user ? $"{Name} ({Printable.Of(user)})" : Name;

    // Every failure is counted and in the history, also if its log line is left out.
    private void TellRefused(AuthenticationRequest request, string reason)
    {
        var user = Printable.Of(request.UserName);
        _backend.OnAuthenticationFailed(_request.Session, $"user {user} is refused ({request.Protocol}): {reason}", request.UserName);
        if (_backend.Lines.TryTake(SubscriberLine.Refused, user, out var unsaid))
            LogRefused(Name, user, request.Protocol, reason, unsaid);
    }

    private void TellNoAddress(string why)
    {
        if (_backend.Lines.TryTake(SubscriberLine.NoAddress, User, out var unsaid))
            LogNoAddress(Label, why, unsaid);
    }

    private void TellNoPrefix(string why)
    {
        if (_backend.Lines.TryTake(SubscriberLine.NoAddress, User, out var unsaid))
            LogNoPrefix(Label, why, unsaid);
    }

    private void TellRenegotiations()
    {
        if (_isRenegotiationTold)
            return;
        _isRenegotiationTold = true;
        if (_backend.Lines.TryTake(SubscriberLine.Renegotiation, User, out var unsaid))
            LogRenegotiatesTooOften(Name, User, _endpoint.Renegotiations.Taken, _endpoint.Profile.RenegotiationInterval / 1000, unsaid);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message =
        "{Session}: LCP {How}: send up to {Send} octets, receive up to {Receive}; the peer authenticates itself by {FromPeer}, we by " +
        "{ToPeer}")]
    private partial void LogLinkUp(
        string session, int send, int receive, AuthenticationProtocol fromPeer, AuthenticationProtocol toPeer, string how);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Session}: user {User} is authenticated by {Protocol}{Unsaid}")]
    private partial void LogAuthenticated(string session, string user, AuthenticationProtocol protocol, string unsaid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Session}: user {User} is refused ({Protocol}): {Reason}{Unsaid}")]
    private partial void LogRefused(string session, string user, AuthenticationProtocol protocol, string reason, string unsaid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Session}: no address for the peer: {Why}{Unsaid}")]
    private partial void LogNoAddress(string session, string why, string unsaid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Session}: no IPv6 prefix or address for the peer: {Why}{Unsaid}")]
    private partial void LogNoPrefix(string session, string why, string unsaid);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Session}: the peer names the name servers {Primary} and {Secondary}")]
    private partial void LogNameServers(string session, Ipv4Address primary, Ipv4Address secondary);

    [LoggerMessage(Level = LogLevel.Information, Message =
        "{Session}: the peer's PPP address {Address} is also its tunnel's address. The tunnel gets a route of its own (proto 115): " +
        "packets to that address do not go through the session")]
    private partial void LogPeerIsTunnelEnd(string session, Ipv4Address address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Session}: cannot set up {Network} on the interface: {Error}")]
    private partial void LogNotConfigured(string session, string network, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Session}: cannot add the default route through the session: {Error}. If another default route exists, set `default-route: {{ " +
        "metric }}` or `default-route: {{ replace: true }}`")]
    private partial void LogNoRoute(string session, LinuxError error);

    [LoggerMessage(Level = LogLevel.Information, Message =
        "{Session}: PPP of {User} ended after {Seconds} s, {OctetsIn} octets in {PacketsIn} packets from the peer and {OctetsOut} in " +
        "{PacketsOut} to it: {Cause}{Unsaid}")]
    private partial void LogAccountingStop(
        string session, string user, long seconds, ulong octetsIn, ulong packetsIn, ulong octetsOut, ulong packetsOut, TerminateCause cause,
        string unsaid);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Session}: {User} renegotiated the link {Times} times: from now on it may do so once per {Seconds} s; other requests are " +
        "ignored and counted{Unsaid}")]
    private partial void LogRenegotiatesTooOften(string session, string user, long times, int seconds, string unsaid);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Session}: the peer renegotiated the link {Times} times; {Ignored} more requests were ignored")]
    private partial void LogRenegotiations(string session, long times, long ignored);
}
