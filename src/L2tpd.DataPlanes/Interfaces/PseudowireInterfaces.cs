using System.Globalization;
using System.Net;
using L2tpd.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol.Avps;

namespace L2tpd.DataPlanes.Interfaces;

/// <summary>
/// Configures the interfaces of Ethernet and VLAN sessions: MTU, VLAN tag, bridge, addresses, up. Everything belongs to the session's
/// device, so that after a failure the deletion of the session removes all of it. Netlink worker only.
/// </summary>
internal sealed class PseudowireInterfaces(RtNetlink links) : IDisposable
{
    private const int TagSize = 4;

    /// <summary>Whether the peer's circuit carries traffic: active, and not on standby (RFC 5641).</summary>
    public static bool IsActive(CircuitStatus? status) =>
        status is not { } told || (told.HasFlag(CircuitStatus.Active) && !told.HasFlag(CircuitStatus.Standby));

    /// <summary>Configures a session's device.</summary>
    /// <param name="settings">The configuration of the session.</param>
    /// <param name="device">The device that was made with the session.</param>
    /// <param name="name">The name for a device of tagged frames; <c>null</c> to derive it from the device's name.</param>
    /// <param name="made">The interface.</param>
    /// <returns>The error; <c>null</c> if there is none.</returns>
    public string? SetUp(PseudowireParameters settings, string device, string? name, out PseudowireInterface? made)
    {
        made = null;
        var error = links.GetLink(device, out var link);
        if (!error.IsNone)
            return $"the session's device {device} cannot be found: {error}";
        // A bridge port, or a device below tagged frames, sends no packets of its own: no neighbour discovery into the pseudowire.
        if (settings.Bridge is not null || settings.Vlan is not null)
            links.SetNoLinkLocalAddress(device);
        links.SetDormant(device, !IsActive(settings.PeerStatus));
        made = new PseudowireInterface(device, link!.Index, device);
        if (settings.Vlan is { } tag)
        {
            if (AddTagged(settings, tag, link, name, out made) is { } problem)
                return problem;
        }
        else if (settings.Mtu is { } mtu && links.SetLink(device, null, mtu) is { IsNone: false } refused)
        {
            return $"an MTU of {mtu} cannot be set on {device}: {refused}";
        }

        return Join(made!.Name, settings.Bridge) ?? Raise(made.Name, settings);
    }

    /// <summary>
    /// Shows on the interface whether the peer's circuit carries traffic: the interface is dormant if it does not, so that a bridge or a
    /// router does not use it.
    /// </summary>
    public LinuxError ShowPeer(PseudowireInterface made, bool isActive) => links.SetDormant(made.Device, !isActive);

    /// <summary>
    /// Sets the interface down, or up again with its addresses: the kernel removes IPv6 addresses while an interface is down.
    /// </summary>
    public string? SetLink(PseudowireInterface made, PseudowireParameters settings, bool up) => up
        ? Raise(made.Name, settings, again: true)
        : links.SetLink(made.Name, false, null) is { IsNone: false } error ? $"{made.Name} cannot be brought down: {error}" : null;

    /// <summary>Whether an interface with this name exists.</summary>
    public bool Exists(string name) => links.GetLink(name, out _).IsNone;

    /// <inheritdoc/>
    public void Dispose() => links.Dispose();

    private string? AddTagged(PseudowireParameters settings, ushort tag, LinkInfo below, string? name, out PseudowireInterface? made)
    {
        made = null;
        name = NameOf(below.Name, name, tag);
        // The kernel computes a device's MTU without room for a tag.
        var mtu = settings.Mtu ?? Math.Max(below.Mtu, TagSize) - TagSize;
        var error = links.SetLink(below.Name, true, mtu + TagSize);
        if (!error.IsNone)
            return $"the MTU of {below.Name} cannot be raised for a VLAN MTU of {mtu}: {error}";
        error = links.AddVlan(name, below.Index, tag);
        if (error.Errno == Errno.EEXIST)
            return $"an interface {name} exists already";
        if (!error.IsNone)
            return $"the interface {name} for frames with VLAN {tag} cannot be made: {error}";
        error = links.SetLink(name, null, mtu);
        if (error.IsNone)
            error = links.GetLink(name, out var tagged) is { IsNone: false } missing ? missing : Take(tagged!, below, out made);
        return error.IsNone ? null : $"an MTU of {mtu} cannot be set on {name}: {error}";
    }

    private static LinuxError Take(LinkInfo tagged, LinkInfo below, out PseudowireInterface? made)
    {
        made = new PseudowireInterface(tagged.Name, tagged.Index, below.Name);
        return LinuxError.None;
    }

    /// <summary>The number in a name with %d is that of the device below; most often it is free.</summary>
    private static string NameOf(string below, string? wanted, ushort tag)
    {
        var number = below.AsSpan(below.AsSpan().LastIndexOfAnyExceptInRange('0', '9') + 1);
        if (wanted is not null)
            return wanted.Replace("%d", number.ToString(), StringComparison.Ordinal);
        var name = string.Create(CultureInfo.InvariantCulture, $"{below}.{tag}");
        return name.Length <= InterfaceTemplate.Longest ? name : string.Create(CultureInfo.InvariantCulture, $"l2tp{number}.{tag}");
    }

    private string? Join(string name, string? bridge)
    {
        if (bridge is null)
            return null;
        var error = links.GetLink(bridge, out var found);
        if (error.Errno == Errno.ENODEV)
            return $"{name} cannot join the bridge {bridge}: there is no such interface";
        if (error.IsNone && found!.Kind != "bridge")
            return $"{name} cannot join {bridge}: it is not a bridge";
        if (error.IsNone)
            error = links.SetMaster(name, found!.Index);
        return error.IsNone ? null : $"{name} cannot join the bridge {bridge}: {error}";
    }

    private string? Raise(string name, PseudowireParameters settings, bool again = false)
    {
        var error = links.SetLink(name, true, null);
        if (!error.IsNone)
            return $"{name} cannot be brought up: {error}";
        foreach (var text in settings.Addresses)
        {
            var slash = text.LastIndexOf('/');
            error = links.AddAddress(name, IPAddress.Parse(text.AsSpan(0, slash)),
                int.Parse(text.AsSpan(slash + 1), CultureInfo.InvariantCulture));
            if (!error.IsNone && !(again && error.Errno == Errno.EEXIST))
                return $"the address {text} cannot be set on {name}: {error}";
        }

        return null;
    }
}
