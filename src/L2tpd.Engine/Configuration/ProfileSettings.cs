using System.Collections.Immutable;

namespace L2tpd.Engine.Configuration;

/// <summary>One setting that two configurations may differ in.</summary>
/// <param name="Key">As the operator writes it.</param>
/// <param name="IsLive">It takes effect in a dialled tunnel that is up; otherwise the tunnel must be dialled again.</param>
/// <param name="IsSame">Compares the setting of two.</param>
internal sealed record Setting<T>(string Key, bool IsLive, Func<T, T, bool> IsSame);

/// <summary>The settings of a <see cref="PeerProfile"/>, by content.</summary>
internal static class ProfileSettings
{
    /// <summary>
    /// A setting that a tunnel reads when it needs it is live; one that was agreed with the peer, or belongs to the socket, is not.
    /// </summary>
    public static ImmutableArray<Setting<PeerProfile>> All { get; } =
    [
        new("match", true, static (one, other) =>
            one.Prefixes.SequenceEqual(other.Prefixes) && one.HostNamePattern == other.HostNamePattern && one.Carrier == other.Carrier),
        // A tunnel keeps the secrets that it was set up with. Without a secret it is another tunnel: nobody has proved anything in it.
        new("secret", false, static (one, other) => one.Secret is null == other.Secret is null),
        new("secret", true, static (one, other) => one.Secret.AsSpan().SequenceEqual(other.Secret)),
        new("second-secret", true, static (one, other) => one.SecondSecret.AsSpan().SequenceEqual(other.SecondSecret)),
        new("authentication", false, static (one, other) => one.Authentication == other.Authentication),
        new("digest", false, static (one, other) => one.Digest == other.Digest),
        new("pseudowires", false, static (one, other) => one.Pseudowires.SequenceEqual(other.Pseudowires)),
        new("challenge", false, static (one, other) => one.Challenge == other.Challenge),
        new("hide-avps", false, static (one, other) => one.HideAvps == other.HideAvps),
        new("protocol", false, static (one, other) => one.Protocol == other.Protocol),
        new("host-name", false, static (one, other) => one.LocalHostName == other.LocalHostName),
        new("router-id", false, static (one, other) => one.LocalRouterId == other.LocalRouterId),
        new("identity", true, static (one, other) => one.Identity == other.Identity),
        new("receive-window", false, static (one, other) => one.ReceiveWindow == other.ReceiveWindow),
        new("accept", true, static (one, other) =>
            (one.AcceptIncomingCalls, one.AcceptOutgoingCalls) == (other.AcceptIncomingCalls, other.AcceptOutgoingCalls)),
        new("limits", true, static (one, other) =>
            (one.MaxTunnels, one.MaxSessionsPerTunnel) == (other.MaxTunnels, other.MaxSessionsPerTunnel)),
        new("same-peer", true, static (one, other) => one.SamePeer == other.SamePeer),
        new("timers", true, static (one, other) => one.Timers == other.Timers),
        new("quirks", false, static (one, other) => one.Quirks == other.Quirks),
        new("bind-device", false, static (one, other) => one.BindDevice == other.BindDevice),
        new("fwmark", false, static (one, other) => one.FwMark == other.FwMark),
        new("ipsec", false, static (one, other) => one.Ipsec == other.Ipsec),
        new("phb", false, static (one, other) => one.ControlConnectionDs == other.ControlConnectionDs),
        new("lns", true, static (one, other) => one.Session == other.Session),
        new("endpoints", true, static (one, other) => one.Endpoints.SequenceEqual(other.Endpoints)),
    ];

    /// <summary>Keys of the settings that differ.</summary>
    public static ImmutableArray<string> Changed(PeerProfile now, PeerProfile then)
    {
        var differing = All.Where(setting => !setting.IsSame(now, then));
        ImmutableArray<string> changed = [.. differing.Select(static setting => setting.Key).Distinct()];
        return changed.IsEmpty && !AreSame(now, then) ? [Others] : changed;
    }

    /// <summary>Stands for settings that no table names.</summary>
    public const string Others = "other settings";

    /// <summary>Equal by content, arrays included.</summary>
    public static bool AreSame(PeerProfile left, PeerProfile right) =>
        left == right with
        {
            Prefixes = left.Prefixes, Secret = left.Secret, SecondSecret = left.SecondSecret,
            Pseudowires = left.Pseudowires, Endpoints = left.Endpoints,
        }
        && left.Prefixes.SequenceEqual(right.Prefixes)
        && left.Secret.AsSpan().SequenceEqual(right.Secret)
        && left.SecondSecret.AsSpan().SequenceEqual(right.SecondSecret)
        && left.Pseudowires.SequenceEqual(right.Pseudowires)
        && left.Endpoints.SequenceEqual(right.Endpoints);

    /// <summary>The profile with the live settings of another: what differs then cannot be applied to a tunnel that is up.</summary>
    public static PeerProfile WithLiveSettingsOf(this PeerProfile profile, PeerProfile other) => profile with
    {
        Prefixes = other.Prefixes,
        HostNamePattern = other.HostNamePattern,
        Carrier = other.Carrier,
        Secret = other.Secret,
        SecondSecret = other.SecondSecret,
        Identity = other.Identity,
        AcceptIncomingCalls = other.AcceptIncomingCalls,
        AcceptOutgoingCalls = other.AcceptOutgoingCalls,
        MaxTunnels = other.MaxTunnels,
        MaxSessionsPerTunnel = other.MaxSessionsPerTunnel,
        SamePeer = other.SamePeer,
        Timers = other.Timers,
        Session = other.Session,
        Endpoints = other.Endpoints,
    };
}
