using System.Collections.Immutable;
using System.Globalization;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Control;

/// <summary>
/// Ends and refusals by cause, result code and cause of PPP. Numbers of peers are words of the RFCs or <c>other</c>, so that a peer cannot
/// make values. Loop thread only.
/// </summary>
internal sealed class EndCounters
{
    private const string Other = "other";

    private static readonly CounterFamily Tunnels = new(
        "l2tpd_tunnels_ended_total", "tunnels", "Tunnels that ended, established or not, by peer profile and cause.")
    { Labels = ["peer", "cause"], LastLabelValues = [.. Enum.GetValues<EndCause>().Select(ApiText.Of)] };

    private static readonly CounterFamily Sessions = new(
        "l2tpd_sessions_ended_total", "sessions",
        "Sessions that ended, established or not, by cause: that of the tunnel if it took them along.")
    { Labels = ["cause"], LastLabelValues = [.. Enum.GetValues<EndCause>().Select(ApiText.Of)] };

    private static readonly CounterFamily Results = new(
        "l2tpd_result_codes_total", "messages",
        "StopCCNs and CDNs that ended or refused a tunnel or session, by direction, result code and its meaning in the RFCs.")
    { Labels = ["message", "direction", "code", "meaning"] };

    private static readonly CounterFamily PppEnds = new(
        "l2tpd_ppp_ends_total", "sessions",
        "Sessions that PPP ended, here or at the peer, by cause (RFC 3145); unknown: PPP gave no cause, as pppd does.")
    { Labels = ["cause"] };

    private readonly Dictionary<(string Peer, EndCause Cause), long> _tunnels = [];
    private readonly Dictionary<EndCause, long> _sessions = [];
    private readonly Dictionary<(string Message, string Direction, string Code, string Meaning), long> _results = [];
    private readonly Dictionary<string, long> _ppp = new(StringComparer.Ordinal);

    /// <summary>
    /// Adds the families to the registry. What an alert watches exists from the start with the value 0: Prometheus sees no increase in a
    /// value that appears as 1.
    /// </summary>
    /// <param name="registry">The registry.</param>
    /// <param name="peers">The profiles that have tunnels now.</param>
    public void Register(CounterRegistry registry, Func<IEnumerable<string>> peers)
    {
        registry.BeforeReading(() =>
        {
            foreach (var peer in peers())
                _tunnels.TryAdd((peer, EndCause.PeerUnreachable), 0);
        });
        foreach (var cause in Enum.GetValues<EndCause>())
            _sessions.Add(cause, 0);
        foreach (var code in Enum.GetValues<PppDisconnectCode>())
            _ppp.TryAdd(WordOf(code), 0);
        registry.Add(Tunnels, samples => AddAll(samples, _tunnels, static key => [key.Peer, ApiText.Of(key.Cause)]));
        registry.Add(Sessions, samples => AddAll(samples, _sessions, static key => [ApiText.Of(key)]));
        registry.Add(Results, samples => AddAll(samples, _results, static key => [key.Message, key.Direction, key.Code, key.Meaning]));
        registry.Add(PppEnds, samples => AddAll(samples, _ppp, static key => [key]));
    }

    /// <summary>Counts an end or a refusal; other events are not counted.</summary>
    public void Add(OperationsEvent operationsEvent)
    {
        switch (operationsEvent)
        {
            case TunnelEnded ended:
                Count(_tunnels, (ended.Tunnel.Profile.Name, ended.Reason.Cause));
                CountResult(ended.Reason);
                break;
            case SessionEnded ended:
                Count(_sessions, ended.Reason.Cause);
                // The StopCCN of the tunnel is counted with the tunnel.
                if (!ended.Reason.IsOfTunnel)
                    CountResult(ended.Reason);
                CountPpp(ended.Reason);
                break;
            case TunnelRefused { Result: { } result }:
                CountResult(MessageType.StopCcn, fromPeer: false, result);
                break;
            case SessionRefused refused:
                CountResult(MessageType.Cdn, fromPeer: false, refused.Result);
                break;
        }
    }

    private void CountResult(EndReason reason)
    {
        if (reason.Result is { } result)
            CountResult(reason.ResultIsCdn ? MessageType.Cdn : MessageType.StopCcn, reason.ResultFromPeer, result);
    }

    private void CountResult(MessageType message, bool fromPeer, ResultCode result)
    {
        var meaning = message == MessageType.StopCcn ? ResultCodes.StopCcn(result.Result) : ResultCodes.Cdn(result.Result);
        var code = meaning == "unknown" ? Other : result.Result.ToString(CultureInfo.InvariantCulture);
        Count(_results, (message == MessageType.StopCcn ? "StopCCN" : "CDN", fromPeer ? "received" : "sent", code, meaning));
    }

    private void CountPpp(EndReason reason)
    {
        if (reason.PppCause is { } cause)
            Count(_ppp, WordOf(cause.Code));
        else if (reason.Cause is EndCause.Ppp or EndCause.CredentialsRefused)
            Count(_ppp, "unknown");
    }

    private static string WordOf(PppDisconnectCode code) => code switch
    {
        PppDisconnectCode.NoInformation => "no-information",
        PppDisconnectCode.Administrative => "administrative",
        PppDisconnectCode.LcpRenegotiationDisabled => "lcp-renegotiation-disabled",
        PppDisconnectCode.Normal => "normal",
        PppDisconnectCode.CompulsoryEncryptionRefused => "encryption-refused",
        PppDisconnectCode.LcpTimeout => "lcp-timeout",
        PppDisconnectCode.NoRecognisableLcp => "no-recognisable-lcp",
        PppDisconnectCode.MagicNumberLoopback => "loopback",
        PppDisconnectCode.EchoTimeout => "echo-timeout",
        PppDisconnectCode.AuthenticationTimeout => "authentication-timeout",
        PppDisconnectCode.AuthenticationNameMismatch => "authentication-name-mismatch",
        PppDisconnectCode.AuthenticationProtocolUnacceptable => "authentication-protocol-unacceptable",
        PppDisconnectCode.AuthenticationFailed => "authentication-failed",
        PppDisconnectCode.NcpTimeout => "ncp-timeout",
        PppDisconnectCode.NoNcpOpened => "no-ncp-opened",
        PppDisconnectCode.NcpAddressNotConverged => "ncp-address-not-converged",
        PppDisconnectCode.AddressNotPermitted => "address-not-permitted",
        _ => Other,
    };

    private static void Count<TKey>(Dictionary<TKey, long> counts, TKey key)
        where TKey : notnull => counts[key] = counts.GetValueOrDefault(key) + 1;

    private static void AddAll<TKey>(CounterSamples samples, Dictionary<TKey, long> counts, Func<TKey, ImmutableArray<string>> labels)
        where TKey : notnull
    {
        foreach (var (key, count) in counts)
            samples.Add(count, labels(key));
    }
}
