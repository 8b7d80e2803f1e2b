using System.Buffers.Binary;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Negotiation;

/// <summary>IP Control Protocol (RFC 1332) with name servers (RFC 1877). Van Jacobson compression is refused.</summary>
internal sealed class Ipcp : NetworkControlProtocol
{
    private const byte AddressOption = 3;
    private const byte PrimaryDnsOption = 129;
    private const byte PrimaryNbnsOption = 130;
    private const byte SecondaryDnsOption = 131;
    private const byte SecondaryNbnsOption = 132;

    private readonly AddressGrant? _grant;
    private bool _askAddress;
    private bool _askPrimaryDns;
    private bool _askSecondaryDns;
    private Ipv4Address _local;
    private Ipv4Address _primaryDns;
    private Ipv4Address _secondaryDns;
    private Ipv4Address _reviewedPeer;
    private Ipv4Address _peer;

    /// <param name="endpoint">The owner.</param>
    /// <param name="grant">Server: the addresses of both sides; null on a client.</param>
    internal Ipcp(PppEndpoint endpoint, AddressGrant? grant)
        : base(endpoint, PppProtocol.Ipv4)
    {
        _grant = grant;
        _local = grant?.Local ?? Profile.LocalAddress;

        // With 0.0.0.0 a server would ask its subscriber for an address.
        _askAddress = grant is null || !_local.IsNone;
        _askPrimaryDns = _askSecondaryDns = grant is null && Profile.RequestDns;
    }

    internal override PppProtocol Protocol => PppProtocol.Ipcp;

    /// <summary>Makes the layer from a snapshot, in Opened.</summary>
    internal Ipcp(PppEndpoint endpoint, AddressGrant? grant, IpcpSnapshot snapshot)
        : this(endpoint, grant)
    {
        (_askAddress, _askPrimaryDns, _askSecondaryDns) = (snapshot.AskAddress, snapshot.AskPrimaryDns, snapshot.AskSecondaryDns);
        (_local, _peer, _reviewedPeer) = (snapshot.Local, snapshot.Peer, snapshot.Peer);
        (_primaryDns, _secondaryDns) = (snapshot.PrimaryDns, snapshot.SecondaryDns);
        RestoreOpened(snapshot.Control);
    }

    public override NetworkLayerSnapshot? Snapshot() => State != PppState.Opened ? null : new IpcpSnapshot(SnapshotControl())
    {
        AskAddress = _askAddress,
        AskPrimaryDns = _askPrimaryDns,
        AskSecondaryDns = _askSecondaryDns,
        Local = _local,
        Peer = _peer,
        PrimaryDns = _primaryDns,
        SecondaryDns = _secondaryDns,
    };

    protected override void OwnOptions(ref PacketWriter writer)
    {
        if (_askAddress)
            writer.OptionUInt32(AddressOption, _local.Value);

        if (_askPrimaryDns)
            writer.OptionUInt32(PrimaryDnsOption, _primaryDns.Value);

        if (_askSecondaryDns)
            writer.OptionUInt32(SecondaryDnsOption, _secondaryDns.Value);
    }

    protected override bool ReviewPeerOptions(ReadOnlySpan<byte> options, ref OptionReview review, long now, IPppEffects effects)
    {
        var addressSeen = false;
        _reviewedPeer = _grant?.Peer ?? Ipv4Address.None;
        var reader = new OptionReader(options);
        while (reader.MoveNext())
        {
            if (reader.Value.Length != 4)
            {
                review.Reject(reader.Option);
                continue;
            }

            var value = new Ipv4Address(BinaryPrimitives.ReadUInt32BigEndian(reader.Value));
            if (reader.Type == AddressOption)
            {
                addressSeen = true;
                ReviewAddress(reader.Option, value, ref review);
            }
            else
            {
                ReviewServer(reader.Option, value, ref review);
            }
        }

        if (!addressSeen && _grant is { Peer.IsNone: false })
            review.MissingUInt32(AddressOption, _grant.Peer.Value);

        return true;
    }

    private void ReviewAddress(ReadOnlySpan<byte> option, Ipv4Address value, ref OptionReview review)
    {
        var assigned = _grant?.Peer ?? Ipv4Address.None;
        if (assigned.IsNone)
        {
            if (value.IsNone || (_grant is not null && _grant.Choice?.TryTake(value) != true))
            {
                // The peer asks for an address without naming one, or for one it may not have, and we have none to suggest.
                review.Reject(option);
                return;
            }

            _reviewedPeer = value;
        }
        else if (value != assigned)
        {
            review.NakUInt32(option, assigned.Value);
        }
    }

    private void ReviewServer(ReadOnlySpan<byte> option, Ipv4Address value, ref OptionReview review)
    {
        var ours = option[0] switch
        {
            PrimaryDnsOption => _grant?.PrimaryDns ?? default,
            SecondaryDnsOption => _grant?.SecondaryDns ?? default,
            PrimaryNbnsOption => _grant?.PrimaryNbns ?? default,
            SecondaryNbnsOption => _grant?.SecondaryNbns ?? default,
            _ => default,
        };
        if (ours.IsNone)
            review.Reject(option);
        else if (value != ours)
            review.NakUInt32(option, ours.Value);
    }

    protected override void CommitPeerOptions() => _peer = _reviewedPeer;

    protected override bool TakeNak(ReadOnlySpan<byte> option, long now, IPppEffects effects)
    {
        if (option.Length != 6 || _grant is not null)
        {
            // A subscriber does not choose its server's address.
            return true;
        }

        var value = new Ipv4Address(BinaryPrimitives.ReadUInt32BigEndian(option[2..]));
        switch (option[0])
        {
            case AddressOption:
                _local = value;
                _askAddress = true;
                break;
            case PrimaryDnsOption when _askPrimaryDns:
                _primaryDns = value;
                break;
            case SecondaryDnsOption when _askSecondaryDns:
                _secondaryDns = value;
                break;
        }

        return true;
    }

    protected override bool TakeReject(byte type, long now, IPppEffects effects)
    {
        switch (type)
        {
            case AddressOption:
                _askAddress = false;
                break;
            case PrimaryDnsOption:
                _askPrimaryDns = false;
                _primaryDns = default;
                break;
            case SecondaryDnsOption:
                _askSecondaryDns = false;
                _secondaryDns = default;
                break;
        }

        return true;
    }

    protected override PppNetwork? Negotiated(out PppEnd? unusable)
    {
        // A subscriber without an address could not be reached.
        unusable = !(_grant is null ? _local : _peer).IsNone ? null
            : Profile.Server ? PppEnds.NoPeerAddress() : PppEnds.AddressNotConverged(Protocol);
        return unusable is not null ? null : new Ipv4Network(
            _local, _peer,
            _grant?.PrimaryDns ?? _primaryDns, _grant?.SecondaryDns ?? _secondaryDns,
            _grant?.PrimaryNbns ?? default, _grant?.SecondaryNbns ?? default,
            Endpoint.TransmitLimit, Endpoint.ReceiveLimit, Endpoint.Authorisation);
    }
}
