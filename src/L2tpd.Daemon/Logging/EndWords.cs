using System.Globalization;
using System.Text;
using L2tpd.Engine.Events;
using L2tpd.Protocol.Messages;

namespace L2tpd.Daemon.Logging;

/// <summary>Why something ended, for one line of the log: the engine's words, and what it knows beyond them.</summary>
public static class EndWords
{
    public static string Of(EndReason reason)
    {
        var words = new StringBuilder(Printable.Of(reason.Text));
        if (reason.UnansweredMessage is { } message)
            words.Append(CultureInfo.InvariantCulture, $"; {NameOf(message)} was sent {reason.Transmissions} times in {reason.UnansweredFor.TotalSeconds:0.#} s and never acknowledged");
        if (reason.Result is { } result)
        {
            words.Append(CultureInfo.InvariantCulture, $"; {(reason.ResultIsCdn ? "CDN" : "StopCCN")} {(reason.ResultFromPeer ? "from the peer" : "sent")} with result {result.Result}");
            if (result.Error is { } error)
                words.Append(CultureInfo.InvariantCulture, $", error {error}");
            if (!string.IsNullOrEmpty(result.Message))
                words.Append(CultureInfo.InvariantCulture, $" \"{Printable.Of(result.Message)}\"");
        }

        if (reason.PppCause is { } cause)
            words.Append(CultureInfo.InvariantCulture, $"; PPP disconnect cause {(ushort)cause.Code} ({cause.Code})");
        if (reason.LastSocketError is { } socketError && !reason.Text.Contains(socketError, StringComparison.Ordinal))
            words.Append(CultureInfo.InvariantCulture, $"; last socket error: {socketError}");
        return words.ToString();
    }

    private static string NameOf(MessageType message) =>
        message == MessageType.StopCcn ? "StopCCN" : message.ToString().ToUpperInvariant();
}
