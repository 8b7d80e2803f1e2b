using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Sessions;
using L2tpd.Engine.Versions;
using L2tpd.Protocol.Avps;

namespace L2tpd.Engine.Dialing;

/// <summary>A configured session of a dialled tunnel: opened when the tunnel is up, and again when it ends.</summary>
internal sealed class DialledSession(DialledTunnel owner, LacSession configuration)
{
    /// <summary>What was up for so long, or for the longest wait where that is shorter, was no failure: the waits begin anew.</summary>
    private static readonly TimeSpan Success = TimeSpan.FromSeconds(30);

    private int _failures;
    private uint _serial;
    private long? _upSince;

    /// <summary>Of the call always the same; <c>persist</c> and <c>backoff</c> may change.</summary>
    public LacSession Configuration { get; set; } = configuration;

    /// <summary>L2TPv3: what the peer knows the session by.</summary>
    public byte[] RemoteEndId { get; } = EndId.Of(configuration);

    /// <summary>L2TPv3: what the next request asks to receive where no sublayer is configured; null: nothing is known of the peer.</summary>
    public L2SpecificSublayer? SublayerToAsk { get; set; }

    /// <summary>The session of the attempt under way or up.</summary>
    public SessionKey Current { get; private set; }

    /// <summary>No attempt is under way or up.</summary>
    public bool IsDown => Current == default;

    /// <summary>When it is opened again, ms; <see cref="long.MaxValue"/>: not planned.</summary>
    public long RetryAt { get; set; } = long.MaxValue;

    /// <summary>Call serial numbers count the attempts.</summary>
    public uint NextSerial() => ++_serial;

    public void Reset() => (RetryAt, Current, _upSince) = (long.MaxValue, default, null);

    /// <summary>The session serves for this one: we asked for it, or the peer did.</summary>
    public void Adopt(Session session) => (RetryAt, Current, _upSince) = (long.MaxValue, session.Key, null);

    /// <summary>The data plane has the session; with PPP on it only the network counts.</summary>
    /// <param name="now">Engine time, ms.</param>
    public void HandleUp(long now) => _upSince ??= now;

    /// <param name="session">The session that ended.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">Engine time, ms.</param>
    public void HandleEnded(Session session, EndReason reason, long now)
    {
        if (session.Key != Current)
            return;
        // A peer that ends each session as soon as it is up must not be asked every second.
        if (_upSince is { } since && now - since >= Math.Min(Success.TotalMilliseconds, Configuration.Backoff.Maximum.TotalMilliseconds))
            _failures = 0;
        Fail(reason.Text);
    }

    /// <summary>The call could not even be asked for.</summary>
    public void HandleRefused(string reason) => Fail(reason);

    private void Fail(string reason)
    {
        (Current, _upSince) = (default, null);
        if (Configuration.Persist && owner.ScheduleSession(this, _failures, Configuration.Backoff, reason))
            _failures++;
    }
}
