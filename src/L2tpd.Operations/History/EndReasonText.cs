using System.Globalization;
using System.Text;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Operations.History;

/// <summary>
/// The reason of an end in words, for log and history: what happened, which message was unanswered and how often it was sent, the result
/// codes by name, the last socket error. The clauses are joined by "; ".
/// </summary>
public static class EndReasonText
{
    /// <summary>For example "ICRQ was sent 6 times over 31 s without an answer; last socket error: Connection refused".</summary>
    public static string Of(EndReason reason)
    {
        // The tunnel's own entry and line have the details: they are not repeated for each of its sessions.
        if (reason.IsOfTunnel)
            return Sentence(reason);
        var clauses = new Clauses();
        if (reason.UnansweredMessage is { } message)
            clauses.Add(Unanswered(message, reason.Transmissions, reason.UnansweredFor));

        // Where the peer sent a result, or a message was not answered, the engine's sentence would repeat the other clauses.
        if (!IsSaidByOtherClauses(reason))
            clauses.Add(Sentence(reason));
        if (reason.Result is { } result)
            clauses.Add((reason.ResultFromPeer ? "the peer sent " : "we sent ") + Result(CarrierOf(reason), result));
        if (reason.PppCause is { } ppp)
            clauses.Add("PPP disconnect cause " + ResultCodes.Describe(ppp));
        if (reason.Q931Cause is { } q931)
            clauses.Add(ResultCodes.Describe(q931));
        if (reason.Hint is { } hint)
            clauses.Add(hint);
        if (!string.IsNullOrEmpty(reason.LastSocketError))
            clauses.Add("last socket error: " + reason.LastSocketError);
        return clauses.ToString();
    }

    /// <summary>The reason of a refusal, and the result sent.</summary>
    /// <param name="carrier">StopCCN or CDN.</param>
    /// <param name="result">The result sent; <c>null</c> if none was.</param>
    /// <param name="reason">The engine's sentence.</param>
    public static string OfRefusal(MessageType carrier, ResultCode? result, string? reason)
    {
        var clauses = new Clauses();
        clauses.Add(Trim(reason));
        if (result is not null)
            clauses.Add("we sent " + Result(carrier, result));
        return clauses.ToString();
    }

    /// <summary>The message that carried <see cref="EndReason.Result"/>.</summary>
    public static MessageType CarrierOf(EndReason reason) => reason.ResultIsCdn ? MessageType.Cdn : MessageType.StopCcn;

    /// <summary>A sentence for a kind of end, if the engine gave none.</summary>
    public static string Of(EndCause cause) => cause switch
    {
        EndCause.Administrative => "closed by an operator or a configuration change",
        EndCause.ShutDown => "this daemon is shutting down",
        EndCause.ClosedByPeer => "closed by the peer",
        EndCause.PeerUnreachable => "the peer does not answer",
        EndCause.SetupTimeout => "not established in time",
        EndCause.AuthenticationFailed => "tunnel authentication failed",
        EndCause.ProtocolError => "the peer broke the protocol",
        EndCause.TieBreaker => "the tie breaker was lost or equal",
        EndCause.LimitReached => "a limit was reached",
        EndCause.DataPlane => "the data plane failed",
        EndCause.Ppp => "PPP ended",
        EndCause.CredentialsRefused => "the peer refused the credentials",
        EndCause.TunnelEnded => "its tunnel ended",
        EndCause.Replaced => "the peer started again, and this belonged to its previous run",
        EndCause.Transport => "no socket could be opened",
        _ => "unknown cause",
    };

    private static bool IsSaidByOtherClauses(EndReason reason) => reason.Cause switch
    {
        EndCause.PeerUnreachable => reason.UnansweredMessage is not null,
        EndCause.ClosedByPeer => reason is { Result: not null, ResultFromPeer: true },
        _ => false,
    };

    private static string Sentence(EndReason reason) => string.IsNullOrWhiteSpace(reason.Text) ? Of(reason.Cause) : Trim(reason.Text);

    private static string Unanswered(MessageType message, int transmissions, TimeSpan over) => string.Create(
        CultureInfo.InvariantCulture,
        $"{MessageTypes.NameOf(message)} was sent {Times(transmissions)} over {over.TotalSeconds:0.###} s without an answer");

    private static string Times(int count) => count == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{count} times");

    // The peer's own text is quoted, so that it is not mistaken for ours.
    private static string Result(MessageType carrier, ResultCode code)
    {
        var words = $"{MessageTypes.NameOf(carrier)}: result {ResultCodes.Describe(carrier, code with { Message = null })}";
        return string.IsNullOrEmpty(code.Message) ? words : $"{words}: \"{code.Message}\"";
    }

    private static string Trim(string? text) => (text ?? "").Trim().TrimEnd('.');

    private sealed class Clauses
    {
        private readonly StringBuilder _text = new();

        public void Add(string clause)
        {
            if (clause.Length == 0)
                return;
            if (_text.Length > 0)
                _text.Append("; ");
            _text.Append(clause);
        }

        public override string ToString() => _text.ToString();
    }
}
