using L2tpd.Daemon.Configuration.Scalars;
using L2tpd.Daemon.Configuration.Yaml;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Avps;

namespace L2tpd.Daemon.Configuration.Sections;

/// <summary><c>pseudowire</c>: the L2TPv3 half of how a session is set up.</summary>
internal static class PseudowireSection
{
    public static readonly SectionSchema Schema = new("pseudowire",
    [
        "type", "cookie", "sublayer", "data-sequencing", "mtu", "interface", "bridge", "addresses",
    ]);

    public static readonly ScalarType<PseudowireType> Type = WordText.OneOf(
        ("ethernet", PseudowireType.Ethernet), ("vlan", PseudowireType.EthernetVlan), ("ppp", PseudowireType.Ppp));

    // Ethernet's least and most: RFC 791's least datagram, and what an interface's MTU may be.
    private const ushort LeastMtu = 68;

    private static readonly ScalarType<int> Cookie = WordText.OneOf(("0", 0), ("4", 4), ("8", 8));

    private static readonly ScalarType<L2SpecificSublayer> Sublayer = WordText.OneOf(
        ("none", L2SpecificSublayer.None), ("default", L2SpecificSublayer.Default));

    private static readonly ScalarType<DataSequencing> Level = WordText.OneOf(
        ("none", DataSequencing.None), ("non-ip", DataSequencing.NonIpOnly), ("all", DataSequencing.All));

    public static PseudowireProfile Read(YamlMapping parent, PseudowireProfile defaults)
    {
        if (parent.Section("pseudowire", Schema) is not { } mapping)
            return defaults;
        var profile = new PseudowireProfile
        {
            Type = mapping.Get("type", defaults.Type, Type),
            CookieSize = mapping.Get("cookie", defaults.CookieSize, Cookie),
            Sublayer = mapping.Has("sublayer") ? mapping.Get("sublayer", L2SpecificSublayer.Default, Sublayer) : defaults.Sublayer,
            DataSequencing = mapping.Has("data-sequencing")
                ? mapping.Get("data-sequencing", DataSequencing.None, Level)
                : defaults.DataSequencing,
            Mtu = mapping.Has("mtu") ? mapping.Get("mtu", LeastMtu, NumberText.UInt16Between(LeastMtu, ushort.MaxValue)) : defaults.Mtu,
            Interface = mapping.Get("interface", defaults.Interface, WordText.InterfaceName!),
            Bridge = mapping.Get("bridge", defaults.Bridge, WordText.InterfaceName!),
            Addresses = mapping.Has("addresses")
                ? [.. mapping.List("addresses", [], AddressText.InterfaceAddress)]
                : defaults.Addresses,
        };
        if (profile is { Sublayer: L2SpecificSublayer.None, DataSequencing: not (null or DataSequencing.None) })
            mapping.Error(mapping.Has("data-sequencing") ? "data-sequencing" : "sublayer", "data-sequencing needs `sublayer: default`");
        return profile;
    }
}
