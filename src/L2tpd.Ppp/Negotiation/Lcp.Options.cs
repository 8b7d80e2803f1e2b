using System.Buffers.Binary;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Negotiation;

/// <content>Our options and the peer's (RFC 1661 section 6).</content>
internal sealed partial class Lcp
{
    /// <summary>Takes over a LAC's negotiation if all options of both sides are acceptable (RFC 2661 section 4.4.5).</summary>
    internal bool TryAdopt(ProxyState proxy, long now, IPppEffects effects)
    {
        if (!ProxiedOptions.TryRead(proxy.LastSentOptions, out var sent)
            || !ProxiedOptions.TryRead(proxy.LastReceivedOptions, out var received)
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

    protected override void OwnOptions(ref PacketWriter writer)
    {
        if (_askMru)
            writer.OptionUInt16(MruOption, Mru);

        AuthenticationWire.WriteOption(ref writer, FromPeer);
        if (_askMagic)
            writer.OptionUInt32(MagicOption, Magic);

        if (_askProtocolCompression)
            writer.Option(ProtocolCompressionOption);

        if (_askAddressCompression)
            writer.Option(AddressCompressionOption);
    }

    protected override bool ReviewPeerOptions(ReadOnlySpan<byte> options, ref OptionReview review, long now, IPppEffects effects)
    {
        _reviewed = PeerOptions.Defaults;
        var reader = new OptionReader(options);
        while (reader.MoveNext())
        {
            if (!Review(reader, ref review, now, effects))
                return false;
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
                // L2TP escapes nothing: every map is acceptable.
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
        var mru = BinaryPrimitives.ReadUInt16BigEndian(option.Value);
        if (mru < SmallestMru)
            review.NakUInt16(option.Option, SmallestMru);
        else
            _reviewed.Mru = mru;
    }

    private void ReviewAuthentication(OptionReader option, ref OptionReview review)
    {
        var asked = AuthenticationWire.ReadOption(option.Value);
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
        var magic = BinaryPrimitives.ReadUInt32BigEndian(option.Value);
        var looped = magic != 0 && magic == Magic && _askMagic;
        if (looped && IsLoopedBack(now, effects))
            return false;

        if (looped || magic == 0)
            review.NakUInt32(option.Option, NewMagic());

        _reviewed.Magic = magic;
        return true;
    }

    protected override void CommitPeerOptions()
    {
        _peer = _reviewed;
        if (_peer.Magic != 0)
            _loops = 0;
    }

    protected override bool TakeNak(ReadOnlySpan<byte> option, long now, IPppEffects effects)
    {
        var value = option[2..];
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
                // The peer suggests an option that we did not ask for; we need not follow.
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

    private bool NextAuthentication(AuthenticationProtocol suggested, long now, IPppEffects effects)
    {
        if (FromPeer == AuthenticationProtocol.None)
        {
            // The peer offers an authentication that we do not require.
            return true;
        }

        _triedAuthentications |= 1u << (int)FromPeer;
        var next = AuthenticationProtocol.None;
        foreach (var candidate in Profile.RequireFromPeer)
        {
            var tried = (_triedAuthentications & (1u << (int)candidate)) != 0;
            if (!tried && (candidate == suggested || next == AuthenticationProtocol.None))
                next = candidate;
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
        // A smaller MRU is acceptable; a larger one would exceed what the path carries.
        Mru = suggested >= SmallestMru && suggested < Mru ? suggested : Mru;
        _askMru = true;
    }

    // Every implementation takes 1500 octets whatever MRU was negotiated (RFC 1661 section 6.1): up to there a LAC's MRU is acceptable.
    private bool IsOurKind(in ProxiedOptions sent) =>
        sent.Mru >= SmallestMru && sent.Mru <= Math.Max(DefaultMru, Profile.Mru)
        && (sent.Authentication == AuthenticationProtocol.None
            ? Profile.RequireFromPeer.IsDefaultOrEmpty
            : !Profile.RequireFromPeer.IsDefaultOrEmpty && Profile.RequireFromPeer.Contains(sent.Authentication));

    private bool CanProve(AuthenticationProtocol protocol) =>
        protocol != AuthenticationProtocol.None && Endpoint.Credentials is not null
        && !Profile.OfferToPeer.IsDefaultOrEmpty && Profile.OfferToPeer.Contains(protocol);

    private record struct PeerOptions(
        ushort Mru, AuthenticationProtocol Authentication, uint Magic, bool ProtocolCompression, bool AddressCompression)
    {
        internal static PeerOptions Defaults => new(DefaultMru, AuthenticationProtocol.None, 0, false, false);
    }
}
