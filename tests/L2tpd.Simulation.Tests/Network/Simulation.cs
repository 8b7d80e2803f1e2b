using L2tpd.Engine.Addressing;

namespace L2tpd.Simulation.Tests.Network;

/// <summary>Virtual time and a network between nodes. Time advances to the next event.</summary>
public sealed class Simulation(ulong seed, Link link)
{
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private readonly List<Node> _nodes = [];
    private long _order;
    private ulong _trace = 14695981039346656037;

    public SeededRandom Random { get; } = new(seed);

    public Link Link { get; } = link;

    /// <summary>Virtual time, ms.</summary>
    public long Now { get; private set; }

    public IReadOnlyList<Node> Nodes => _nodes;

    public long Delivered { get; private set; }

    /// <summary>Hash over every datagram sent, with its time: equal for equal runs.</summary>
    public ulong Trace => _trace;

    /// <summary>Called with every datagram that a node sends, whether or not it arrives.</summary>
    public Action<Endpoint, Endpoint, byte[]>? Sent { get; set; }

    /// <summary>Called with every datagram that a node is about to receive.</summary>
    public Action<Endpoint, Endpoint, byte[]>? Arriving { get; set; }

    /// <summary>The NAT in front of some of the nodes; <c>null</c> if all addresses are public.</summary>
    public Nat? Nat { get; set; }

    /// <summary>Called after every step: invariants that must always hold.</summary>
    public Action? AfterStep { get; set; }

    public void Add(Node node) => _nodes.Add(node);

    public void At(long time, Action action) => _events.Enqueue(action, (Math.Max(time, Now), _order++));

    public void After(int delay, Action action) => At(Now + delay, action);

    /// <summary>Sends a datagram over the link, which may lose, delay or duplicate it.</summary>
    public void Transmit(Endpoint from, Endpoint to, byte[] datagram)
    {
        Record(datagram);
        Sent?.Invoke(from, to, datagram);
        from = Nat?.Outbound(from) ?? from;
        if (Link.IsCut || Random.Chance(Link.Loss))
            return;
        var copies = Random.Chance(Link.Duplication) ? 2 : 1;
        for (var i = 0; i < copies; i++)
            After(Link.MinDelay + Random.Below(Link.MaxDelay - Link.MinDelay + 1), () => Deliver(from, to, datagram));
    }

    /// <summary>Runs until the given virtual time.</summary>
    public void RunUntil(long time)
    {
        while (true)
        {
            var next = NextTime();
            if (next > time)
                break;
            Step(next);
        }

        Now = time;
    }

    public void RunFor(TimeSpan duration) => RunUntil(Now + (long)duration.TotalMilliseconds);

    /// <summary>Runs until the condition holds; <c>false</c> if it did not hold before the limit.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        var end = Now + (long)limit.TotalMilliseconds;
        while (!condition())
        {
            var next = NextTime();
            if (next > end)
            {
                Now = end;
                return condition();
            }

            Step(next);
        }

        return true;
    }

    private long NextTime()
    {
        var next = _events.TryPeek(out _, out var priority) ? priority.At : long.MaxValue;
        foreach (var node in _nodes)
            next = Math.Min(next, node.NextDeadline);
        return next;
    }

    private void Step(long time)
    {
        Now = Math.Max(Now, time);
        while (_events.TryPeek(out var action, out var priority) && priority.At <= Now)
        {
            _events.Dequeue();
            action();
        }

        foreach (var node in _nodes)
            node.HandleDeadline();
        AfterStep?.Invoke();
    }

    private void Deliver(Endpoint from, Endpoint to, byte[] datagram)
    {
        Delivered++;
        to = Nat?.Inbound(to) ?? to;
        foreach (var node in _nodes)
        {
            if (node.Address != to.WithoutPort)
                continue;
            if (!node.IsDown)
                Arriving?.Invoke(from, to, datagram);
            node.Receive(from, to, datagram);
        }
    }

    private void Record(byte[] datagram)
    {
        _trace = (_trace ^ (ulong)Now) * 1099511628211;
        foreach (var octet in datagram)
            _trace = (_trace ^ octet) * 1099511628211;
    }
}
