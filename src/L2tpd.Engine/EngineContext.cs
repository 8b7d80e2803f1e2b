using L2tpd.Engine.Addressing;
using L2tpd.Engine.Admission;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Snapshots;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;

namespace L2tpd.Engine;

/// <summary>State that the parts of one engine share. <see cref="Now"/> and <see cref="Effects"/> are those of the input at hand.</summary>
internal sealed class EngineContext(EngineConfiguration configuration, IRandomSource random)
{
    private uint _generation;
    private WideSessionIds? _wideSessionIds;
    private SecretOrder? _secretOrder;

    public EngineConfiguration Configuration { get; private set; } = configuration;

    /// <summary>The number of configurations taken over.</summary>
    public int ConfigurationNumber { get; private set; }

    public IRandomSource Random { get; } = random;

    /// <summary>Challenges and nonces for peers that dial us.</summary>
    public Challenges Challenges { get; } = new(random);

    /// <summary>What the operator drains.</summary>
    public Drain Drain { get; } = new();

    /// <summary>While a secret is being changed: which of the two to begin with.</summary>
    public SecretOrder SecretOrder => _secretOrder ??= new SecretOrder(Random);

    public EngineCounters Counters { get; } = new();

    /// <summary>Created when the first L2TPv3 session needs an id.</summary>
    public WideSessionIds WideSessionIds => _wideSessionIds ??= new WideSessionIds(new IdSequence(ProtocolVersion.V3, Random));

    /// <summary>Deadlines of tunnels and dialled tunnels.</summary>
    public DeadlineHeap<IDeadlineItem> Deadlines { get; } = new();

    /// <summary>Tunnels that the input at hand has touched.</summary>
    public UnsettledTunnels Unsettled { get; } = new();

    /// <summary>Engine time of the input at hand.</summary>
    public Instant Now { get; set; }

    public IEffects Effects { get; set; } = null!;

    /// <summary>The daemon is shutting down: nothing new begins.</summary>
    public bool IsShuttingDown { get; set; }

    public void TakeOver(EngineConfiguration configuration)
    {
        Configuration = configuration;
        ConfigurationNumber++;
        Drain.TakeOver(configuration);
    }

    /// <summary>A number that was never used before: it keeps late answers from reaching a recycled id.</summary>
    public uint NextGeneration() => ++_generation;

    /// <summary>Goes on counting where the engine of a snapshot was.</summary>
    public void Restore(EngineSnapshot snapshot)
    {
        _generation = snapshot.Generation;
        IsShuttingDown = snapshot.IsShuttingDown;
        Drain.Restore(snapshot.IsDrained, snapshot.DrainedPeers);
        if (snapshot.WideSessionIds is { } ids)
            _wideSessionIds = new WideSessionIds(new IdSequence(ids));
    }

    /// <summary>An empty snapshot but for the counts.</summary>
    public EngineSnapshot ToSnapshot(IdSequenceSnapshot tunnelIds) => new()
    {
        Generation = _generation,
        IsShuttingDown = IsShuttingDown,
        IsDrained = Drain.IsOfAll,
        DrainedPeers = [.. Drain.Peers],
        TunnelIds = tunnelIds,
        WideSessionIds = _wideSessionIds?.ToSnapshot(),
    };

    public byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        Random.Fill(bytes);
        return bytes;
    }

    public ulong RandomUInt64()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Random.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }

    public void Notify(EngineEvent engineEvent) => Effects.Notify(engineEvent);
}
