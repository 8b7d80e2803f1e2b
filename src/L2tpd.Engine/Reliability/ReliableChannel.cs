namespace L2tpd.Engine.Reliability;

/// <summary>
/// Reliable, ordered delivery of control messages in both directions (RFC 2661 section 5.8 and appendix A, RFC 3931
/// section 4.2). Knows nothing of AVPs.
/// </summary>
/// <remarks>
/// For each datagram: <see cref="Receive"/>; if it says <see cref="Arrival.InOrder"/>, process the message and then all that
/// <see cref="TryDequeueArrived"/> yields; last, <see cref="FlushAck"/>. Answers sent in between carry the acknowledgement.
/// </remarks>
public sealed partial class ReliableChannel(ReliableSettings settings)
{
    /// <summary>Octets kept ahead of their turn from a peer whose tunnel is not established.</summary>
    public const int MostEarlyOctetsOfStranger = 4_096;

    /// <summary>Octets kept ahead of their turn from a peer whose tunnel is established: a window of long messages.</summary>
    public const int MostEarlyOctetsOfPeer = 65_536;

    private ReliableSettings _settings = settings;
    private OutboundQueue _outbound;
    private InboundQueue _inbound;
    private CongestionWindow _window = new();
    private RetransmitTimer _timer = new();
    private AckSchedule _ack = new();

    /// <summary>When the last message came: a message that had arrived early is taken at that time.</summary>
    private Instant _lastArrival;

    /// <summary>How many of the outbound messages were ever sent: those have an Ns.</summary>
    private int _sent;

    /// <summary>
    /// How many were sent since the last timeout: those count against the window. A timeout makes it 0, so that all behind the lost
    /// message follow again as the window opens; otherwise each lost message of a burst would cost a timeout of its own.
    /// </summary>
    private int _inFlight;

    private TimeSpan? _roundTrip;

    /// <summary>Ns of the oldest outbound message.</summary>
    private ushort _oldestNs;

    /// <summary>A channel that starts from given sequence numbers: two ends without a handshake.</summary>
    /// <param name="settings">As for a new one.</param>
    /// <param name="nextNs">Ns of the next message sent.</param>
    /// <param name="nextNr">Ns expected next.</param>
    public static ReliableChannel Resume(ReliableSettings settings, ushort nextNs, ushort nextNr) =>
        new(settings) { _oldestNs = nextNs, NextNr = nextNr };

    /// <summary>
    /// The channel after SCCRQ and SCCRP: one message went each way, and what the peer sends next acknowledges ours.
    /// </summary>
    public static ReliableChannel AfterFirstExchange(ReliableSettings settings)
    {
        var channel = Resume(settings, 1, 1);
        channel._window.OnAcknowledged();
        return channel;
    }

    /// <summary>Changes the times from the next wait on. The receive window stays the advertised one.</summary>
    public void Configure(ReliableSettings changed) => _settings = changed with { ReceiveWindow = _settings.ReceiveWindow };

    /// <summary>Ns of the oldest message that is not acknowledged; <see cref="NextNs"/> when all are.</summary>
    public ushort OldestNs => _oldestNs;

    /// <summary>Ns that the next message to go out for the first time gets, and that a ZLB carries.</summary>
    public ushort NextNs => (ushort)(_oldestNs + _sent);

    /// <summary>Nr: the Ns expected next from the peer.</summary>
    public ushort NextNr { get; private set; }

    /// <summary>Messages given to <see cref="Send"/> and not yet acknowledged, sent or waiting.</summary>
    public int Outstanding => _outbound.Count;

    /// <summary>Retransmissions before the channel is dead, from the next timeout on; at first that of the settings.</summary>
    public int MaxRetransmits { get; set; } = settings.MaxRetransmits;

    /// <summary>
    /// True once a message was sent <c>MaxRetransmits</c> times again and its last wait expired. Nothing more is transmitted.
    /// </summary>
    public bool IsDead { get; private set; }

    /// <summary>The oldest unacknowledged message, null when there is none.</summary>
    public byte[]? OldestUnacknowledged => _outbound.Count == 0 ? null : _outbound[0].Bytes;

    /// <summary>How often <see cref="OldestUnacknowledged"/> was sent, the first time included; 0 when there is none.</summary>
    public int OldestTransmissions => _outbound.Count == 0 ? 0 : _outbound[0].Transmissions;

    /// <summary>When <see cref="OldestUnacknowledged"/> was first sent; <c>null</c> when there is none.</summary>
    public Instant? OldestFirstSent => _outbound.Count == 0 ? null : _outbound[0].FirstSent;

    /// <summary>
    /// Octets of messages that are kept ahead of their turn. At first few, for a peer that has proved nothing; the owner of the channel
    /// raises it to <see cref="MostEarlyOctetsOfPeer"/>.
    /// </summary>
    public int MostEarlyOctets { get; set; } = MostEarlyOctetsOfStranger;

    /// <summary>Octets of messages that are kept now, ahead of their turn.</summary>
    public int EarlyOctets => _inbound.Octets;

    /// <summary>The next time <see cref="HandleDeadline"/> has something to do; <see cref="Instant.Never"/> for never.</summary>
    public Instant NextDeadline => Instant.Min(_timer.Deadline, _ack.Deadline);

    /// <summary>Messages that may be unacknowledged on the wire: slow start and congestion avoidance below the peer's window.</summary>
    public int Window => _window.Size;

    /// <summary>
    /// The time from a message to its acknowledgement, measured by the latest acknowledgement of a message that was sent once; <c>null</c>
    /// if there was none since the last call.
    /// </summary>
    public TimeSpan? TakeRoundTrip()
    {
        var measured = _roundTrip;
        _roundTrip = null;
        return measured;
    }

    /// <summary>
    /// The peer's Receive Window Size, messages: taken as 1 below that and 32767 above; 4 until it is known (RFC 2661
    /// section 4.4.3). Takes effect with the next <see cref="Send"/> or acknowledgement.
    /// </summary>
    public void SetPeerWindow(int window) => _window.SetPeerWindow(window);

    /// <summary>Sends a message as soon as the window allows. The channel keeps the array until it is acknowledged.</summary>
    public void Send(byte[] message, Instant now, IReliableSender sender)
    {
        _outbound.Enqueue(message);
        TransmitWhatFits(now, sender);
    }

    /// <summary>
    /// Takes the sequence numbers of an arrived message: judges its Ns, releases what its Nr acknowledges and sends what that
    /// makes room for. <paramref name="message"/> is copied if it must be kept. A duplicate and an early message are
    /// acknowledged from here; the acknowledgement of one in order waits for <see cref="FlushAck"/>.
    /// </summary>
    public Arrival Receive(ushort ns, ushort nr, bool ackOnly, ReadOnlySpan<byte> message, Instant now, IReliableSender sender)
    {
        // A negative value is an older Nr, late or from a duplicate. It acknowledges nothing new (RFC 3931 section 4.2 rejects only what is
        // ahead).
        var acknowledged = (short)(nr - _oldestNs);
        if (acknowledged > _sent)
            return Arrival.InvalidNr;

        // The Ns first: what the Nr makes room for then carries the acknowledgement.
        _lastArrival = now;
        var arrival = ackOnly ? Arrival.AckOnly : Judge(ns, message, now);
        if (acknowledged > 0 && !IsDead)
            Release(acknowledged, now);
        TransmitWhatFits(now, sender);
        if (arrival is Arrival.Duplicate or Arrival.Queued)
            FlushAck(sender);
        return arrival;
    }

    /// <summary>After an in-order message was processed: the next one that had arrived early, if its turn has come.</summary>
    public bool TryDequeueArrived(out byte[] message)
    {
        if (!_inbound.TryTake(NextNr, out message))
            return false;
        NextNr++;
        // The peer had to retransmit to get here: the acknowledgement that the gap is closed is due at once.
        _ack.DueAtOnce(_lastArrival);
        return true;
    }

    /// <summary>Retransmits and acknowledges what is due at <paramref name="now"/>. Harmless when called early.</summary>
    public void HandleDeadline(Instant now, IReliableSender sender)
    {
        if (now >= _timer.Deadline)
            HandleTimeout(now, sender);
        if (now >= _ack.Deadline)
            Acknowledge(sender);
    }

    /// <summary>
    /// To be called when a datagram was processed to the end: sends the acknowledgement if one is due at once and no message
    /// has carried it, and does nothing if it may wait for its deadline. Due at once: for every second of the first
    /// <c>ReceiveWindow</c> messages of the channel (the peer is in slow start), when half of that window is
    /// unacknowledged, after a gap was closed, and always when <c>AckDelay</c> is below 0.
    /// </summary>
    public void FlushAck(IReliableSender sender)
    {
        if (_ack.IsDueAtOnce)
            Acknowledge(sender);
    }

    /// <summary>
    /// Forgets unacknowledged and early messages: the peer has ended the conversation and only its repetitions are acknowledged.
    /// </summary>
    public void DiscardOutgoing()
    {
        _oldestNs = NextNs;
        _outbound.Release(_outbound.Count);
        _sent = 0;
        _inFlight = 0;
        _timer.Stop();
        _inbound.Clear();
    }

    private Arrival Judge(ushort ns, ReadOnlySpan<byte> message, Instant now)
    {
        // Exactly 32768 values are behind NextNr: the last one received and the 32767 before it (RFC 2661 section 5.8).
        var ahead = (short)(ns - NextNr);
        if (ahead == 0)
        {
            NextNr++;
            _ack.OnInOrder(now, _settings);
            return Arrival.InOrder;
        }

        if (ahead >= Math.Max(_settings.ReceiveWindow, 1))
            return Arrival.OutOfWindow;
        if (ahead > 0 && !_inbound.Contains(ns))
            return Keep(ns, message, now);
        _ack.DueAtOnce(now);
        return Arrival.Duplicate;
    }

    private Arrival Keep(ushort ns, ReadOnlySpan<byte> message, Instant now)
    {
        // What is not kept comes again: the peer sends each message until it is acknowledged.
        if (!_inbound.TryAdd(ns, message, MostEarlyOctets))
            return Arrival.OutOfWindow;
        _ack.DueAtOnce(now);
        return Arrival.Queued;
    }

    private void Release(int count, Instant now)
    {
        // An acknowledgement of a message that was sent again may be that of either (Karn's algorithm).
        if (_outbound[count - 1] is { Transmissions: 1 } newest)
            _roundTrip = now - newest.FirstSent;
        _outbound.Release(count);
        _oldestNs = (ushort)(_oldestNs + count);
        _sent -= count;
        _inFlight = Math.Max(_inFlight - count, 0);
        _window.OnAcknowledged();
        if (_sent > 0)
            _timer.Start(now, _settings);
        else
            _timer.Stop();
    }

    private void TransmitWhatFits(Instant now, IReliableSender sender)
    {
        while (!IsDead && _inFlight < _outbound.Count && _inFlight < _window.Size)
        {
            if (_inFlight == 0)
                _timer.Start(now, _settings);
            Transmit(_inFlight++, now, sender);
        }
    }

    private void HandleTimeout(Instant now, IReliableSender sender)
    {
        if (_timer.Expirations >= MaxRetransmits)
        {
            IsDead = true;
            _timer.Stop();
            return;
        }

        _window.OnTimeout();
        _timer.BackOff(now, _settings);
        _inFlight = 1;
        Transmit(0, now, sender);
    }

    private void Transmit(int index, Instant now, IReliableSender sender)
    {
        ref var message = ref _outbound[index];
        var isRetransmission = message.Transmissions > 0;
        if (!isRetransmission)
        {
            message.FirstSent = now;
            _sent = index + 1;
        }

        message.Transmissions++;
        _ack.OnAcknowledged();
        sender.Transmit(message.Bytes, (ushort)(_oldestNs + index), NextNr, isRetransmission);
    }

    private void Acknowledge(IReliableSender sender)
    {
        _ack.OnAcknowledged();
        sender.Acknowledge(NextNs, NextNr);
    }
}
