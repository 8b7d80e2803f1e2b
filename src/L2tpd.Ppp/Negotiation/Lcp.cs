using System.Buffers.Binary;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Negotiation;

/// <summary>Link Control Protocol (RFC 1661 sections 5 and 6, RFC 1570 section 2).</summary>
internal sealed partial class Lcp : ControlProtocol
{
    internal const byte MruOption = 1;
    internal const byte AccmOption = 2;
    internal const byte AuthenticationOption = 3;
    internal const byte MagicOption = 5;
    internal const byte ProtocolCompressionOption = 7;
    internal const byte AddressCompressionOption = 8;

    internal const ushort DefaultMru = 1500;
    private const ushort SmallestMru = 128;

    private bool _askMru;
    private bool _askMagic = true;
    private bool _askProtocolCompression;
    private bool _askAddressCompression;
    private uint _triedAuthentications;
    private int _loops;
    private PeerOptions _reviewed;
    private PeerOptions _peer = PeerOptions.Defaults;

    internal Lcp(PppEndpoint endpoint)
        : base(endpoint)
    {
        Mru = Profile.Mru;
        _askMru = Mru != DefaultMru;
        _askProtocolCompression = Profile.RequestProtocolCompression;
        _askAddressCompression = Profile.RequestAddressCompression;
        FromPeer = Profile.RequireFromPeer.IsDefaultOrEmpty ? AuthenticationProtocol.None : Profile.RequireFromPeer[0];
        Magic = NewMagic();
    }

    internal override PppProtocol Protocol => PppProtocol.Lcp;

    /// <summary>The protocol by which the peer authenticates itself.</summary>
    internal AuthenticationProtocol FromPeer { get; private set; }

    /// <summary>The protocol by which we authenticate ourselves.</summary>
    internal AuthenticationProtocol ToPeer => _peer.Authentication;

    /// <summary>Our magic number; 0 after the peer rejected the option.</summary>
    internal uint Magic { get; private set; }

    /// <summary>Largest payload we announced.</summary>
    internal ushort Mru { get; private set; }

    /// <summary>Largest payload the peer announced.</summary>
    internal ushort PeerMru => _peer.Mru;

    internal bool CompressProtocol => _peer.ProtocolCompression;

    internal bool CompressAddress => _peer.AddressCompression;

    /// <summary>False once the peer rejected Echo-Request's code.</summary>
    internal bool EchoUnderstood { get; private set; } = true;

    /// <summary>Sends an Echo-Request.</summary>
    internal void SendEcho(IPppEffects effects)
    {
        Span<byte> data = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(data, Magic);
        Send(ControlCode.EchoRequest, NextId(), data, effects);
    }

    /// <summary>Sends a Protocol-Reject (RFC 1661 section 5.7).</summary>
    internal void RejectProtocol(PppProtocol protocol, ReadOnlySpan<byte> information, IPppEffects effects)
    {
        var kept = Endpoint.Truncate(information, overhead: 2);
        Span<byte> data = stackalloc byte[LargestPacket];
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)protocol);
        kept.CopyTo(data[2..]);
        Send(ControlCode.ProtocolReject, NextId(), data[..(kept.Length + 2)], effects);
    }

    /// <summary>What was negotiated.</summary>
    internal LcpSnapshot Snapshot() => new(SnapshotControl())
    {
        Mru = Mru,
        Magic = Magic,
        FromPeer = FromPeer,
        AskMru = _askMru,
        AskMagic = _askMagic,
        AskProtocolCompression = _askProtocolCompression,
        AskAddressCompression = _askAddressCompression,
        EchoUnderstood = EchoUnderstood,
        PeerMru = _peer.Mru,
        PeerMagic = _peer.Magic,
        ToPeer = _peer.Authentication,
        PeerProtocolCompression = _peer.ProtocolCompression,
        PeerAddressCompression = _peer.AddressCompression,
    };

    /// <summary>Goes to Opened with what was negotiated.</summary>
    internal void Restore(LcpSnapshot snapshot)
    {
        (Mru, Magic, FromPeer, EchoUnderstood) = (snapshot.Mru, snapshot.Magic, snapshot.FromPeer, snapshot.EchoUnderstood);
        (_askMru, _askMagic) = (snapshot.AskMru, snapshot.AskMagic);
        (_askProtocolCompression, _askAddressCompression) = (snapshot.AskProtocolCompression, snapshot.AskAddressCompression);
        _peer = new PeerOptions(
            snapshot.PeerMru, snapshot.ToPeer, snapshot.PeerMagic, snapshot.PeerProtocolCompression, snapshot.PeerAddressCompression);
        Restore(snapshot.Control);
    }

    protected override bool HandleOther(in ControlPacket packet, long now, IPppEffects effects)
    {
        switch ((ControlCode)packet.Code)
        {
            case ControlCode.ProtocolReject:
                HandleProtocolReject(packet.Data, now, effects);
                return true;
            case ControlCode.EchoRequest:
                if (packet.Data.Length >= 4 && (!IsOwnMagic(packet.Data) || !IsLoopedBack(now, effects)))
                    Step(PppEvent.EchoOrDiscard, now, effects, packet.Id, packet.Data);

                return true;
            case ControlCode.EchoReply:
                HandleEchoReply(packet.Data, now, effects);
                return true;
            case ControlCode.DiscardRequest or ControlCode.Identification or ControlCode.TimeRemaining:
                return true;
            default:
                return false;
        }
    }

    protected override bool IsVital(byte code) => code is >= 1 and <= 8;

    protected override void OnCodeRejected(byte code)
    {
        if (code is (byte)ControlCode.EchoRequest or (byte)ControlCode.EchoReply)
            EchoUnderstood = false;
    }

    protected override void OnTerminateRequest(ReadOnlySpan<byte> data)
    {
        if (State == PppState.Opened)
            Endpoint.PeerTerminates(data);
    }

    protected override void SendEchoReply(byte id, ReadOnlySpan<byte> data, IPppEffects effects)
    {
        var kept = Endpoint.Truncate(data);
        Span<byte> reply = stackalloc byte[LargestPacket];
        kept.CopyTo(reply);
        BinaryPrimitives.WriteUInt32BigEndian(reply, Magic);
        Send(ControlCode.EchoReply, id, reply[..kept.Length], effects);
    }

    protected override void LayerUp(long now, IPppEffects effects)
    {
        // A renegotiation may succeed with a protocol that was refused before.
        _triedAuthentications = 0;
        Endpoint.LinkOpened(now, effects);
    }

    protected override void LayerDown(long now, IPppEffects effects) => Endpoint.LinkClosed(now, effects);

    protected override void LayerFinished(PppEvent pppEvent, long now, IPppEffects effects) => Endpoint.LinkFinished(now, effects);

    private void HandleProtocolReject(ReadOnlySpan<byte> data, long now, IPppEffects effects)
    {
        if (State != PppState.Opened || data.Length < 2)
            return;

        var rejected = (PppProtocol)BinaryPrimitives.ReadUInt16BigEndian(data);
        if (rejected == PppProtocol.Lcp)
        {
            Step(PppEvent.RejectFatal, now, effects);
            return;
        }

        Step(PppEvent.RejectTolerable, now, effects);
        Endpoint.ProtocolRejected(rejected, now, effects);
    }

    private void HandleEchoReply(ReadOnlySpan<byte> data, long now, IPppEffects effects)
    {
        if (State != PppState.Opened || data.Length < 4 || (IsOwnMagic(data) && IsLoopedBack(now, effects)))
            return;

        Endpoint.EchoAnswered();
    }

    private bool IsOwnMagic(ReadOnlySpan<byte> data) => Magic != 0 && BinaryPrimitives.ReadUInt32BigEndian(data) == Magic;

    private bool IsLoopedBack(long now, IPppEffects effects)
    {
        if (++_loops < Profile.LoopLimit)
            return false;

        Endpoint.Fail(PppEnds.Loopback(), now, effects);
        return true;
    }

    private uint NewMagic()
    {
        Span<byte> octets = stackalloc byte[4];
        Endpoint.Random.Fill(octets);
        var magic = BinaryPrimitives.ReadUInt32BigEndian(octets);
        return magic == 0 || magic == Magic ? magic + 1 : magic;
    }
}
