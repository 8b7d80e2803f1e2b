namespace L2tpd.Engine;

/// <summary>Counters of the whole engine. Drops are counted, not logged one by one.</summary>
public sealed class EngineCounters
{
    private readonly Dictionary<string, long> _digestFailures = [];

    public long DatagramsReceived { get; internal set; }

    public long DatagramsSent { get; internal set; }

    /// <summary>Data messages that reached the engine, and were dropped.</summary>
    public long DataDropped { get; internal set; }

    public long MalformedHeaders { get; internal set; }

    public long UnknownVersion { get; internal set; }

    public long UnknownTunnel { get; internal set; }

    public long WrongSource { get; internal set; }

    /// <summary>L2TPv3 messages dropped for their digest, all peers.</summary>
    public long DigestFailures { get; private set; }

    /// <summary>The same by peer profile; a profile without any is absent.</summary>
    public IReadOnlyDictionary<string, long> DigestFailuresByPeer => _digestFailures;

    /// <summary>SCCRQs over the per-source rate.</summary>
    public long RateLimited { get; internal set; }

    /// <summary>SCCRQs over the half-open caps.</summary>
    public long HalfOpenLimited { get; internal set; }

    /// <summary>SCCRQs that were not answered the first time, while more arrived than could be answered.</summary>
    public long RequestsDeferred { get; internal set; }

    public long TunnelsRefused { get; internal set; }

    public long TunnelsEstablished { get; internal set; }

    public long SessionsEstablished { get; internal set; }

    public long SessionsRefused { get; internal set; }

    /// <summary>Control messages of tunnels by type.</summary>
    public MessageCounters Messages { get; } = new();

    /// <summary>How long set-ups took.</summary>
    public SetupTimes Times { get; } = new();

    internal void CountDigestFailure(string profile)
    {
        DigestFailures++;
        _digestFailures[profile] = _digestFailures.GetValueOrDefault(profile) + 1;
    }
}
