namespace L2tpd.Radius.Client;

/// <summary>Whether a server answers.</summary>
public enum ServerState
{
    Alive,

    /// <summary>Several requests in a row had no answer: used when no server is alive.</summary>
    Suspect,

    /// <summary>No valid answer for the whole suspect time: the last to be used.</summary>
    Dead,
}

/// <summary>
/// What is known of a server's health (RFC 3539 section 3.4, RFC 5997 section 2.1). A valid answer to a live request makes it alive at
/// once; probes need three answers in a row, so that a server that restarts again and again is not taken for a sound one.
/// </summary>
public sealed class ServerHealth(RadiusServer server)
{
    private const int AnswersToLive = 3;

    /// <summary>The probe interval varies by two seconds each way (RFC 3539 section 3.4.1), 30 seconds being the standard one.</summary>
    private const double ProbeSpread = 2.0 / 30 / 0.1;

    private int _timeouts;
    private int _probeAnswers;
    private long _suspectSince;

    public ServerState State { get; private set; }

    /// <summary>When it died; the one that has been dead for longest is tried first among dead ones.</summary>
    public long DeadSince { get; private set; }

    /// <summary>When the next probe is due; <see cref="long.MaxValue"/>: none.</summary>
    public long NextProbe { get; private set; } = long.MaxValue;

    /// <summary>Whether a live request should try a dead server that cannot be probed.</summary>
    public bool IsDueForTrial(long now) => State == ServerState.Dead && !server.HasStatusServer && now - DeadSince >= server.DeadTime;

    /// <summary>A live request was answered, and the answer verified.</summary>
    public void Answered()
    {
        (State, _timeouts, _probeAnswers) = (ServerState.Alive, 0, 0);
        NextProbe = long.MaxValue;
    }

    /// <summary>A request was given up after all its retransmissions.</summary>
    public void TimedOut(long now, IRadiusRandom random)
    {
        _timeouts++;
        if (State == ServerState.Alive && _timeouts >= server.SuspectAfter)
        {
            (State, _suspectSince, _probeAnswers) = (ServerState.Suspect, now, 0);
            ScheduleProbe(now, random);
        }
        else if (State == ServerState.Suspect && now - _suspectSince >= server.SuspectTime)
        {
            (State, DeadSince) = (ServerState.Dead, now);
        }
        else if (State == ServerState.Dead)
        {
            DeadSince = now;
        }
    }

    /// <summary>A probe leaves; the next is due an interval later whatever becomes of it: probes are never retransmitted.</summary>
    public void Probed(long now, IRadiusRandom random) => ScheduleProbe(now, random);

    /// <summary>A probe was answered, and the answer verified.</summary>
    public void ProbeAnswered()
    {
        if (State != ServerState.Alive && ++_probeAnswers >= AnswersToLive)
            Answered();
    }

    /// <summary>A probe had no answer when the next was due.</summary>
    public void ProbeTimedOut(long now)
    {
        _probeAnswers = 0;
        if (State == ServerState.Suspect && now - _suspectSince >= server.SuspectTime)
            (State, DeadSince) = (ServerState.Dead, now);
    }

    private void ScheduleProbe(long now, IRadiusRandom random)
    {
        if (server.HasStatusServer)
            NextProbe = now + (long)(server.ProbeInterval * (1 + (RetransmissionTimer.Jitter(random) * ProbeSpread)));
    }
}
