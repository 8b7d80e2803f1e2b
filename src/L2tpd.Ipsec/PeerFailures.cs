using L2tpd.Ipsec.Connections;
using L2tpd.Ipsec.Vici;

namespace L2tpd.Ipsec;

/// <summary>
/// Why the IKE of peers fails that dial us, from strongSwan's log: nothing else tells the answering end. A line of an IKE_SA names no
/// address, so the addresses of the last <see cref="Kept"/> IKE_SAs are kept. Each IKE_SA is reported once, and no more than
/// <see cref="MostPerSecond"/> in a second, because anybody can begin an IKE_SA.
/// </summary>
public sealed class PeerFailures
{
    /// <summary>IKE_SAs whose address is kept.</summary>
    public const int Kept = 256;

    /// <summary>Reports in one second.</summary>
    public const int MostPerSecond = 5;

    private const string Begin = " is initiating a";

    private readonly (string Id, string Address)[] _peers = new (string, string)[Kept];
    private int _next;
    private long _second = -1;
    private int _reported;

    /// <summary>Takes a log event. All but a few lines are passed over without reading them.</summary>
    /// <param name="packet">The event.</param>
    /// <param name="now">The time, ms of a monotonic clock.</param>
    /// <returns>The peer's address, or <c>an unknown peer</c>, and the reason; <c>null</c> if nothing is to be reported.</returns>
    public (string Peer, string Why)? Take(in ViciPacket packet, long now)
    {
        var isBegin = packet.Message.IndexOf(" is initiating a"u8) >= 0;
        if ((!isBegin && !IkeFailure.IsOfPeer(packet.Message)) || packet.TryRead(out var message) != ViciDecodeError.None)
            return null;
        var line = message.Value("msg") ?? "";
        var id = message.Value("ikesa-uniqueid") ?? "";
        if (isBegin)
        {
            _peers[_next] = (id, line[..Math.Max(0, line.IndexOf(Begin, StringComparison.Ordinal))]);
            _next = (_next + 1) % Kept;
            return null;
        }

        // A tunnel that we dial tells its own failure.
        var isOurs = message.Value("ikesa-name")?.StartsWith(ConnectionLoader.DialPrefix, StringComparison.Ordinal) ?? false;
        return isOurs ? null : Report(id, line, now);
    }

    private (string Peer, string Why)? Report(string id, string line, long now)
    {
        var failure = new IkeFailure();
        if (!failure.Take(line))
            return null;
        var at = Array.FindLastIndex(_peers, peer => peer.Id == id && id.Length > 0);
        var address = at < 0 ? null : _peers[at].Address;
        if (address is "" || !IsInBudget(now))
            return null;
        // Reported: an IKE_SA that repeats its message fails again in the same way.
        if (at >= 0)
            _peers[at].Address = "";
        return (address ?? "an unknown peer", failure.Text!);
    }

    private bool IsInBudget(long now)
    {
        if (now / 1_000 != _second)
            (_second, _reported) = (now / 1_000, 0);
        return ++_reported <= MostPerSecond;
    }
}
