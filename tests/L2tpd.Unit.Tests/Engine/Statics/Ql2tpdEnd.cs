using L2tpd.Protocol;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Statics;

/// <summary>
/// Stands in for go-l2tp's ql2tpd at the other end of a static tunnel: what its transport does with sequence numbers, as read in its source
/// (l2tp/transport.go). Three things tell it from a textbook peer. It looks at the head of its receive queue only, so one message with an
/// Ns ahead of the one it expects stops the queue for good. It answers every HELLO with an ACK all the same, with the Nr it had. And it
/// drops, without an answer, what has an Nr more than one ahead of its own Ns.
/// </summary>
internal sealed class Ql2tpdEnd(EngineUnderTest engine)
{
    /// <summary>Its AckTimeout, ms.</summary>
    private const int AckDelay = 100;

    private readonly List<(MessageType Type, ushort Ns)> _queue = [];
    private ushort _ns;
    private ushort _nr;
    private int _read;
    private bool _owesAck;

    /// <summary>Whether it runs; datagrams that arrive while it does not are lost.</summary>
    public bool IsRunning { get; private set; } = true;

    /// <summary>Number of HELLOs that it dropped because of their Nr.</summary>
    public int Dropped { get; private set; }

    public void Stop() => IsRunning = false;

    /// <summary>A new process: a new transport with the same ids.</summary>
    public void Start()
    {
        (_ns, _nr, _owesAck) = (0, 0, false);
        _queue.Clear();
        _read = engine.Unclaimed.Count;
        IsRunning = true;
    }

    /// <summary>Its hello timer fires.</summary>
    public void SendHello()
    {
        Deliver(StaticEnd.Encode(Hello.Instance, _ns++, _nr));
        TakeAll();
    }

    /// <summary>Lets time pass for both ends, in steps of its AckTimeout.</summary>
    public void Wait(long milliseconds)
    {
        for (var waited = 0L; waited < milliseconds; waited += AckDelay)
        {
            TakeAll();
            engine.Wait(Math.Min(AckDelay, milliseconds - waited));
            if (_owesAck && IsRunning)
                Deliver(StaticEnd.Encode(Ack.Instance, _ns, _nr));
            _owesAck = false;
        }

        TakeAll();
    }

    private static int Compare(ushort one, ushort other) => Math.Sign((short)(one - other));

    private void Deliver(byte[] message) => engine.Deliver(StaticEnd.Address, message);

    private void TakeAll()
    {
        for (; _read < engine.Unclaimed.Count; _read++)
        {
            if (IsRunning && engine.Unclaimed[_read].To == StaticEnd.Address)
                Take(engine.Unclaimed[_read].Bytes);
        }
    }

    private void Take(byte[] message)
    {
        Assert.True(MessageCodec.TryDecodeHeader(message, out var header, out _));
        if (Compare(header.Nr, (ushort)(_ns + 1)) > 0)
        {
            Dropped++;
            return;
        }

        var type = MessageTypePeek.Read(message);
        _queue.Add((type, header.Ns));
        _owesAck |= type != MessageType.Ack;
        while (_queue.Count > 0 && Compare(_queue[0].Ns, _nr) <= 0)
        {
            if (_queue[0].Type != MessageType.Ack && _queue[0].Ns == _nr)
                _nr++;
            _queue.RemoveAt(0);
        }
    }
}
