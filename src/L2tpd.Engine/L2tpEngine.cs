using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Engine.Tunnels;

namespace L2tpd.Engine;

/// <summary>
/// The protocol engine: no I/O, no clock, no threads. Everything comes in through <c>Handle</c>, everything goes out
/// through <see cref="IEffects"/>; the host calls again at <see cref="NextDeadline"/>. Times are milliseconds on any
/// monotonic clock.
/// </summary>
public sealed class L2tpEngine(EngineConfiguration configuration, IRandomSource random)
{
    /// <summary>When to call with <see cref="DeadlineReached"/>; <see cref="long.MaxValue"/>: never.</summary>
    public long NextDeadline => throw new NotImplementedException();

    public EngineCounters Counters { get; } = new();

    /// <summary>Tunnels that exist, half-open ones included, lingering ones not.</summary>
    public IReadOnlyCollection<Tunnel> Tunnels => throw new NotImplementedException();

    public int SessionCount => throw new NotImplementedException();

    /// <summary>After <see cref="ShutDown"/>: no StopCCN awaits its acknowledgement any more.</summary>
    public bool IsQuiet => throw new NotImplementedException();

    /// <summary>Null when the tunnel has ended.</summary>
    public Tunnel? FindTunnel(TunnelKey key) => throw new NotImplementedException();

    /// <summary>A datagram came in.</summary>
    public void Handle(in Datagram datagram, long now, IEffects effects) => throw new NotImplementedException();

    /// <summary>Anything else came in.</summary>
    public void Handle(EngineInput input, long now, IEffects effects) => throw new NotImplementedException(configuration.HostName + random);
}

/// <summary>Counters of the whole engine; drops are counted, never logged one by one.</summary>
public sealed class EngineCounters
{
    public long DatagramsReceived { get; internal set; }

    public long DatagramsSent { get; internal set; }

    /// <summary>Data messages that reached userspace: dropped.</summary>
    public long DataDropped { get; internal set; }

    public long MalformedHeaders { get; internal set; }

    public long UnknownVersion { get; internal set; }

    public long UnknownTunnel { get; internal set; }

    public long WrongSource { get; internal set; }

    /// <summary>SCCRQs over the per-source rate.</summary>
    public long RateLimited { get; internal set; }

    /// <summary>SCCRQs over the half-open caps.</summary>
    public long HalfOpenLimited { get; internal set; }

    public long TunnelsRefused { get; internal set; }

    public long TunnelsEstablished { get; internal set; }

    public long SessionsEstablished { get; internal set; }

    public long SessionsRefused { get; internal set; }
}
