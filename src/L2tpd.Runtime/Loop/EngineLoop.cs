using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Sockets;
using L2tpd.Protocol.Data;
using L2tpd.Runtime.Sockets;

namespace L2tpd.Runtime.Loop;

/// <summary>
/// The one thread that owns the engine. The way of a datagram: a <see cref="Transport"/> is readable and hands its batch to
/// <see cref="Deliver"/>; the engine answers through <see cref="IEffects"/>, which queues datagrams in the
/// <see cref="Outbox"/> and gives the rest to the data plane, PPP or resolver; what those report comes back by
/// <see cref="Submit"/> or <see cref="Post(EngineInput)"/>; at the end of the turn (<see cref="OnTurn"/>) the outbox is flushed.
/// </summary>
public sealed class EngineLoop(EventLoop events, L2tpEngine engine, LoopTimers timers, FaultLog faults) : ILoopClient, IInputSink
{
    /// <summary>After a fault at a deadline that the engine then still names: do not spin on it.</summary>
    private const long DeadlineHoldMilliseconds = 100;

    private readonly Queue<EngineInput> _inputs = new();
    private IEffects _effects = null!;
    private ITurnEnd _turnEnd = null!;
    private IDataMessages? _data;
    private long _heldUntil;

    /// <summary>The engine, for those on the loop's thread.</summary>
    public L2tpEngine Engine => engine;

    /// <inheritdoc/>
    public long NextDeadline
    {
        get
        {
            if (_inputs.Count > 0)
                return 0;
            var engineDeadline = engine.NextDeadline.Milliseconds;
            if (engineDeadline < _heldUntil)
                engineDeadline = _heldUntil; // a fault at this deadline: wait a little
            return Math.Min(Math.Min(engineDeadline, timers.Next), _turnEnd.NextDeadline);
        }
    }

    /// <summary>Ties the knot between engine and effects; before <see cref="Run"/>.</summary>
    /// <param name="effects">Where the engine's effects go.</param>
    /// <param name="turnEnd">Called at the end of each turn.</param>
    /// <param name="data">Takes data messages; null: the engine drops and counts them.</param>
    public void Connect(IEffects effects, ITurnEnd turnEnd, IDataMessages? data = null) =>
        (_effects, _turnEnd, _data) = (effects, turnEnd, data);

    /// <summary>Turns until <see cref="EventLoop.Stop"/>. The calling thread becomes the loop's.</summary>
    public void Run() => events.Run(this);

    /// <summary>Gives the engine every datagram of a received batch.</summary>
    /// <param name="transport">Number of the socket that replies are to leave by.</param>
    /// <param name="local">The address the socket is bound to, where the batch tells no destination.</param>
    /// <param name="batch">The datagrams.</param>
    public void Deliver(int transport, in Endpoint local, ReceiveBatch batch)
    {
        var now = MonotonicClock.NowMilliseconds;
        for (var i = 0; i < batch.Count; i++)
        {
            if (batch.IsTruncated(i))
                continue;
            var source = batch.Source(i).ToEndpoint();
            var payload = batch.Payload(i);
            try
            {
                // Data first, and before anything is worked out that only control messages need.
                if (IsData(payload) && _data is not null && _data.TryReceive(DataCarrier.Udp, source, payload))
                    continue;
                var destination = batch.Destination(i);
                var path = new Engine.Addressing.Path(transport, destination.IsNone ? local : destination.ToEndpoint(), source);
                engine.Handle(new Datagram(path, payload), Instant.FromMilliseconds(now), _effects);
            }
            catch (Exception error)
            {
                faults.Add("datagram", error);
            }
        }
    }

    /// <summary>Gives the engine one datagram.</summary>
    public void DeliverOne(in Datagram datagram)
    {
        try
        {
            engine.Handle(datagram, Instant.FromMilliseconds(MonotonicClock.NowMilliseconds), _effects);
        }
        catch (Exception error)
        {
            faults.Add("datagram", error);
        }
    }

    /// <inheritdoc/>
    public void Submit(EngineInput input) => _inputs.Enqueue(input);

    /// <inheritdoc/>
    public void Post(EngineInput input) => events.Post(() => Submit(input));

    /// <inheritdoc/>
    public void Post(Action work) => events.Post(() =>
    {
        try
        {
            work();
        }
        catch (Exception error)
        {
            faults.Add("posted work", error);
        }
    });

    /// <inheritdoc/>
    public void OnTurn(long nowMilliseconds)
    {
        RunTimers(nowMilliseconds);
        RunEngineDeadline(nowMilliseconds);
        while (_inputs.TryDequeue(out var input))
            TryHandle(input, nowMilliseconds);
        try
        {
            _turnEnd.OnTurnEnd(nowMilliseconds);
        }
        catch (Exception error)
        {
            faults.Add("end of turn", error);
        }
    }

    /// <summary>The T bit is clear (RFC 2661 section 3.1).</summary>
    private static bool IsData(ReadOnlySpan<byte> payload) => payload.Length > 0 && (payload[0] & 0x80) == 0;

    private void RunEngineDeadline(long now)
    {
        if (engine.NextDeadline.Milliseconds > now || _heldUntil > now)
            return;
        if (!TryHandle(DeadlineReached.Instance, now))
            _heldUntil = now + DeadlineHoldMilliseconds;
    }

    private bool TryHandle(EngineInput input, long now)
    {
        try
        {
            engine.Handle(input, Instant.FromMilliseconds(now), _effects);
            return true;
        }
        catch (Exception error)
        {
            faults.Add(input.GetType().Name, error);
            return false;
        }
    }

    private void RunTimers(long now)
    {
        while (timers.TakeDue(now) is { } timer)
        {
            try
            {
                timer.Run();
            }
            catch (Exception error)
            {
                faults.Add("timer", error);
            }
        }
    }
}

/// <summary>What is done once at the end of each turn of the loop.</summary>
public interface ITurnEnd
{
    /// <summary>When to turn at the latest for its sake, ms of <see cref="MonotonicClock"/>; <see cref="long.MaxValue"/>: never.</summary>
    long NextDeadline { get; }

    /// <summary>Flush, ping, look after shutting down.</summary>
    void OnTurnEnd(long now);
}
