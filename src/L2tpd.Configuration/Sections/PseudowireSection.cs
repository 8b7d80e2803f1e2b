using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Avps;

namespace L2tpd.Configuration.Sections;

/// <c>pseudowire</c>: the L2TPv3 settings of a session.
internal static class PseudowireSection
{
    public static readonly SectionSchema Schema = new("pseudowire",
    [
        "type", "vlan", "cookie", "sublayer", "data-sequencing", "mtu", "interface", "bridge", "addresses",
    ]);

    public static readonly ScalarType<PseudowireType> Type = WordText.OneOf(
        ("ethernet", PseudowireType.Ethernet), ("vlan", PseudowireType.EthernetVlan), ("ppp", PseudowireType.Ppp));

    // The range of an Ethernet MTU: the minimum of RFC 791, and the maximum of an interface.
    private const ushort LeastMtu = 68;

    // IEEE 802.1Q: 0 means no VLAN, 4095 is reserved.
    private const ushort HighestVlan = 4094;

    // Keys of sessions with their own network interface: a session with PPP has PPP's interface.
    private static readonly string[] InterfaceKeys = ["interface", "bridge", "addresses", "vlan"];

    private static readonly ScalarType<string> Interface = new("an interface name", static text =>
        InterfaceTemplate.Problem(text) is { } problem ? Parsed<string>.Wrong(problem) : Parsed<string>.Of(text));

    private static readonly ScalarType<int> Cookie = WordText.OneOf(("0", 0), ("4", 4), ("8", 8));

    private static readonly ScalarType<L2SpecificSublayer> Sublayer = WordText.OneOf(
        ("none", L2SpecificSublayer.None), ("default", L2SpecificSublayer.Default));

    private static readonly ScalarType<DataSequencing> Level = WordText.OneOf(
        ("none", DataSequencing.None), ("non-ip", DataSequencing.NonIpOnly), ("all", DataSequencing.All));

    /// <param name="parent">The mapping that may contain <c>pseudowire</c>.</param>
    /// <param name="defaults">The values of keys that are not set.</param>
    /// <param name="isEthernet">Whether the keys are meaningful only without PPP.</param>
    public static PseudowireProfile Read(YamlMapping parent, PseudowireProfile defaults, out bool isEthernet)
    {
        isEthernet = false;
        if (parent.Section("pseudowire", Schema) is not { } mapping)
            return defaults;
        var isPpp = mapping.Get("type", defaults.Type, Type) == PseudowireType.Ppp;
        isEthernet = !isPpp && (mapping.Has("type") || InterfaceKeys.Any(mapping.Has));
        var profile = new PseudowireProfile
        {
            Type = mapping.Get("type", defaults.Type, Type),
            Vlan = mapping.Has("vlan") ? mapping.Get("vlan", (ushort)1, NumberText.UInt16Between(1, HighestVlan)) : defaults.Vlan,
            CookieSize = mapping.Get("cookie", defaults.CookieSize, Cookie),
            Sublayer = mapping.Has("sublayer") ? mapping.Get("sublayer", L2SpecificSublayer.Default, Sublayer) : defaults.Sublayer,
            DataSequencing = mapping.Has("data-sequencing")
                ? mapping.Get("data-sequencing", DataSequencing.None, Level)
                : defaults.DataSequencing,
            Mtu = mapping.Has("mtu") ? mapping.Get("mtu", LeastMtu, NumberText.UInt16Between(LeastMtu, ushort.MaxValue)) : defaults.Mtu,
            Interface = mapping.Get("interface", defaults.Interface, Interface!),
            Bridge = mapping.Get("bridge", defaults.Bridge, WordText.InterfaceName!),
            Addresses = mapping.Has("addresses")
                ? [.. mapping.List("addresses", [], AddressText.InterfaceAddress)]
                : defaults.Addresses,
        };
        Check(mapping, profile);
        return profile;
    }

    private static void Check(YamlMapping mapping, PseudowireProfile profile)
    {
        if (profile is { Sublayer: L2SpecificSublayer.None, DataSequencing: not (null or DataSequencing.None) })
            mapping.Error(mapping.Has("data-sequencing") ? "data-sequencing" : "sublayer", "data-sequencing needs `sublayer: default`");
        if (mapping.Has("vlan") && profile.Type != PseudowireType.EthernetVlan)
            mapping.Error("vlan", "needs `type: vlan`");
        if (profile is { Bridge: not null, Addresses.IsEmpty: false })
        {
            mapping.Error(mapping.Has("addresses") ? "addresses" : "bridge",
                "an interface in a bridge needs no addresses: set them on the bridge");
        }

        if (profile.Type != PseudowireType.Ppp)
            return;
        foreach (var key in InterfaceKeys.Where(mapping.Has))
            mapping.Error(key, "is for Ethernet and VLAN pseudowires");
    }
}
