using System.Buffers.Binary;
using L2tpd.Engine.Addressing;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Simulation.Tests.Network;

/// <summary>
/// Looks at every datagram between ends that advertise a window of one, so that only one message is ever on its way and all its
/// times are those of RFC 2661 section 5.8, to the millisecond, whatever the link does. The ends must not restart.
/// </summary>
public sealed class TimerRules
{
    private const int NrOffset = 10;
    private static readonly long[] Waits = [1000, 2000, 4000, 8000, 8000];

    private readonly Simulation _simulation;
    private readonly Dictionary<(Endpoint From, Endpoint To), Direction> _directions = [];

    public TimerRules(Simulation simulation)
    {
        _simulation = simulation;
        simulation.Sent = OnSent;
        simulation.Arriving = OnArriving;
    }

    /// <summary>Repetitions whose time was looked at.</summary>
    public int Retransmissions { get; private set; }

    /// <summary>HELLOs whose time was looked at.</summary>
    public int Hellos { get; private set; }

    /// <summary>Messages that were sent to exhaustion.</summary>
    public int Exhausted { get; private set; }

    private void OnSent(Endpoint from, Endpoint to, byte[] datagram)
    {
        Assert.True(MessageCodec.TryDecodeHeader(datagram, out var header, out _));
        if (header.IsZlb)
            return;
        var direction = Of(from, to);
        var identity = Identity(datagram);
        var type = MessageTypePeek.Read(datagram);
        // SCCRP goes out again when SCCRQ comes again, and not by itself (ADR 3).
        if (identity == direction.Message && type == MessageType.Sccrp)
            return;
        if (identity == direction.Message)
            OnRepeated(direction);
        else
            OnNew(direction, header, identity, type);
        direction.SentAt = _simulation.Now;
    }

    private void OnRepeated(Direction direction)
    {
        Assert.True(direction.Transmissions <= Waits.Length, "no message is sent more than six times");
        Assert.Equal(Waits[direction.Transmissions - 1], _simulation.Now - direction.SentAt);
        direction.Transmissions++;
        Retransmissions++;
        if (direction.Transmissions > Waits.Length)
            Exhausted++;
    }

    private void OnNew(Direction direction, in ControlHeader header, string identity, MessageType? type)
    {
        Assert.True(
            header.Ns == direction.AcknowledgedUpTo, $"message {header.Ns} goes out, {direction.AcknowledgedUpTo} is not acknowledged");
        if (type == MessageType.Hello)
        {
            Hellos++;
            Assert.Equal(60_000, _simulation.Now - direction.HeardAt);
        }

        direction.Message = identity;
        direction.Transmissions = 1;
    }

    private void OnArriving(Endpoint from, Endpoint to, byte[] datagram)
    {
        Assert.True(MessageCodec.TryDecodeHeader(datagram, out var header, out _));
        var back = Of(to, from);
        back.HeardAt = _simulation.Now;
        if ((short)(header.Nr - back.AcknowledgedUpTo) > 0)
            back.AcknowledgedUpTo = header.Nr;
    }

    private Direction Of(Endpoint from, Endpoint to)
    {
        if (!_directions.TryGetValue((from, to), out var direction))
            _directions.Add((from, to), direction = new Direction());
        return direction;
    }

    /// <summary>The message without its Nr, which each transmission has as it is then.</summary>
    private static string Identity(byte[] datagram)
    {
        byte[] copy = [.. datagram];
        BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan(NrOffset), 0);
        return Convert.ToHexString(copy);
    }

    /// <summary>One end of a tunnel, as it sends.</summary>
    private sealed class Direction
    {
        public string Message { get; set; } = "";

        public int Transmissions { get; set; }

        public long SentAt { get; set; }

        public long HeardAt { get; set; }

        public ushort AcknowledgedUpTo { get; set; }
    }
}
