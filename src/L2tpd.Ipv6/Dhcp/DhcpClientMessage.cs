using System.Buffers.Binary;

namespace L2tpd.Ipv6.Dhcp;

/// <summary>A client's message, of which the form was checked as a whole: its options can be read again without errors.</summary>
public readonly ref struct DhcpClientMessage
{
    /// <summary>Octets of IAID, T1 and T2 before the options of an identity association.</summary>
    public const int AssociationSize = 12;

    /// <summary>Octets of an IA Address option before its options.</summary>
    public const int AddressSize = 24;

    /// <summary>Octets of an IA Prefix option before its options.</summary>
    public const int PrefixSize = 25;

    private const int HeaderSize = 4;

    // A client has one or two associations. The answer has a place for each, and must fit into the least packet of IPv6.
    private const int MostAssociations = 8;

    /// <summary>The type.</summary>
    public DhcpMessageType Type { get; private init; }

    /// <summary>Transaction id, 24 bits.</summary>
    public uint Transaction { get; private init; }

    /// <summary>The client's identifier; empty if there is none.</summary>
    public ReadOnlySpan<byte> ClientId { get; private init; }

    /// <summary>The identifier of the server that is meant; empty if there is none.</summary>
    public ReadOnlySpan<byte> ServerId { get; private init; }

    /// <summary>Codes of the options that the client wants, two octets each.</summary>
    public ReadOnlySpan<byte> Wanted { get; private init; }

    /// <summary>All options.</summary>
    public ReadOnlySpan<byte> Options { get; private init; }

    /// <summary>Whether the client accepts a Reply to its Solicit.</summary>
    public bool HasRapidCommit { get; private init; }

    /// <summary>Number of IA_NA options.</summary>
    public int Addresses { get; private init; }

    /// <summary>Number of IA_PD options.</summary>
    public int Prefixes { get; private init; }

    /// <summary>Reads a message.</summary>
    /// <param name="octets">UDP data; any octets.</param>
    /// <param name="message">The message.</param>
    /// <returns>False if it is malformed: an option is cut off or too short, an identifier is empty, too long or there twice, or there are
    /// more than eight identity associations.</returns>
    public static bool TryParse(ReadOnlySpan<byte> octets, out DhcpClientMessage message)
    {
        message = default;
        if (octets.Length < HeaderSize)
            return false;
        ReadOnlySpan<byte> clientId = default, serverId = default, wanted = default;
        var (rapid, addresses, prefixes) = (false, 0, 0);
        var options = new DhcpOptionReader(octets[HeaderSize..]);
        while (options.MoveNext())
        {
            var isWell = options.Code switch
            {
                DhcpOption.ClientId => TrySetId(options.Data, ref clientId),
                DhcpOption.ServerId => TrySetId(options.Data, ref serverId),
                DhcpOption.OptionRequest => options.Data.Length % 2 == 0,
                DhcpOption.AddressAssociation => IsAssociation(options.Data) && ++addresses > 0,
                DhcpOption.PrefixAssociation => IsAssociation(options.Data) && ++prefixes > 0,
                _ => true,
            };
            if (!isWell || addresses + prefixes > MostAssociations)
                return false;
            if (options.Code == DhcpOption.OptionRequest)
                wanted = options.Data;
            rapid |= options.Code == DhcpOption.RapidCommit;
        }

        var header = BinaryPrimitives.ReadUInt32BigEndian(octets);
        message = new DhcpClientMessage
        {
            Type = (DhcpMessageType)(header >> 24), Transaction = header & 0xff_ffff, ClientId = clientId, ServerId = serverId,
            Wanted = wanted, Options = octets[HeaderSize..], HasRapidCommit = rapid, Addresses = addresses, Prefixes = prefixes,
        };
        return !options.IsMalformed;
    }

    /// <summary>
    /// Whether the server with this identifier must answer: the message has the identifiers that its type requires, and no others (RFC 8415
    /// section 16).
    /// </summary>
    public bool IsFor(ReadOnlySpan<byte> server) => Type switch
    {
        DhcpMessageType.Solicit or DhcpMessageType.Confirm or DhcpMessageType.Rebind => !ClientId.IsEmpty && ServerId.IsEmpty,
        DhcpMessageType.Request or DhcpMessageType.Renew or DhcpMessageType.Release or DhcpMessageType.Decline =>
            !ClientId.IsEmpty && ServerId.SequenceEqual(server),
        DhcpMessageType.InformationRequest =>
            (ServerId.IsEmpty || ServerId.SequenceEqual(server)) && Addresses == 0 && Prefixes == 0,
        _ => false,
    };

    /// <summary>Whether the client asked for an option.</summary>
    public bool Wants(DhcpOption option)
    {
        for (var rest = Wanted; rest.Length >= 2; rest = rest[2..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(rest) == (ushort)option)
                return true;
        }

        return false;
    }

    /// <summary>Whether one of the associations of a kind has the number.</summary>
    public bool Has(DhcpOption kind, uint iaid)
    {
        var options = new DhcpOptionReader(Options);
        while (options.MoveNext())
        {
            if (options.Code == kind && IaidOf(options.Data) == iaid)
                return true;
        }

        return false;
    }

    /// <summary>The number of the first association of a kind; <c>null</c> if there is none.</summary>
    public uint? FirstOf(DhcpOption kind)
    {
        var options = new DhcpOptionReader(Options);
        while (options.MoveNext())
        {
            if (options.Code == kind)
                return IaidOf(options.Data);
        }

        return null;
    }

    /// <summary>The client's number of an association.</summary>
    public static uint IaidOf(ReadOnlySpan<byte> association) => BinaryPrimitives.ReadUInt32BigEndian(association);

    private static bool TrySetId(ReadOnlySpan<byte> data, ref ReadOnlySpan<byte> id)
    {
        if (!id.IsEmpty || data.Length is 0 or > Duid.LongestSize)
            return false;
        id = data;
        return true;
    }

    private static bool IsAssociation(ReadOnlySpan<byte> data)
    {
        if (data.Length < AssociationSize)
            return false;
        var options = new DhcpOptionReader(data[AssociationSize..]);
        while (options.MoveNext())
        {
            var isWell = options.Code switch
            {
                DhcpOption.Address => options.Data.Length >= AddressSize,
                DhcpOption.Prefix => options.Data.Length >= PrefixSize,
                _ => true,
            };
            if (!isWell)
                return false;
        }

        return !options.IsMalformed;
    }
}
