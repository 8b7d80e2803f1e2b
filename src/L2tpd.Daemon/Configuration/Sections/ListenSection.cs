using System.Collections.Immutable;
using System.Net;
using L2tpd.Daemon.Configuration.Scalars;
using L2tpd.Daemon.Configuration.Yaml;

namespace L2tpd.Daemon.Configuration.Sections;

/// <summary><c>listen</c>: one listener or a list; each an address, or a mapping with more.</summary>
internal static class ListenSection
{
    public static readonly SectionSchema Schema = new("listen", ["address", "bind-device", "fwmark"]);

    public static ImmutableArray<Listener> Read(YamlMapping root)
    {
        var listeners = ImmutableArray.CreateBuilder<Listener>();
        foreach (var value in root.Find("listen")?.Items() ?? [])
        {
            if (Read(value) is not { } listener)
                continue;
            if (listeners.Any(other => Collide(other, listener)))
                value.Error($"another listener has {new IPEndPoint(listener.Address, listener.Port)} already");
            listeners.Add(listener);
        }
        return listeners.DrainToImmutable();
    }

    private static Listener? Read(YamlValue value)
    {
        if (!value.IsMapping)
        {
            var plain = value.Read(null, AddressText.Endpoint!);
            return plain is null ? null : new Listener(plain.Address, (ushort)plain.Port);
        }
        if (value.AsMapping(Schema) is not { } mapping)
            return null;
        if (!mapping.Has("address"))
            mapping.Error("address", "is required");
        var endpoint = mapping.Has("address") ? mapping.Get("address", null, AddressText.Endpoint!) : null;
        var device = mapping.Get("bind-device", null, WordText.InterfaceName!);
        var mark = mapping.Get("fwmark", 0u, NumberText.UInt32);
        return endpoint is null ? null : new Listener(endpoint.Address, (ushort)endpoint.Port, device, mark);
    }

    private static bool Collide(Listener one, Listener other) =>
        one.Port == other.Port && one.Address.Equals(other.Address) && one.BindDevice == other.BindDevice;
}
