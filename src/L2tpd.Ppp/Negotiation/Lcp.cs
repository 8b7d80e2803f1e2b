using System.Buffers.Binary;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Negotiation;

/// <summary>Link Control Protocol (RFC 1661 sections 5 and 6, RFC 1570 section 2).</summary>
internal sealed class Lcp : ControlProtocol
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

    /// <summary>How the peer proves itself.</summary>
    internal AuthenticationProtocol FromPeer { get; private set; }

    /// <summary>How we prove ourselves.</summary>
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
        ReadOnlySpan<byte> kept = Endpoint.Truncate(information, overhead: 2);
        Span<byte> data = stackalloc byte[LargestPacket];
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)protocol);
        kept.CopyTo(data[2..]);
        Send(ControlCode.ProtocolReject, NextId(), data[..(kept.Length + 2)], effects);
    }

    /// <summary>Takes over a LAC's negotiation when every option of both sides is acceptable (RFC 2661 section 4.4.5).</summary>
    internal bool TryAdopt(ProxyState proxy, long now, IPppEffects effects)
    {
        if (!ProxiedOptions.TryRead(proxy.LastSentOptions, out ProxiedOptions sent)
            || !ProxiedOptions.TryRead(proxy.LastReceivedOptions, out ProxiedOptions received)
            || !IsOurKind(sent) || received.Mru < SmallestMru || (received.Magic != 0 && received.Magic == sent.Magic)
            || (received.Authentication != AuthenticationProtocol.None && !CanProve(received.Authentication))
            || (received.ProtocolCompression && !Profile.AcceptProtocolCompression)
            || (received.AddressCompression && !Profile.AcceptAddressCompression))
        {
            return false;
        }

        FromPeer = sent.Authentication;
        Mru = sent.Mru;
        Magic = sent.Magic;
        _askMru = sent.Mru != DefaultMru;
        _askMagic = sent.Magic != 0;
        _askProtocolCompression = sent.ProtocolCompression;
        _askAddressCompression = sent.AddressCompression;
        _peer = new PeerOptions(
            received.Mru, received.Authentication, received.Magic, received.ProtocolCompression, received.AddressCompression);
        Adopt(now, effects);
        return true;
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

    protected override void OwnOptions(ref PacketWriter writer)
    {
        if (_askMru)
        {
            writer.OptionUInt16(MruOption, Mru);
        }

        AuthenticationWire.WriteOption(ref writer, FromPeer);
        if (_askMagic)
        {
            writer.OptionUInt32(MagicOption, Magic);
        }

        if (_askProtocolCompression)
        {
            writer.Option(ProtocolCompressionOption);
        }

        if (_askAddressCompression)
        {
            writer.Option(AddressCompressionOption);
        }
    }

    protected override bool ReviewPeerOptions(ReadOnlySpan<byte> options, ref OptionReview review, long now, IPppEffects effects)
    {
        _reviewed = PeerOptions.Defaults;
        var reader = new OptionReader(options);
        while (reader.MoveNext())
        {
            if (!Review(reader, ref review, now, effects))
            {
                return false;
            }
        }

        return true;
    }

    private bool Review(OptionReader option, ref OptionReview review, long now, IPppEffects effects)
    {
        switch (option.Type)
        {
            case MruOption when option.Value.Length == 2:
                ReviewMru(option, ref review);
                break;
            case AccmOption when option.Value.Length == 4:
                // Nothing is escaped in L2TP, so any map will do.
                break;
            case AuthenticationOption when option.Value.Length >= 2:
                ReviewAuthentication(option, ref review);
                break;
            case MagicOption when option.Value.Length == 4:
                return ReviewMagic(option, ref review, now, effects);
            case ProtocolCompressionOption when option.Value.IsEmpty && Profile.AcceptProtocolCompression:
                _reviewed.ProtocolCompression = true;
                break;
            case AddressCompressionOption when option.Value.IsEmpty && Profile.AcceptAddressCompression:
                _reviewed.AddressCompression = true;
                break;
            default:
                review.Reject(option.Option);
                break;
        }

        return true;
    }

    private void ReviewMru(OptionReader option, ref OptionReview review)
    {
        ushort mru = BinaryPrimitives.ReadUInt16BigEndian(option.Value);
        if (mru < SmallestMru)
        {
            review.NakUInt16(option.Option, SmallestMru);
        }
        else
        {
            _reviewed.Mru = mru;
        }
    }

    private void ReviewAuthentication(OptionReader option, ref OptionReview review)
    {
        AuthenticationProtocol asked = AuthenticationWire.ReadOption(option.Value);
        if (CanProve(asked))
        {
            _reviewed.Authentication = asked;
        }
        else if (Endpoint.Credentials is null || Profile.OfferToPeer.IsDefaultOrEmpty)
        {
            review.Reject(option.Option);
        }
        else
        {
            Span<byte> room = stackalloc byte[8];
            var suggestion = new PacketWriter(room);
            AuthenticationWire.WriteOption(ref suggestion, Profile.OfferToPeer[0]);
            review.Nak(option.Option, suggestion.Written);
        }
    }

    private bool ReviewMagic(OptionReader option, ref OptionReview review, long now, IPppEffects effects)
    {
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(option.Value);
        bool looped = magic != 0 && magic == Magic && _askMagic;
        if (looped && IsLoopedBack(now, effects))
        {
            return false;
        }

        if (looped || magic == 0)
        {
            review.NakUInt32(option.Option, NewMagic());
        }

        _reviewed.Magic = magic;
        return true;
    }

    protected override void CommitPeerOptions()
    {
        _peer = _reviewed;
        if (_peer.Magic != 0)
        {
            _loops = 0;
        }
    }

    protected override bool TakeNak(ReadOnlySpan<byte> option, long now, IPppEffects effects)
    {
        ReadOnlySpan<byte> value = option[2..];
        switch (option[0])
        {
            case MruOption when value.Length == 2:
                TakeMru(BinaryPrimitives.ReadUInt16BigEndian(value));
                return true;
            case AuthenticationOption:
                return NextAuthentication(AuthenticationWire.ReadOption(value), now, effects);
            case MagicOption:
                Magic = NewMagic();
                return true;
            default:
                // An option we did not ask for: a wish of the peer's we may leave unfulfilled.
                return true;
        }
    }

    protected override bool TakeReject(byte type, long now, IPppEffects effects)
    {
        switch (type)
        {
            case MruOption:
                _askMru = false;
                Mru = DefaultMru;
                break;
            case AuthenticationOption when FromPeer != AuthenticationProtocol.None:
                Endpoint.Fail(PppEnds.AuthenticationUnacceptable(), now, effects);
                return false;
            case MagicOption:
                _askMagic = false;
                Magic = 0;
                break;
            case ProtocolCompressionOption:
                _askProtocolCompression = false;
                break;
            case AddressCompressionOption:
                _askAddressCompression = false;
                break;
        }

        return true;
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
                {
                    Step(PppEvent.EchoOrDiscard, now, effects, packet.Id, packet.Data);
                }

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
        {
            EchoUnderstood = false;
        }
    }

    protected override void OnTerminateRequest(ReadOnlySpan<byte> data)
    {
        if (State == PppState.Opened)
        {
            Endpoint.PeerTerminates(data);
        }
    }

    protected override void SendEchoReply(byte id, ReadOnlySpan<byte> data, IPppEffects effects)
    {
        ReadOnlySpan<byte> kept = Endpoint.Truncate(data);
        Span<byte> reply = stackalloc byte[LargestPacket];
        kept.CopyTo(reply);
        BinaryPrimitives.WriteUInt32BigEndian(reply, Magic);
        Send(ControlCode.EchoReply, id, reply[..kept.Length], effects);
    }

    protected override void LayerUp(long now, IPppEffects effects)
    {
        // What was refused for this link may be taken after a renegotiation.
        _triedAuthentications = 0;
        Endpoint.LinkOpened(now, effects);
    }

    protected override void LayerDown(long now, IPppEffects effects) => Endpoint.LinkClosed(now, effects);

    protected override void LayerFinished(PppEvent pppEvent, long now, IPppEffects effects) => Endpoint.LinkFinished(now, effects);

    private void HandleProtocolReject(ReadOnlySpan<byte> data, long now, IPppEffects effects)
    {
        if (State != PppState.Opened || data.Length < 2)
        {
            return;
        }

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
        {
            return;
        }

        Endpoint.EchoAnswered();
    }

    private bool IsOwnMagic(ReadOnlySpan<byte> data) => Magic != 0 && BinaryPrimitives.ReadUInt32BigEndian(data) == Magic;

    private bool IsLoopedBack(long now, IPppEffects effects)
    {
        if (++_loops < Profile.LoopLimit)
        {
            return false;
        }

        Endpoint.Fail(PppEnds.Loopback(), now, effects);
        return true;
    }

    private bool NextAuthentication(AuthenticationProtocol suggested, long now, IPppEffects effects)
    {
        if (FromPeer == AuthenticationProtocol.None)
        {
            // The peer wants to be asked for a proof that nobody here wants.
            return true;
        }

        _triedAuthentications |= 1u << (int)FromPeer;
        AuthenticationProtocol next = AuthenticationProtocol.None;
        foreach (AuthenticationProtocol candidate in Profile.RequireFromPeer)
        {
            bool tried = (_triedAuthentications & (1u << (int)candidate)) != 0;
            if (!tried && (candidate == suggested || next == AuthenticationProtocol.None))
            {
                next = candidate;
            }
        }

        if (next == AuthenticationProtocol.None)
        {
            Endpoint.Fail(PppEnds.AuthenticationUnacceptable(), now, effects);
            return false;
        }

        FromPeer = next;
        return true;
    }

    private void TakeMru(ushort suggested)
    {
        // A smaller wish can be met; a larger one would exceed what the path takes.
        Mru = suggested >= SmallestMru && suggested < Mru ? suggested : Mru;
        _askMru = true;
    }

    // Everybody takes 1500 octets whatever was agreed on (RFC 1661 section 6.1), so up to there a LAC's MRU will do.
    private bool IsOurKind(in ProxiedOptions sent) =>
        sent.Mru >= SmallestMru && sent.Mru <= Math.Max(DefaultMru, Profile.Mru)
        && (sent.Authentication == AuthenticationProtocol.None
            ? Profile.RequireFromPeer.IsDefaultOrEmpty
            : !Profile.RequireFromPeer.IsDefaultOrEmpty && Profile.RequireFromPeer.Contains(sent.Authentication));

    private bool CanProve(AuthenticationProtocol protocol) =>
        protocol != AuthenticationProtocol.None && Endpoint.Credentials is not null
        && !Profile.OfferToPeer.IsDefaultOrEmpty && Profile.OfferToPeer.Contains(protocol);

    private uint NewMagic()
    {
        Span<byte> octets = stackalloc byte[4];
        Endpoint.Random.Fill(octets);
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(octets);
        return magic == 0 || magic == Magic ? magic + 1 : magic;
    }

    private record struct PeerOptions(
        ushort Mru, AuthenticationProtocol Authentication, uint Magic, bool ProtocolCompression, bool AddressCompression)
    {
        internal static PeerOptions Defaults => new(DefaultMru, AuthenticationProtocol.None, 0, false, false);
    }
}
