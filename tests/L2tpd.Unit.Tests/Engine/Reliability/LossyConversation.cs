using System.Buffers.Binary;
using L2tpd.Engine;
using L2tpd.Engine.Reliability;

namespace L2tpd.Unit.Tests.Engine.Reliability;

/// <summary>Two channels over a link that loses, duplicates and reorders; virtual time; the rules are checked at every step.</summary>
internal sealed class LossyConversation
{
    private readonly Random _random;
    private readonly double _loss;
    private readonly double _duplication;
    private readonly int _maximumDelay;
    private readonly PriorityQueue<Flight, (long Time, long Order)> _link = new();
    private readonly Side[] _sides;
    private long _now;
    private long _order;

    public LossyConversation(
        Random random, double loss, double duplication, int maximumDelay, (int A, int B) windows, int messages, long ackDelay)
    {
        _random = random;
        _loss = loss;
        _duplication = duplication;
        _maximumDelay = maximumDelay;
        _sides = [new Side(this, 0, windows.A, windows.B, messages, ackDelay), new Side(this, 1, windows.B, windows.A, messages, ackDelay)];
    }

    public void Run()
    {
        while (Step())
        {
        }

        foreach (var side in _sides)
        {
            Assert.Equal(side.MessagesToSend, _sides[1 - side.Number].Delivered);
            Assert.Equal(0, side.Channel.Outstanding);
            Assert.Equal(Instant.Never, side.Channel.NextDeadline);
        }
    }

    /// <summary>Moves to the next event; <c>false</c> if there is none.</summary>
    private bool Step()
    {
        var arrival = _link.TryPeek(out _, out var key) ? key.Time : long.MaxValue;
        var next = _sides.Min(side => Math.Min(side.Channel.NextDeadline.Milliseconds, side.NextBurst));
        next = Math.Min(next, arrival);
        if (next == long.MaxValue)
            return false;
        _now = Math.Max(_now, next);
        if (arrival <= _now)
        {
            var flight = _link.Dequeue();
            _sides[flight.To].Arrive(flight);
            return true;
        }

        foreach (var side in _sides)
        {
            side.Channel.HandleDeadline(new(_now), side);
            side.SendBurst();
        }

        return true;
    }

    private void Put(Flight flight)
    {
        var copies = _random.NextDouble() < _loss ? 0 : _random.NextDouble() < _duplication ? 2 : 1;
        for (var i = 0; i < copies; i++)
            _link.Enqueue(flight, (_now + _random.Next(1, _maximumDelay + 1), _order++));
    }

    private readonly record struct Flight(int To, ushort Ns, ushort Nr, byte[]? Message);

    private sealed class Side(LossyConversation link, int number, int window, int peerWindow, int messages, long ackDelay) : IReliableSender
    {
        private ushort _acknowledged;
        private ushort _firstTransmissions;
        private int _given;

        public ReliableChannel Channel { get; } = Make(window, peerWindow, ackDelay);

        public int Number => number;

        public int MessagesToSend => messages;

        public int Delivered { get; private set; }

        public long NextBurst { get; private set; }

        public void SendBurst()
        {
            if (link._now < NextBurst)
                return;
            for (var i = link._random.Next(1, Math.Max(2, messages / 4)); i > 0 && _given < messages; i--)
                Give();
            NextBurst = _given < messages ? link._now + link._random.Next(1, 3000) : long.MaxValue;
        }

        public void Arrive(Flight flight)
        {
            if ((short)(flight.Nr - _acknowledged) > 0)
                _acknowledged = flight.Nr;
            var arrival = Channel.Receive(flight.Ns, flight.Nr, flight.Message is null, flight.Message, new(link._now), this);
            // A peer that is this channel itself never leaves our window and never acknowledges what was not sent.
            Assert.NotEqual(Arrival.OutOfWindow, arrival);
            Assert.NotEqual(Arrival.InvalidNr, arrival);
            if (arrival == Arrival.InOrder)
            {
                Deliver(flight.Message!);
                while (Channel.TryDequeueArrived(out var message))
                    Deliver(message);
            }

            Channel.FlushAck(this);
        }

        public void Transmit(byte[] message, ushort ns, ushort nr, bool isRetransmission)
        {
            Assert.Equal(ns, (ushort)BinaryPrimitives.ReadInt32BigEndian(message));
            if (!isRetransmission)
                Assert.Equal(_firstTransmissions++, ns);
            Assert.InRange((short)(ns - _acknowledged), 0, peerWindow - 1);
            Assert.Equal(Channel.NextNr, nr);
            link.Put(new Flight(1 - number, ns, nr, message));
        }

        public void Acknowledge(ushort ns, ushort nr)
        {
            Assert.Equal(_firstTransmissions, ns);
            link.Put(new Flight(1 - number, ns, nr, null));
        }

        private static ReliableChannel Make(int window, int peerWindow, long ackDelay)
        {
            var channel = new ReliableChannel(ChannelUnderTest.Settings(1000, 8000, 100, ackDelay, window));
            channel.SetPeerWindow(peerWindow);
            return channel;
        }

        private void Give()
        {
            var message = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(message, _given++);
            Channel.Send(message, new(link._now), this);
        }

        private void Deliver(byte[] message)
        {
            Assert.Equal(Delivered, BinaryPrimitives.ReadInt32BigEndian(message));
            Delivered++;
            // Sometimes an answer, so that acknowledgements ride on messages too.
            if (_given < messages && link._random.Next(3) == 0)
                Give();
        }
    }
}
