using System.Globalization;
using System.Net;
using L2tpd.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol.Avps;

namespace L2tpd.DataPlanes.Interfaces;

/// <summary>
/// Makes the devices of Ethernet and VLAN sessions ready: MTU, tag, bridge, addresses, up. What fails leaves nothing once the session is
/// deleted, for all of it hangs on the session's device. Netlink worker only.
/// </summary>
internal sealed class PseudowireInterfaces(RtNetlink links) : IDisposable
{
    private const int TagSize = 4;

    /// <summary>The peer's circuit can take traffic: active, and not a standby (RFC 5641).</summary>
    public static bool IsActive(CircuitStatus? status) =>
        status is not { } told || (told.HasFlag(CircuitStatus.Active) && !told.HasFlag(CircuitStatus.Standby));

    /// <summary>Sets up a session's device.</summary>
    /// <param name="settings">How it is to be.</param>
    /// <param name="device">The device that came with the session.</param>
    /// <param name="name">The name wanted for a device of tagged frames; null: of the device's own.</param>
    /// <param name="made">What came of it.</param>
    /// <returns>What went wrong, in words; null: nothing did.</returns>
    public string? SetUp(PseudowireParameters settings, string device, string? name, out PseudowireInterface? made)
    {
        made = null;
        var error = links.GetLink(device, out var link);
        if (!error.IsNone)
            return $"the session's device is not to be found: {error}";
        // A port of a bridge, or what is under tagged frames, has nothing to say for itself: no neighbour discovery into the pseudowire.
        if (settings.Bridge is not null || settings.Vlan is not null)
            links.SetNoLinkLocalAddress(device);
        links.SetDormant(device, !IsActive(settings.PeerStatus));
        made = new PseudowireInterface(device, link!.Index, device);
        if (settings.Vlan is { } tag)
        {
            if (AddTagged(settings, tag, link, name, out made) is { } trouble)
                return trouble;
        }
        else if (settings.Mtu is { } mtu && links.SetLink(device, null, mtu) is { IsNone: false } refused)
        {
            return $"an MTU of {mtu} cannot be set on {device}: {refused}";
        }

        return Join(made!.Name, settings.Bridge) ?? Raise(made.Name, settings);
    }

    /// <summary>
    /// Lets the interface show whether the peer's end can take traffic: dormant when it cannot, so that a bridge or a router does not count
    /// on it.
    /// </summary>
    public LinuxError ShowPeer(PseudowireInterface made, bool isActive) => links.SetDormant(made.Device, !isActive);

    /// <summary>Sets the interface down, or up again with its addresses: the kernel forgets those of IPv6 while it is down.</summary>
    public string? SetLink(PseudowireInterface made, PseudowireParameters settings, bool up) => up
        ? Raise(made.Name, settings, again: true)
        : links.SetLink(made.Name, false, null) is { IsNone: false } error ? $"{made.Name} cannot be set down: {error}" : null;

    /// <summary>There is a device of this name.</summary>
    public bool Exists(string name) => links.GetLink(name, out _).IsNone;

    /// <inheritdoc/>
    public void Dispose() => links.Dispose();

    private string? AddTagged(PseudowireParameters settings, ushort tag, LinkInfo below, string? name, out PseudowireInterface? made)
    {
        made = null;
        name = NameOf(below.Name, name, tag);
        // The kernel works out a device's MTU without room for a tag.
        var mtu = settings.Mtu ?? Math.Max(below.Mtu, TagSize) - TagSize;
        var error = links.SetLink(below.Name, true, mtu + TagSize);
        if (!error.IsNone)
            return $"{below.Name} cannot be made ready for an MTU of {mtu}: {error}";
        error = links.AddVlan(name, below.Index, tag);
        if (error.Errno == Errno.EEXIST)
            return $"there is an interface {name} already";
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

    /// <summary>The number in a name with %d is that of the device below, which is free as often as not.</summary>
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
            return $"there is no bridge {bridge} for {name} to join";
        if (error.IsNone && found!.Kind != "bridge")
            return $"{bridge}, which {name} is to join, is not a bridge";
        if (error.IsNone)
            error = links.SetMaster(name, found!.Index);
        return error.IsNone ? null : $"{name} cannot join the bridge {bridge}: {error}";
    }

    private string? Raise(string name, PseudowireParameters settings, bool again = false)
    {
        var error = links.SetLink(name, true, null);
        if (!error.IsNone)
            return $"{name} cannot be set up: {error}";
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
