namespace L2tpd.Radius.Client;

/// <summary>Whether a server answers.</summary>
public enum ServerState
{
    Alive,

    /// <summary>Several consecutive requests had no answer. Used if no server is alive.</summary>
    Suspect,

    /// <summary>No valid answer for the whole suspect time. Used last.</summary>
    Dead,
}

/// <summary>
/// The health of a server (RFC 3539 section 3.4, RFC 5997 section 2.1). A valid answer to a live request makes it alive at once. Probes
/// need three consecutive answers, so that a server that restarts repeatedly is not considered alive.
/// </summary>
public sealed class ServerHealth(RadiusServer server)
{
    private const int AnswersToLive = 3;

    /// <summary>The probe interval varies by two seconds in each direction (RFC 3539 section 3.4.1), of the standard 30 seconds.</summary>
    internal const double ProbeSpread = 2.0 / 30 / 0.1;

    private int _timeouts;
    private int _probeAnswers;
    private long _suspectSince;

    public ServerState State { get; private set; }

    /// <summary>When it became dead. Among dead servers, the one that has been dead for longest is tried first.</summary>
    public long DeadSince { get; private set; }

    /// <summary>When the next probe is due; <see cref="long.MaxValue"/> if there is none.</summary>
    public long NextProbe { get; private set; } = long.MaxValue;

    /// <summary>Whether a live request should try this dead server, which cannot be probed.</summary>
    public bool IsDueForTrial(long now) =>
        State == ServerState.Dead && !server.IsStream && !KnowsStatusServer && now - DeadSince >= server.DeadTime;

    /// <summary>Whether a missing answer to Status-Server means that the server is silent.</summary>
    public bool KnowsStatusServer { get; private set; } = server is { HasStatusServer: true, MayIgnoreStatusServer: false };

    /// <summary>A live request was answered, and the answer verified.</summary>
    public void Answered()
    {
        (State, _timeouts, _probeAnswers) = (ServerState.Alive, 0, 0);
        NextProbe = long.MaxValue;
    }

    /// <summary>A connection could not be opened.</summary>
    public void ConnectionFailed(long now)
    {
        if (State == ServerState.Alive)
            (State, _suspectSince) = (ServerState.Suspect, now);
        else if (State == ServerState.Suspect && now - _suspectSince >= server.SuspectTime)
            (State, DeadSince) = (ServerState.Dead, now);
    }

    /// <summary>The watchdog of a connection had no answer (SUSPECT of RFC 3539 section 3.4.1).</summary>
    public void WatchdogMissed(long now)
    {
        if (State == ServerState.Alive)
            (State, _suspectSince) = (ServerState.Suspect, now);
    }

    /// <summary>The watchdog of a connection was answered.</summary>
    public void WatchdogAnswered()
    {
        KnowsStatusServer = true;
        Answered();
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

    /// <summary>
    /// A probe was sent. The next one is due after an interval, with or without an answer: probes are never retransmitted.
    /// </summary>
    public void Probed(long now, IRadiusRandom random) => ScheduleProbe(now, random);

    /// <summary>A probe was answered, and the answer verified.</summary>
    public void ProbeAnswered()
    {
        KnowsStatusServer = true;
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
        if (server is { HasStatusServer: true, IsStream: false })
            NextProbe = now + (long)(server.ProbeInterval * (1 + (RetransmissionTimer.Jitter(random) * ProbeSpread)));
    }
}
