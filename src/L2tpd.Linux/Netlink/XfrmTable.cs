using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Netlink;

/// <summary>A security association of ESP.</summary>
/// <param name="Source">Its sender.</param>
/// <param name="Destination">Its receiver.</param>
/// <param name="Spi">Security Parameters Index.</param>
/// <param name="RequestId">The same in both directions of a pair.</param>
/// <param name="Mark">The mark that packets must have; 0: any.</param>
/// <param name="SourcePort">UDP port of the sender with NAT traversal (RFC 3948), otherwise 0.</param>
/// <param name="DestinationPort">UDP port of the receiver with NAT traversal, otherwise 0.</param>
/// <param name="AddedAt">When the kernel got it, in whole seconds.</param>
public readonly record struct XfrmAssociation(
    IPAddress Source, IPAddress Destination, uint Spi, uint RequestId, uint Mark, ushort SourcePort, ushort DestinationPort,
    DateTimeOffset AddedAt = default);

/// <summary>An inbound policy that wants ESP.</summary>
/// <param name="Source">The sender's network.</param>
/// <param name="SourcePort">UDP port of the sender, 0: any.</param>
/// <param name="Destination">Our network.</param>
/// <param name="DestinationPort">Our UDP port, 0: any.</param>
/// <param name="Protocol">IP protocol, 0: any.</param>
public readonly record struct XfrmPolicy(IPNetwork Source, ushort SourcePort, IPNetwork Destination, ushort DestinationPort, byte Protocol)
{
    /// <summary>Whether it is about these datagrams. Our own address may be the wildcard.</summary>
    public bool Covers(byte protocol, IPEndPoint from, IPEndPoint to) =>
        (Protocol == 0 || Protocol == protocol)
        && (SourcePort == 0 || SourcePort == from.Port) && (DestinationPort == 0 || DestinationPort == to.Port)
        && Source.Contains(from.Address)
        && (to.Address.Equals(IPAddress.Any) || to.Address.Equals(IPAddress.IPv6Any) || Destination.Contains(to.Address));
}

/// <summary>
/// Reads the kernel's security associations and policies (linux/xfrm.h). Blocks; one call at a time. Needs CAP_NET_ADMIN.
/// </summary>
public sealed class XfrmTable : IDisposable
{
    private const ushort GetAssociations = 0x12, GetPolicies = 0x15;
    private const ushort EncapsulationAttribute = 4, TemplateAttribute = 5, MarkAttribute = 21;

    // struct xfrm_usersa_info: selector, id (address, SPI, protocol), sender, lifetimes, statistics, sequence, reqid, family.
    private const int AssociationSize = 224, IdAddress = 56, IdSpi = 72, IdProtocol = 76, Sender = 80, AddTime = 176, RequestIdOffset = 208;
    private const int Family = 212;

    // struct xfrm_userpolicy_info: the selector (addresses, ports with masks, family, lengths of prefixes, protocol), and the direction.
    private const int PolicySize = 168, SelectorSource = 16, DestinationPort = 32, SourcePort = 36, SelectorFamily = 40;
    private const int DestinationLength = 42, SourceLength = 43, SelectorProtocol = 44, Direction = 160, TemplateProtocol = 20;

    private readonly NetlinkConnection _connection;

    /// <summary>Takes over a transport.</summary>
    public XfrmTable(INetlinkTransport transport, TimeSpan? timeout = null) =>
        _connection = new NetlinkConnection(transport, timeout ?? L2tpNetlink.DefaultTimeout);

    /// <summary>Opens the socket. EPROTONOSUPPORT: the module xfrm_user is missing.</summary>
    public static LinuxError TryOpen(out XfrmTable? table)
    {
        var error = NetlinkSocket.TryOpen(NetlinkSocket.Xfrm, L2tpNetlink.DefaultTimeout, out var socket);
        table = error.IsNone ? new XfrmTable(socket!) : null;
        return error;
    }

    /// <summary>All associations of ESP. The kernel lists those that were added last first.</summary>
    public LinuxError ReadAssociations(out List<XfrmAssociation> associations) =>
        Read(GetAssociations, "XFRM_MSG_GETSA", TryReadAssociation, out associations);

    /// <summary>All inbound policies that want ESP, except those of single sockets.</summary>
    public LinuxError ReadInboundPolicies(out List<XfrmPolicy> policies) =>
        Read(GetPolicies, "XFRM_MSG_GETPOLICY", TryReadPolicy, out policies);

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    internal static bool TryReadAssociation(ReadOnlySpan<byte> payload, out XfrmAssociation association)
    {
        association = default;
        if (payload.Length < AssociationSize || payload[IdProtocol] != LibC.IPPROTO_ESP)
            return false;
        var isIPv6 = MemoryMarshal.Read<ushort>(payload[Family..]) == LibC.AF_INET6;
        association = new XfrmAssociation(
            AddressAt(payload, Sender, isIPv6), AddressAt(payload, IdAddress, isIPv6),
            BinaryPrimitives.ReadUInt32BigEndian(payload[IdSpi..]), MemoryMarshal.Read<uint>(payload[RequestIdOffset..]), 0, 0, 0,
            DateTimeOffset.UnixEpoch.AddSeconds((uint)MemoryMarshal.Read<ulong>(payload[AddTime..])));
        foreach (var attribute in new NetlinkAttributes(payload[AssociationSize..]))
        {
            if (attribute.Type == MarkAttribute)
            {
                association = association with { Mark = attribute.UInt32 };
            }
            else if (attribute.Type == EncapsulationAttribute && attribute.Payload.Length >= 6)
            {
                association = association with
                {
                    SourcePort = BinaryPrimitives.ReadUInt16BigEndian(attribute.Payload[2..]),
                    DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(attribute.Payload[4..]),
                };
            }
        }

        return true;
    }

    internal static bool TryReadPolicy(ReadOnlySpan<byte> payload, out XfrmPolicy policy)
    {
        policy = default;
        if (payload.Length < PolicySize || payload[Direction] != 0 || !HasEsp(payload[PolicySize..]))
            return false;
        var isIPv6 = MemoryMarshal.Read<ushort>(payload[SelectorFamily..]) == LibC.AF_INET6;
        var most = isIPv6 ? 128 : 32;
        if (payload[SourceLength] > most || payload[DestinationLength] > most)
            return false;
        policy = new XfrmPolicy(
            NetworkAt(payload, SelectorSource, isIPv6, payload[SourceLength]), BinaryPrimitives.ReadUInt16BigEndian(payload[SourcePort..]),
            NetworkAt(payload, 0, isIPv6, payload[DestinationLength]), BinaryPrimitives.ReadUInt16BigEndian(payload[DestinationPort..]),
            payload[SelectorProtocol]);
        return true;
    }

    private delegate bool TryReadEntry<T>(ReadOnlySpan<byte> payload, out T entry);

    /// <summary>The entries of a table of the kernel that can be read and are wanted.</summary>
    private LinuxError Read<T>(ushort request, string name, TryReadEntry<T> tryRead, out List<T> entries)
    {
        var all = entries = [];
        _connection.Request.Begin(request, Native.NLM_F_DUMP);
        return _connection.Dump(name, all.Clear, payload =>
        {
            if (tryRead(payload, out var entry))
                all.Add(entry);
        });
    }

    private static bool HasEsp(ReadOnlySpan<byte> attributes)
    {
        foreach (var attribute in new NetlinkAttributes(attributes))
        {
            if (attribute.Type == TemplateAttribute && attribute.Payload.Length > TemplateProtocol
                && attribute.Payload[TemplateProtocol] == LibC.IPPROTO_ESP)
            {
                return true;
            }
        }

        return false;
    }

    private static IPAddress AddressAt(ReadOnlySpan<byte> payload, int offset, bool isIPv6) => new(payload.Slice(offset, isIPv6 ? 16 : 4));

    private static IPNetwork NetworkAt(ReadOnlySpan<byte> payload, int offset, bool isIPv6, int length)
    {
        Span<byte> octets = stackalloc byte[isIPv6 ? 16 : 4];
        payload.Slice(offset, octets.Length).CopyTo(octets);
        // The selector may have bits behind the prefix; IPNetwork takes none.
        for (var bit = length; bit < octets.Length * 8; bit++)
            octets[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(octets), length);
    }
}
