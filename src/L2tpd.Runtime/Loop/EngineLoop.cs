using System.Diagnostics;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Sockets;
using L2tpd.Protocol.Data;
using L2tpd.Runtime.Sockets;
using L2tpd.Runtime.Tracing;

namespace L2tpd.Runtime.Loop;

/// <summary>
/// Runs the engine. The engine, the sockets, the sessions and the timers belong to the thread that calls <see cref="Run"/>
/// (<c>l2tpd-loop</c>); other threads use <see cref="Post(EngineInput)"/> and <see cref="Post(Action)"/> only.
/// <para>A datagram: a <see cref="Transport"/> is readable and gives its batch to <see cref="Deliver"/>. Data messages go to the data
/// plane, all others to the engine. The engine answers through <see cref="IEffects"/>: datagrams are queued in the <see cref="Outbox"/>,
/// other effects go to the data plane, PPP and the resolver. Their results return as inputs (<see cref="Submit"/> on the loop, <c>Post</c>
/// from other threads), never from within a call of the engine.</para>
/// <para>A turn of the loop: ready descriptors, posted work, due timers, the engine's deadline, queued inputs, then
/// <see cref="ITurnEnd.OnTurnEnd"/>.</para>
/// <para>States: built, connected (<see cref="Connect"/>), running, stopped. An exception in any step is logged and counted by
/// <see cref="FaultLog"/>, and the loop goes on.</para>
/// <para>Known races: a result can arrive after its tunnel or session ended, so each result carries a key with a generation, and the engine
/// drops results with an old key. Work posted after the loop has stopped is not run.</para>
/// </summary>
public sealed class EngineLoop(EventLoop events, L2tpEngine engine, LoopTimers timers, FaultLog faults) : ILoopClient, IInputSink
{
    /// <summary>If the engine throws at a deadline and still reports that deadline, the loop waits this long instead of spinning.</summary>
    private const long DeadlineHoldMilliseconds = 100;

    private readonly Queue<EngineInput> _inputs = new();
    private IEffects _effects = null!;
    private ITurnEnd _turnEnd = null!;
    private IDataMessages? _data;
    private long _heldUntil;

    /// <summary>Shows messages and frames to whoever traces. Loop thread only.</summary>
    public TraceTap Trace { get; } = new();

    /// <summary>The engine. Loop thread only.</summary>
    public L2tpEngine Engine => engine;

    /// <summary>How long turns took, without the wait before them, in microseconds. Loop thread only.</summary>
    public Histogram TurnTimes { get; } = new(Histogram.Microseconds);

    /// <summary>Datagrams dropped because they had no mark on a listener whose peers have marks. Loop thread only.</summary>
    public long WithoutMark { get; private set; }

    /// <inheritdoc/>
    public long NextDeadline
    {
        get
        {
            if (_inputs.Count > 0)
                return 0;
            var engineDeadline = engine.NextDeadline.Milliseconds;
            if (engineDeadline < _heldUntil)
                engineDeadline = _heldUntil; // a fault at this deadline: wait before the next try
            return Math.Min(Math.Min(engineDeadline, timers.Next), _turnEnd.NextDeadline);
        }
    }

    /// <summary>Connects engine and effects, which refer to each other. To be called before <see cref="Run"/>.</summary>
    /// <param name="effects">Carries out the engine's effects.</param>
    /// <param name="turnEnd">Called at the end of each turn.</param>
    /// <param name="data">Takes data messages; <c>null</c> if the engine drops and counts them.</param>
    public void Connect(IEffects effects, ITurnEnd turnEnd, IDataMessages? data = null) =>
        (_effects, _turnEnd, _data) = (effects, turnEnd, data);

    /// <summary>Runs the loop on the calling thread until <see cref="EventLoop.Stop"/>.</summary>
    public void Run() => events.Run(this);

    /// <summary>Gives every datagram of a received batch to the data plane or the engine.</summary>
    /// <param name="transport">The socket, by which replies leave; its address is used if a datagram has no destination address.</param>
    /// <param name="batch">The datagrams.</param>
    public void Deliver(Transport transport, ReceiveBatch batch)
    {
        var now = MonotonicClock.NowMilliseconds;
        for (var i = 0; i < batch.Count; i++)
        {
            if (batch.IsTruncated(i))
                continue;
            var source = transport.RemoteOf(batch.Source(i), batch.Mark(i));
            if (transport.LacksMark(source))
            {
                WithoutMark++;
                continue;
            }

            var payload = batch.Payload(i);
            try
            {
                // Data messages first: they need none of the values that are computed for control messages below.
                if (IsData(payload) && _data is not null && _data.TryReceive(DataCarrier.Udp, source, payload))
                    continue;
                var destination = batch.Destination(i);
                var path = new Engine.Addressing.Path(
                    transport.Number, destination.IsNone ? transport.Local : destination.ToEndpoint(), source);
                Trace.Listener?.OnControl(isSent: false, path, default, payload);
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
            Trace.Listener?.OnControl(isSent: false, datagram.Path, default, datagram.Bytes);
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
            faults.Add("work posted to the loop", error);
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
            faults.Add("the end of a turn", error);
        }

        TurnTimes.Observe((long)Stopwatch.GetElapsedTime(events.TurnStartedAt).TotalMicroseconds);
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

/// <summary>What happens once at the end of each turn of the loop.</summary>
public interface ITurnEnd
{
    /// <summary>
    /// The latest time at which the next turn must end, ms of <see cref="MonotonicClock"/>; <see cref="long.MaxValue"/> if there is none.
    /// </summary>
    long NextDeadline { get; }

    /// <summary>Called at the end of a turn.</summary>
    void OnTurnEnd(long now);
}
