using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Data;

namespace L2tpd.Configuration.Sections;

/// <c>listen</c>: one listener or a list; each is an address or a mapping.
internal static class ListenSection
{
    public static readonly SectionSchema Schema =
        new("listen", ["address", "transport", "bind-device", "fwmark", "ipsec", "nat-zones", "marks"]);

    public static readonly ScalarType<DataCarrier> Transport = WordText.OneOf(("udp", DataCarrier.Udp), ("ip", DataCarrier.Ip));

    public static ImmutableArray<Listener> Read(YamlMapping root, LoadContext context)
    {
        var listeners = ImmutableArray.CreateBuilder<Listener>();
        var taken = new HashSet<(DataCarrier, ushort, IPAddress, string?)>();
        foreach (var value in root.Find("listen")?.Items() ?? [])
        {
            if (Read(value, context) is not { } listener)
                continue;
            if (!taken.Add((listener.Carrier, listener.Port, listener.Address, listener.BindDevice)))
                value.Error($"another listener already uses {listener}");
            listeners.Add(listener);
        }

        return listeners.DrainToImmutable();
    }

    private static Listener? Read(YamlValue value, LoadContext context)
    {
        if (!value.IsMapping)
            return value.Read(null, AddressText.Listener!);
        if (value.AsMapping(Schema) is not { } mapping)
            return null;
        if (!mapping.Has("address"))
            mapping.Error("address", "is required");
        var listener = mapping.Has("address") ? mapping.Get("address", null, AddressText.Listener!) : null;
        var carrier = mapping.Get("transport", listener?.Carrier ?? DataCarrier.Udp, Transport);
        var device = mapping.Get("bind-device", null, WordText.InterfaceName!);
        var mark = mapping.Get("fwmark", 0u, NumberText.UInt32);
        var ipsec = IpsecKey.Read(mapping, IpsecSettings.None, context);
        var zones = mapping.Get("nat-zones", false, WordText.Boolean);
        var marks = mapping.Get("marks", false, WordText.Boolean);
        if (listener is null)
            return null;
        IpsecKey.CheckAddresses(mapping, ipsec, listener.Address.ToString());
        CheckZones(mapping, zones, ipsec, listener.Address, carrier);
        CheckMarks(mapping, marks, ipsec, carrier, mark);
        if (listener.Carrier == DataCarrier.Ip && carrier == DataCarrier.Udp)
            mapping.Error("transport", "contradicts the address, which says `ip:`");
        if (carrier == DataCarrier.Ip && listener.Port != DefaultPort)
            mapping.Error("address", "must not have a port: IP protocol 115 has none");
        return listener with { Port = carrier == DataCarrier.Ip ? DefaultPort : listener.Port, Carrier = carrier, BindDevice = device,
            FwMark = mark, Ipsec = ipsec, NatZones = zones, Marks = marks };
    }

    private static void CheckZones(YamlMapping mapping, bool zones, IpsecSettings ipsec, IPAddress address, DataCarrier carrier)
    {
        if (!zones)
            return;
        if (ipsec.Policy == IpsecPolicy.None)
            mapping.Error("nat-zones", "needs `ipsec`: only security associations tell the clients apart");
        if (carrier == DataCarrier.Ip || address.AddressFamily == AddressFamily.InterNetworkV6)
            mapping.Error("nat-zones", "is for UDP over IPv4");
    }

    private static void CheckMarks(YamlMapping mapping, bool marks, IpsecSettings ipsec, DataCarrier carrier, uint fwMark)
    {
        if (!marks)
            return;
        if (ipsec.Policy == IpsecPolicy.None)
            mapping.Error("marks", "needs `ipsec`: the marks are those of security associations");
        if (carrier == DataCarrier.Ip)
            mapping.Error("marks", "is for UDP");
        if (fwMark != 0)
            mapping.Error("fwmark", "must not be set with `marks`: answers leave with the mark of the client's security association");
    }

    private const ushort DefaultPort = 1701;
}
