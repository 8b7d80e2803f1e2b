using L2tpd.Engine.Reliability;

namespace L2tpd.Unit.Tests.Engine.Reliability;

/// <summary>
/// A channel, the clock, and the datagrams it sent, one word each: "m0.1" message Ns 0 Nr 1, "r0.1" its repetition, "a0.1" an
/// acknowledgement.
/// </summary>
internal sealed class ChannelUnderTest : IReliableSender
{
    private readonly List<string> _wire = [];

    public ChannelUnderTest(
        long initial = 1000,
        long cap = 8000,
        int retransmits = 5,
        long ackDelay = 50,
        int receiveWindow = 4,
        int? peerWindow = null)
    {
        Channel = new ReliableChannel(Settings(initial, cap, retransmits, ackDelay, receiveWindow));
        if (peerWindow is { } window)
            Channel.SetPeerWindow(window);
    }

    public ReliableChannel Channel { get; }

    public long Now { get; set; }

    /// <summary>Times are in ms; <see cref="long.MaxValue"/> for the longest one.</summary>
    public static ReliableSettings Settings(long initial, long cap, int retransmits, long ackDelay, int receiveWindow) =>
        new(Span(initial), Span(cap), retransmits, Span(ackDelay), receiveWindow);

    public List<byte[]> Transmitted { get; } = [];

    /// <summary>Moves the clock as the host would: each deadline on the way is handled at its time.</summary>
    public void AdvanceTo(long time)
    {
        while (Channel.NextDeadline.Milliseconds <= time)
        {
            Now = Math.Max(Now, Channel.NextDeadline.Milliseconds);
            Channel.HandleDeadline(new(Now), this);
        }

        Now = time;
        Channel.HandleDeadline(new(Now), this);
    }

    public void Send(params byte[] message) => Channel.Send(message, new(Now), this);

    public void SendMany(int count)
    {
        for (var i = 0; i < count; i++)
            Send((byte)i);
    }

    public Arrival Receive(int ns, int nr = 0, params byte[] message) =>
        Channel.Receive((ushort)ns, (ushort)nr, false, message, new(Now), this);

    public Arrival ReceiveAck(int nr, int ns = 0) => Channel.Receive((ushort)ns, (ushort)nr, true, [], new(Now), this);

    public void Flush() => Channel.FlushAck(this);

    /// <summary>Takes a message in order and processes it without an answer.</summary>
    public void ReceiveInOrder(int ns, int nr = 0)
    {
        Assert.Equal(Arrival.InOrder, Receive(ns, nr));
        Flush();
        // The turn of the loop is over.
        AdvanceTo(Now);
    }

    /// <summary>The datagrams sent since the last call.</summary>
    public string Wire()
    {
        var words = string.Join(' ', _wire);
        _wire.Clear();
        return words;
    }

    public void Transmit(byte[] message, ushort ns, ushort nr, bool isRetransmission)
    {
        Transmitted.Add(message);
        _wire.Add($"{(isRetransmission ? 'r' : 'm')}{ns}.{nr}");
    }

    public void Acknowledge(ushort ns, ushort nr) => _wire.Add($"a{ns}.{nr}");

    private static TimeSpan Span(long milliseconds) =>
        milliseconds == long.MaxValue ? TimeSpan.MaxValue : TimeSpan.FromMilliseconds(milliseconds);
}
