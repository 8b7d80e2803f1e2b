namespace L2tpd.Radius.Client;

/// <summary>
/// One connection to a server (RFC 6613, RFC 6614): when it is opened again, and its watchdog by Status-Server (RFC 3539 section 3.4.1).
/// </summary>
/// <param name="socket">Its number at the server.</param>
/// <param name="server">The server.</param>
/// <param name="random">Where jitter comes from.</param>
internal sealed class StreamConnection(ServerSocket socket, RadiusServer server, IRadiusRandom random)
{
    /// <summary>Requests in flight on one connection: identifier 0 is the watchdog's (RFC 6613 section 2.6.5).</summary>
    public const int Capacity = 255;

    public const byte FirstIdentifier = 1;
    public const byte WatchdogIdentifier = 0;

    /// <summary>The first wait before a new attempt, milliseconds; each failure in a row doubles it.</summary>
    public const long FirstRetry = 1_000;

    /// <summary>The longest wait before a new attempt, milliseconds, before jitter.</summary>
    public const long LongestRetry = 60_000;

    private const int MostDoublings = 6;

    /// <summary>Waits are from half of their value to one and a half: clients that lost one server do not all come back at once.</summary>
    private const double RetrySpread = 5;

    private int _failures;

    public ServerSocket Socket { get; } = socket;

    public bool IsOpen { get; private set; }

    /// <summary>Whether the attempt before the current one ended without an answer.</summary>
    public bool HasFailed => _failures > 0;

    /// <summary>When the watchdog, or a new attempt, is due, milliseconds; <see cref="long.MaxValue"/> while an attempt is under way.
    /// </summary>
    public long Due { get; private set; } = long.MaxValue;

    /// <summary>Intervals in a row in which a Status-Server waited for its answer.</summary>
    public int Missed { get; private set; }

    /// <summary>An attempt begins.</summary>
    public void Connecting() => (IsOpen, Due) = (false, long.MaxValue);

    public void Opened(long now)
    {
        IsOpen = true;
        Restart(now);
    }

    /// <summary>It was closed, or could not be opened.</summary>
    public void Closed(long now)
    {
        var wait = Math.Min(FirstRetry << Math.Min(_failures, MostDoublings), LongestRetry);
        _failures++;
        IsOpen = false;
        Due = now + (long)(wait * (1 + (RetransmissionTimer.Jitter(random) * RetrySpread)));
    }

    /// <summary>A verified answer came: only that proves that the connection is of use.</summary>
    public void Answered(long now)
    {
        _failures = 0;
        Restart(now);
    }

    /// <summary>Another interval of the watchdog begins, and a Status-Server still waits for its answer if <paramref name="isMissed"/>.
    /// </summary>
    public void Wait(bool isMissed, long now)
    {
        var missed = isMissed ? Missed + 1 : 0;
        Restart(now);
        Missed = missed;
    }

    private void Restart(long now)
    {
        Missed = 0;
        Due = server.HasStatusServer
            ? now + (long)(server.ProbeInterval * (1 + (RetransmissionTimer.Jitter(random) * ServerHealth.ProbeSpread)))
            : long.MaxValue;
    }
}
