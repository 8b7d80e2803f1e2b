using L2tpd.Control;
using L2tpd.Operations.Control;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Operations.History;

/// <summary>Records to views, with their sentences.</summary>
internal static class HistoryViews
{
    public static HistoryEntryView From(in HistoryRecord record)
    {
        var reason = record.Reason;
        return new HistoryEntryView
        {
            Number = record.Number,
            At = new DateTimeOffset(record.AtTicks, TimeSpan.Zero),
            Kind = Kind(record.Kind),
            Name = record.Name,
            Tunnel = record.Tunnel,
            User = record.User,
            Peer = record.Peer,
            Remote = record.Kind switch
            {
                HistoryKind.LookupFailed => null,
                // IKE has other ports.
                HistoryKind.IkeFailed => record.Name,
                _ => ApiText.Of(record.Remote),
            },
            HostName = record.HostName,
            TunnelId = NonZero(record.TunnelId),
            SessionId = NonZero(record.SessionId),
            PeerId = NonZero(record.PeerId),
            UpSeconds = record.UpMilliseconds < 0 ? null : record.UpMilliseconds / 1000.0,
            Sessions = record.Kind is HistoryKind.TunnelEnded or HistoryKind.PeerSilent ? record.Sessions : null,
            SessionsUp = record.Ended?.Up,
            SessionSample = record.Ended?.Sample,
            Cause = Cause(record),
            Reason = reason is null
                ? EndReasonText.OfRefusal(CarrierOf(record), record.Refusal, record.RefusalText)
                : EndReasonText.Of(reason),
            Result = Result(CarrierOf(record), reason is { ResultFromPeer: true }, reason is null ? record.Refusal : reason.Result),
            UnansweredMessage = reason?.UnansweredMessage is { } message ? MessageTypes.NameOf(message) : null,
            Transmissions = reason is { Transmissions: > 0 } ? reason.Transmissions : null,
            UnansweredSeconds = reason is { UnansweredMessage: not null } ? reason.UnansweredFor.TotalSeconds : null,
            LastSocketError = reason?.LastSocketError,
            PppCause = reason?.PppCause is { } cause ? ResultCodes.Describe(cause) : null,
            Q931Cause = reason?.Q931Cause is { } q931 ? ResultCodes.Describe(q931) : null,
        };
    }

    private static string Cause(in HistoryRecord record) => record switch
    {
        { Kind: HistoryKind.LookupFailed or HistoryKind.AuthenticationFailed or HistoryKind.IkeFailed } => Kind(record.Kind),
        { Reason: { } reason } => ApiText.Of(reason.Cause),
        _ => "refused",
    };

    private static string Kind(HistoryKind kind) => kind switch
    {
        HistoryKind.TunnelEnded => "tunnel-ended",
        HistoryKind.SessionEnded => "session-ended",
        HistoryKind.TunnelRefused => "tunnel-refused",
        HistoryKind.PeerSilent => "peer-silent",
        HistoryKind.LookupFailed => "lookup-failed",
        HistoryKind.AuthenticationFailed => "authentication-failed",
        HistoryKind.DigestsFail => "digests-fail",
        HistoryKind.IkeFailed => "ike-failed",
        _ => "session-refused",
    };

    private static MessageType CarrierOf(in HistoryRecord record) =>
        record.Reason is { } reason
            ? EndReasonText.CarrierOf(reason)
            : record.Kind == HistoryKind.SessionRefused ? MessageType.Cdn : MessageType.StopCcn;

    private static ResultView? Result(MessageType carrier, bool fromPeer, ResultCode? code) => code is null
        ? null
        : new ResultView(
            MessageTypes.NameOf(carrier), fromPeer, code.Result, code.Error, code.Message, ResultCodes.Describe(carrier, code));

    private static uint? NonZero(uint id) => id == 0 ? null : id;
}
