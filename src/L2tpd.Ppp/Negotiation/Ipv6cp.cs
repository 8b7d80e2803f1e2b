using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Negotiation;

/// <summary>IPv6 Control Protocol (RFC 5072): the two interface identifiers.</summary>
internal sealed class Ipv6cp : NetworkControlProtocol
{
    private const byte IdentifierOption = 1;

    // The universal/local bit: random identifiers are local ones (RFC 5072 section 4.1).
    private const ulong UniversalBit = 0x0200_0000_0000_0000;

    private bool _askIdentifier = true;
    private ulong _local;
    private ulong _suggestion;
    private ulong _reviewedPeer;
    private ulong _peer;

    internal Ipv6cp(PppEndpoint endpoint)
        : base(endpoint, PppProtocol.Ipv6)
    {
        _local = Profile.InterfaceIdentifier;
        if (_local == 0 || _local == Required)
            _local = NewIdentifier();
    }

    internal override PppProtocol Protocol => PppProtocol.Ipv6cp;

    /// <summary>Makes the layer from a snapshot, in Opened.</summary>
    internal Ipv6cp(PppEndpoint endpoint, Ipv6cpSnapshot snapshot)
        : this(endpoint)
    {
        _askIdentifier = snapshot.AskIdentifier;
        (_local, _peer, _reviewedPeer) = (snapshot.Local, snapshot.Peer, snapshot.Peer);
        RestoreOpened(snapshot.Control);
    }

    public override NetworkLayerSnapshot? Snapshot() =>
        State != PppState.Opened ? null
            : new Ipv6cpSnapshot(SnapshotControl()) { AskIdentifier = _askIdentifier, Local = _local, Peer = _peer };

    protected override void OwnOptions(ref PacketWriter writer)
    {
        if (_askIdentifier)
            writer.OptionUInt64(IdentifierOption, _local);
    }

    protected override bool ReviewPeerOptions(ReadOnlySpan<byte> options, ref OptionReview review, long now, IPppEffects effects)
    {
        var seen = false;
        _reviewedPeer = 0;
        var reader = new OptionReader(options);
        while (reader.MoveNext())
        {
            if (reader.Type != IdentifierOption || reader.Value.Length != 8)
            {
                review.Reject(reader.Option);
                continue;
            }

            seen = true;
            var identifier = BinaryPrimitives.ReadUInt64BigEndian(reader.Value);
            if (identifier == 0 || identifier == _local || (Required != 0 && identifier != Required))
                review.NakUInt64(reader.Option, Suggestion());

            _reviewedPeer = identifier;
        }

        if (!seen)
            review.MissingUInt64(IdentifierOption, Suggestion());

        return true;
    }

    protected override void CommitPeerOptions() => _peer = _reviewedPeer;

    protected override bool TakeNak(ReadOnlySpan<byte> option, long now, IPppEffects effects)
    {
        if (option[0] == IdentifierOption && option.Length == 10)
        {
            var suggested = BinaryPrimitives.ReadUInt64BigEndian(option[2..]);
            _local = suggested != 0 && suggested != _peer ? suggested : NewIdentifier();
        }

        return true;
    }

    protected override bool TakeReject(byte type, long now, IPppEffects effects)
    {
        // We keep the identifier although the peer does not know it (RFC 5072 section 4.1 leaves that open).
        _askIdentifier &= type != IdentifierOption;
        return true;
    }

    protected override PppNetwork? Negotiated(out PppEnd? unusable)
    {
        unusable = null;
        return new Ipv6Network(_local, _peer, Endpoint.TransmitLimit, Endpoint.ReceiveLimit, Endpoint.Authorisation);
    }

    private ulong Required => Endpoint.Authorisation?.PeerInterfaceIdentifier ?? 0;

    // One suggestion per negotiation: a peer that repeats it must not get another one.
    private ulong Suggestion()
    {
        if (Required != 0)
            return Required;

        if (_suggestion == 0)
            _suggestion = IdentifierOfUser();
        if (_suggestion == 0 || _suggestion == _local)
            _suggestion = NewIdentifier();

        return _suggestion;
    }

    // The same over reconnects, so that addresses which the peer makes of it stay (RFC 7217 has the idea). 0: no name or no secret.
    private ulong IdentifierOfUser()
    {
        if (Profile.IdentifierSecret.IsEmpty || Endpoint.PeerName is not { Length: > 0 } name)
            return 0;
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Profile.IdentifierSecret.Span, Encoding.UTF8.GetBytes(name), hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash) & ~UniversalBit;
    }

    private ulong NewIdentifier()
    {
        Span<byte> octets = stackalloc byte[8];
        Endpoint.Random.Fill(octets);
        var identifier = BinaryPrimitives.ReadUInt64BigEndian(octets) & ~UniversalBit;
        return identifier == 0 || identifier == _local ? identifier + 1 : identifier;
    }
}
