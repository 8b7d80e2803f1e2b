using System.Buffers.Binary;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Data;
using L2tpd.Engine.Effects;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Data;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>
/// One session of the userspace data plane. It writes the L2TP header before the frames of its port, and checks and reorders the frames of
/// the peer before its port receives them. No allocation per packet. Loop thread only.
/// </summary>
public sealed class UserspaceSession
{
    private const int VlanTagSize = 4;
    private const int EtherTypeOffset = 12;

    /// <summary>Longest frame that is kept for a port that is not set yet, octets: a Configure-Request and some more.</summary>
    private const int LongestEarly = 512;

    private readonly UserspaceTunnel _tunnel;
    private readonly ReorderWatch _reorder;
    private readonly bool _isV3;
    private readonly ulong _localCookie;
    private readonly ulong _peerCookie;
    private readonly int _peerCookieSize;
    private readonly DataFormatV3 _receiveFormat;
    private readonly bool _sendsSublayer;
    private readonly SequenceSpace _space;
    private DataCounters _counters;
    private SequencingRule _sequencing;
    private ReceiveSequence _receiving;
    private uint _sendNumber;
    private byte[]? _early;

    internal UserspaceSession(SessionKey key, SessionParameters parameters, UserspaceTunnel tunnel, PacketPool pool, ReorderWatch reorder)
    {
        (Key, Parameters, _tunnel, _reorder) = (key, parameters, tunnel, reorder);
        var version = tunnel.Parameters.Version;
        _isV3 = version == ProtocolVersion.V3;
        _space = SequenceSpace.Of(version);
        if (parameters.Settings is { } settings)
        {
            _localCookie = CookieOf(settings.LocalCookie);
            _peerCookie = CookieOf(settings.PeerCookie);
            _peerCookieSize = settings.PeerCookie.Length;
            _receiveFormat = new DataFormatV3(settings.LocalCookie.Length, settings.Sublayer);
            _sendsSublayer = settings.SendSublayer != L2SpecificSublayer.None;
        }

        var level = parameters.Settings?.SendLevel ?? (parameters.SendSequence ? DataSequencing.All : DataSequencing.None);
        _sequencing = new SequencingRule(version, parameters.LnsMode, level, parameters.RequireSequence);
        _receiving = new ReceiveSequence(_space, parameters.ReorderTimeout, pool);
    }

    public SessionKey Key { get; }

    public SessionParameters Parameters { get; }

    /// <summary>Takes frames of the peer; <c>null</c> if they are dropped and counted.</summary>
    public ISessionPort? Port { get; set; }

    /// <summary>Whether the tunnel's socket has no room now; <see cref="WhenWritable"/> reports when it has.</summary>
    public bool IsBlocked => _tunnel.Output.Socket.IsBlocked;

    /// <summary>The counters of the session.</summary>
    public TrafficCounters Statistics
    {
        get
        {
            var counters = _counters;
            counters.OutOfOrder += _receiving.OutOfOrder;
            return counters.Snapshot();
        }
    }

    public UserspaceTunnel Tunnel => _tunnel;

    /// <summary>When a held packet must be delivered at the latest, ms; <see cref="long.MaxValue"/> if none is held.</summary>
    internal long ReorderDeadline => _receiving.Deadline.Milliseconds;

    /// <summary>The longest frame that fits the path in one packet, with headers and sequence number, octets.</summary>
    internal int LargestPayload => _tunnel.PathMtu - (_tunnel.Parameters.Path.Remote.IsIPv6 ? 40 : 20) - (_isV3 ? HeaderSize : 10)
        - (_tunnel.Carrier == DataCarrier.Udp ? 8 : 0);

    private int HeaderSize => _isV3
        ? (_tunnel.Carrier == DataCarrier.Udp ? 8 : 4) + _peerCookieSize + (_sendsSublayer ? 4 : 0)
        : _sequencing.SendLevel == DataSequencing.None ? 6 : 10;

    /// <summary>Sends a copy of one frame.</summary>
    /// <returns><c>false</c> if it was dropped and counted, because the socket has no room now or the frame is too long.</returns>
    public bool Send(ReadOnlySpan<byte> payload)
    {
        var room = BeginSend();
        if (room.Length < payload.Length || room.IsEmpty)
        {
            _counters.TransmitErrors++;
            _tunnel.Counters.TransmitErrors++;
            return false;
        }

        payload.CopyTo(room);
        EndSend(payload.Length);
        return true;
    }

    /// <summary>
    /// The buffer for the next frame, which saves a copy. Then call <see cref="EndSend"/>, or nothing if there is no frame after all.
    /// Between the two nothing else may be sent.
    /// </summary>
    /// <returns>At least 9,600 octets; empty if the socket has no room now.</returns>
    public Span<byte> BeginSend()
    {
        var slot = _tunnel.Output.Reserve();
        return slot.IsEmpty ? slot : slot[HeaderSize..];
    }

    /// <summary>
    /// Writes the header before the frame and queues the packet. It leaves when the batch is full, or at the end of the loop's turn.
    /// </summary>
    /// <param name="length">Octets written into the buffer of <see cref="BeginSend"/>.</param>
    public void EndSend(int length)
    {
        var slot = _tunnel.Output.Reserve();
        var size = _isV3 ? WriteHeaderV3(slot, length) : WriteHeaderV2(slot, length);
        _tunnel.Output.Commit(this, size + length);
        _counters.CountSent(size + length);
        _tunnel.Counters.CountSent(size + length);
    }

    /// <summary>The first frame that arrived before the port was set, once; <c>null</c> if none did.</summary>
    public byte[]? TakeEarly()
    {
        var early = _early;
        _early = [];
        return early is { Length: > 0 } ? early : null;
    }

    /// <summary>Calls <paramref name="resume"/> once when the socket has room again.</summary>
    public void WhenWritable(Action resume) => _tunnel.Output.Socket.WhenWritable(resume);

    internal void CountRefused(int octets)
    {
        _counters.CountRefused(octets);
        _tunnel.Counters.CountRefused(octets);
    }

    internal void Receive(in DataHeaderV2 header, ReadOnlySpan<byte> packet) =>
        Receive(header.IsSequenced, header.Ns, packet.Slice(header.PayloadOffset, header.PayloadLength), packet.Length);

    internal void ReceiveV3(ReadOnlySpan<byte> packet)
    {
        if (!DataHeaderV3.TryRead(packet, _tunnel.Carrier, _receiveFormat, out var header, out _))
        {
            _counters.Invalid++;
            _tunnel.Counters.Invalid++;
        }
        else if (header.Cookie != _localCookie)
        {
            _counters.CookieDiscards++;
            _tunnel.Counters.CookieDiscards++;
        }
        else
        {
            Receive(header.IsSequenced, header.Sequence, packet[header.PayloadOffset..], packet.Length);
        }
    }

    /// <summary>Delivers packets that were held too long for a missing one before them.</summary>
    internal void ExpireReorder(long now)
    {
        _receiving.Expire(Instant.FromMilliseconds(now));
        DeliverHeld();
    }

    /// <summary>To be called when the session ends.</summary>
    internal void Close()
    {
        Port = null;
        _receiving.Clear();
    }

    private void Receive(bool isSequenced, uint number, ReadOnlySpan<byte> payload, int octets)
    {
        if (!_sequencing.Admit(isSequenced))
        {
            CountSequenceDiscard();
            return;
        }

        var verdict = isSequenced ? _receiving.Accept(number, payload, Instant.FromMilliseconds(_reorder.Now)) : SequenceVerdict.Deliver;
        if (verdict == SequenceVerdict.Discard)
        {
            CountSequenceDiscard();
            return;
        }

        _counters.CountReceived(octets);
        _tunnel.Counters.CountReceived(octets);
        if (verdict == SequenceVerdict.Hold)
        {
            _reorder.Add(this);
            return;
        }

        if (verdict == SequenceVerdict.Deliver)
            Deliver(payload);
        if (isSequenced && _receiving.Held > 0)
            DeliverHeld();
        if (verdict == SequenceVerdict.DeliverLast)
            Deliver(payload);
    }

    private void DeliverHeld()
    {
        while (_receiving.TryTake(out var held))
            Deliver(held);
    }

    private void Deliver(ReadOnlySpan<byte> payload)
    {
        if (Port is { } port)
        {
            port.Receive(payload);
            return;
        }

        if (_early is null && payload.Length <= LongestEarly)
        {
            _early = payload.ToArray();
            return;
        }

        _counters.ReceiveErrors++;
        _tunnel.Counters.ReceiveErrors++;
    }

    private void CountSequenceDiscard()
    {
        _counters.SequenceDiscards++;
        _tunnel.Counters.SequenceDiscards++;
    }

    private int WriteHeaderV2(Span<byte> slot, int length)
    {
        var isSequenced = _sequencing.SendLevel != DataSequencing.None;
        var header = new DataHeaderV2(
            _tunnel.Parameters.PeerId, Parameters.PeerId, isSequenced, isSequenced ? (ushort)TakeNumber() : (ushort)0, false, 0, length);
        return header.Write(slot, withLength: false);
    }

    private int WriteHeaderV3(Span<byte> slot, int length)
    {
        var isSequenced = _sendsSublayer && IsNumbered(slot.Slice(HeaderSize, length));
        var header = new DataHeaderV3(
            Parameters.PeerId, _peerCookie, _peerCookieSize, _sendsSublayer, isSequenced, isSequenced ? TakeNumber() : 0, 0);
        return header.Write(slot, _tunnel.Carrier);
    }

    private bool IsNumbered(ReadOnlySpan<byte> payload) => _sequencing.SendLevel switch
    {
        DataSequencing.All => true,
        DataSequencing.NonIpOnly => !IsIp(payload),
        _ => false,
    };

    /// <summary>Whether the frame is IPv4 or IPv6, also behind a VLAN tag: "non-IP" sequencing leaves these out.</summary>
    private bool IsIp(ReadOnlySpan<byte> payload)
    {
        if (Parameters.Pseudowire == PseudowireType.Ppp)
            return PppProtocolOf(payload) is 0x21 or 0x57;
        if (payload.Length < EtherTypeOffset + 2)
            return false;
        var type = BinaryPrimitives.ReadUInt16BigEndian(payload[EtherTypeOffset..]);
        if (type == 0x8100 && payload.Length >= EtherTypeOffset + VlanTagSize + 2)
            type = BinaryPrimitives.ReadUInt16BigEndian(payload[(EtherTypeOffset + VlanTagSize)..]);
        return type is 0x0800 or 0x86dd;
    }

    private static int PppProtocolOf(ReadOnlySpan<byte> frame)
    {
        var at = frame is [0xff, 0x03, ..] ? 2 : 0;
        if (frame.Length < at + 2)
            return 0;
        // A protocol field compressed to one octet is odd (RFC 1661 section 6.5).
        return (frame[at] & 1) != 0 ? frame[at] : BinaryPrimitives.ReadUInt16BigEndian(frame[at..]);
    }

    private uint TakeNumber()
    {
        var number = _sendNumber;
        _sendNumber = _space.Next(number);
        return number;
    }

    private static ulong CookieOf(byte[] octets) => octets.Length switch
    {
        4 => BinaryPrimitives.ReadUInt32BigEndian(octets),
        8 => BinaryPrimitives.ReadUInt64BigEndian(octets),
        _ => 0,
    };
}
