using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Sessions;

namespace L2tpd.Engine.Dialing;

/// <summary>A configured session of a dialled tunnel: opened when the tunnel is up, and again when it ends.</summary>
internal sealed class DialledSession(DialledTunnel owner, LacSession configuration)
{
    private int _failures;
    private uint _serial;

    public LacSession Configuration { get; } = configuration;

    /// <summary>The session of the attempt under way or up.</summary>
    public SessionKey Current { get; set; }

    /// <summary>When it is opened again, ms; <see cref="long.MaxValue"/>: not planned.</summary>
    public long RetryAt { get; set; } = long.MaxValue;

    /// <summary>Call serial numbers count the attempts.</summary>
    public uint NextSerial() => ++_serial;

    public void Reset()
    {
        RetryAt = long.MaxValue;
        Current = default;
    }

    /// <summary>The data plane has the session; with PPP on it only the network counts as success.</summary>
    public void HandleUp() => _failures = 0;

    public void HandleEnded(Session session, EndReason reason)
    {
        if (session.Key == Current)
            Fail(reason.Text);
    }

    /// <summary>The call could not even be asked for.</summary>
    public void HandleRefused(string reason) => Fail(reason);

    private void Fail(string reason)
    {
        Current = default;
        if (Configuration.Persist)
            owner.ScheduleSession(this, _failures++, Configuration.Backoff, reason);
    }
}
