using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Reliability;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Statics;

/// <summary>
/// HELLO and acknowledgement over the socket of a static tunnel. A HELLO that comes is always acknowledged; ours are sent where a keepalive
/// is configured. A peer is silent that sends nothing at all while one of ours is retransmitted to exhaustion.
/// </summary>
/// <remarks>
/// No handshake shows one end that the other restarted, so sequence numbers must be taken over from the peer. Where a message does not fit
/// ours, what its sender says it sends and expects next counts from then on; nothing is sent for that, so two ends cannot chase each other.
/// Whatever the numbers of a message, it shows that its sender is there: go-l2tp's ql2tpd, once a HELLO with an unexpected Ns has reached
/// it, answers every HELLO with the same Nr and never acknowledges one (ADR 7).
/// </remarks>
internal sealed class StaticKeepalive : IReliableSender
{
    /// <summary>Never more than one HELLO is on its way.</summary>
    private const int Window = 1;

    private readonly EngineContext _context;
    private readonly Tunnel _tunnel;
    private readonly TimeSpan? _interval;
    private readonly ReliableSettings _settings;
    private ReliableChannel _channel;
    private Instant _lastAnswer;

    public StaticKeepalive(EngineContext context, Tunnel tunnel, StaticKeepaliveSettings? configuration)
    {
        _context = context;
        _tunnel = tunnel;
        _interval = configuration?.Interval;
        _settings = configuration is null
            ? new ReliableSettings(TimeSpan.Zero, TimeSpan.Zero, 0, ReliableSettings.NoAckDelay, Window)
            : new ReliableSettings(
                configuration.RetransmitInitial, configuration.RetransmitCap, configuration.MaxRetransmits, ReliableSettings.NoAckDelay,
                Window);
        _channel = new ReliableChannel(_settings);
    }

    /// <summary>Nothing came while a HELLO was repeated to the end, nor since. False without a keepalive.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>When something is due; <see cref="Instant.Never"/> for never.</summary>
    public Instant NextDeadline => _interval is { } interval && _channel.Outstanding == 0
        ? Instant.Min(_channel.NextDeadline, _lastAnswer + interval)
        : _channel.NextDeadline;

    private bool Asks => _interval is not null;

    /// <summary>The tunnel is there: the first HELLO.</summary>
    public void Start()
    {
        if (Asks)
            SendHello();
    }

    /// <summary>A control message from the other end.</summary>
    public void Receive(in ControlHeader header, ReadOnlySpan<byte> message)
    {
        var isAwaiting = _channel.Outstanding > 0;
        var type = header.IsZlb ? MessageType.Ack : MessageTypePeek.Read(message);
        if (type is MessageType.Ack or MessageType.Hello)
            Take(header, message, type == MessageType.Ack);
        else
            _tunnel.Counters.Malformed++;
        IsSilent = false;
        if (!isAwaiting)
            return;
        _lastAnswer = _context.Now;
        // The peer is there, whether or not its Nr acknowledges our HELLO: the next one is due after the interval.
        if (_channel.Outstanding > 0)
            _channel = ReliableChannel.Resume(_settings, _channel.OldestNs, _channel.NextNr);
    }

    /// <summary>Something is due.</summary>
    public void HandleDeadline()
    {
        _channel.HandleDeadline(_context.Now, this);
        if (_channel.IsDead)
        {
            IsSilent = true;
            // Asks again from Ns 0: a peer that restarted meanwhile drops an Nr ahead of what it has sent.
            _channel = new ReliableChannel(_settings);
            SendHello();
        }
        else if (_interval is { } interval && _channel.Outstanding == 0 && _lastAnswer + interval <= _context.Now)
        {
            SendHello();
        }
    }

    /// <summary>Goes on where that of the snapshot was.</summary>
    public void Restore(KeepaliveSnapshot snapshot, SnapshotTime time)
    {
        _channel = ReliableChannel.Restore(_settings, snapshot.Channel, time);
        (_lastAnswer, IsSilent) = (time.Absolute(snapshot.LastAnswer), snapshot.IsSilent);
    }

    public KeepaliveSnapshot ToSnapshot(SnapshotTime time) => new(_channel.ToSnapshot(time), time.Relative(_lastAnswer), IsSilent);

    void IReliableSender.Transmit(byte[] message, ushort ns, ushort nr, bool isRetransmission)
    {
        ControlHeader.PatchSequence(message, ns, nr);
        if (isRetransmission)
            _tunnel.Counters.Retransmissions++;
        Transmit(message);
    }

    // Not a ZLB: go-l2tp sends the ACK message, and RFC 3931 section 4.2 prefers it.
    void IReliableSender.Acknowledge(ushort ns, ushort nr)
    {
        Span<byte> buffer = stackalloc byte[ControlHeader.Size * 2];
        var length = MessageCodec.Encode(Ack.Instance, ProtocolVersion.V3, _tunnel.PeerId, default, buffer);
        ControlHeader.PatchSequence(buffer, ns, nr);
        _tunnel.Counters.ZlbsSent++;
        Transmit(buffer[..length]);
    }

    private void Take(in ControlHeader header, ReadOnlySpan<byte> message, bool onlyAcknowledges)
    {
        if (!Fits(header, onlyAcknowledges))
            _channel = ReliableChannel.Resume(_settings, header.Nr, header.Ns);
        var arrival = _channel.Receive(header.Ns, header.Nr, onlyAcknowledges, message, _context.Now, this);
        if (arrival == Arrival.Duplicate)
            _tunnel.Counters.Duplicates++;
        else
            CountReceived(onlyAcknowledges);
        _channel.FlushAck(this);
    }

    /// <summary>The other end expects what we send next, or what is on its way; and sends what we expect, or the last one again.</summary>
    private bool Fits(in ControlHeader header, bool onlyAcknowledges)
    {
        var expectsOurs = header.Nr == _channel.OldestNs || header.Nr == _channel.NextNs;
        var sendsExpected = header.Ns == _channel.NextNr || header.Ns == (ushort)(_channel.NextNr - 1);
        return expectsOurs && (onlyAcknowledges || sendsExpected);
    }

    private void CountReceived(bool onlyAcknowledges)
    {
        _tunnel.Counters.MessagesReceived++;
        if (!onlyAcknowledges)
            _context.Counters.Messages.CountReceived(MessageType.Hello);
        if (_channel.TakeRoundTrip() is { } roundTrip)
            _context.Counters.Times.RoundTrips.Observe(roundTrip.Ticks / TimeSpan.TicksPerMillisecond);
    }

    private void SendHello()
    {
        Span<byte> buffer = stackalloc byte[ControlHeader.Size * 2];
        var length = MessageCodec.Encode(Hello.Instance, ProtocolVersion.V3, _tunnel.PeerId, default, buffer);
        _tunnel.Counters.HellosSent++;
        _tunnel.Counters.MessagesSent++;
        _context.Counters.Messages.CountSent(MessageType.Hello);
        _channel.Send(buffer[..length].ToArray(), _context.Now, this);
    }

    private void Transmit(ReadOnlySpan<byte> message)
    {
        _context.Counters.DatagramsSent++;
        _context.Effects.Send(_tunnel.Path, _tunnel.Key, message);
    }
}
