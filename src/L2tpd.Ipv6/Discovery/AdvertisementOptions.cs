using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using L2tpd.Ipv6.Packets;

namespace L2tpd.Ipv6.Discovery;

/// <summary>Writes options of a router advertisement; one that does not fit is left out as a whole.</summary>
internal ref struct AdvertisementOptions
{
    private const int Unit = 8;
    private const byte PrefixInformation = 3;
    private const byte MtuOption = 5;
    private const byte RouteInformation = 24;
    private const byte RecursiveDns = 25;
    private const byte DnsSearchList = 31;
    private const byte AutonomousFlag = 0x40;

    private readonly Span<byte> _room;

    /// <summary>Writes into cleared room.</summary>
    public AdvertisementOptions(Span<byte> room)
    {
        _room = room;
        Length = 0;
    }

    /// <summary>Octets written.</summary>
    public int Length { get; private set; }

    public void Prefix(AdvertisedPrefix prefix)
    {
        if (!TryTake(PrefixInformation, 4, out var option))
            return;
        option[2] = (byte)prefix.Prefix.PrefixLength;
        option[3] = prefix.Prefix.PrefixLength == RouterAdvertisement.AutonomousLength ? AutonomousFlag : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(option[4..], prefix.ValidLifetime);
        BinaryPrimitives.WriteUInt32BigEndian(option[8..], prefix.PreferredLifetime);
        Ipv6Address.From(prefix.Prefix.BaseAddress).Write(option[16..]);
    }

    public void Mtu(uint mtu)
    {
        if (TryTake(MtuOption, 1, out var option))
            BinaryPrimitives.WriteUInt32BigEndian(option[4..], mtu);
    }

    public void Dns(ImmutableArray<Ipv6Address> servers, uint lifetime)
    {
        if (!TryTake(RecursiveDns, 1 + (2 * servers.Length), out var option))
            return;
        BinaryPrimitives.WriteUInt32BigEndian(option[4..], lifetime);
        for (var i = 0; i < servers.Length; i++)
            servers[i].Write(option[(Unit + (i * Ipv6Address.Size))..]);
    }

    /// <summary>Names that are not valid are left out.</summary>
    public void DomainSearch(ImmutableArray<string> domains, uint lifetime)
    {
        Span<byte> names = stackalloc byte[RouterAdvertisement.LargestPacket];
        var length = 0;
        foreach (var domain in domains)
            length += DnsName.Write(domain, names[length..]);
        if (length == 0 || !TryTake(DnsSearchList, 1 + ((length + Unit - 1) / Unit), out var option))
            return;
        BinaryPrimitives.WriteUInt32BigEndian(option[4..], lifetime);
        names[..length].CopyTo(option[Unit..]);
    }

    public void Route(IPNetwork network, uint lifetime)
    {
        var units = network.PrefixLength == 0 ? 1 : network.PrefixLength <= 64 ? 2 : 3;
        if (!TryTake(RouteInformation, units, out var option))
            return;
        option[2] = (byte)network.PrefixLength;
        BinaryPrimitives.WriteUInt32BigEndian(option[4..], lifetime);
        Span<byte> address = stackalloc byte[Ipv6Address.Size];
        Ipv6Address.From(network.BaseAddress).Write(address);
        address[..((units - 1) * Unit)].CopyTo(option[Unit..]);
    }

    private bool TryTake(byte type, int units, out Span<byte> option)
    {
        option = default;
        if (units > byte.MaxValue || units * Unit > _room.Length - Length)
            return false;
        option = _room.Slice(Length, units * Unit);
        (option[0], option[1]) = (type, (byte)units);
        Length += option.Length;
        return true;
    }
}
