using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>A column of <c>show sessions</c>.</summary>
/// <param name="Name">The word of <c>--columns</c> and <c>--sort</c>; the heading is the same in capitals.</param>
/// <param name="Text">What the cell shows.</param>
/// <param name="Order">By what the column is sorted; <c>null</c>: by its text.</param>
/// <param name="IsNumber">Numbers and times are on the right.</param>
internal sealed record SessionColumn(
    string Name, Func<SessionView, string> Text, Func<SessionView, double>? Order = null, bool IsNumber = true)
{
    /// <summary>The column in a table.</summary>
    public TableColumn Heading => new(Name.ToUpperInvariant(), IsNumber && Order is not null);

    /// <summary>Compares two sessions by it.</summary>
    public int Compare(SessionView one, SessionView other) => Order is { } order
        ? order(one).CompareTo(order(other))
        : string.CompareOrdinal(Text(one), Text(other));
}

/// <summary>The columns that <c>show sessions</c> has.</summary>
internal static class SessionColumns
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<SessionColumn> All { get; } =
    [
        new("id", static s => string.Create(CultureInfo.InvariantCulture, $"{s.TunnelId}/{s.LocalId}"),
            static s => (s.TunnelId * 4_294_967_296.0) + s.LocalId, IsNumber: false),
        new("name", static s => DisplayText.Clean(s.Name)),
        new("tunnel", static s => DisplayText.Clean(s.Tunnel)),
        new("peer", static s => DisplayText.Clean(s.Peer)),
        // A name that the daemon made ends in the id, which has a column of its own.
        new("session", static s => HasOwnName(s) ? DisplayText.Clean(s.Name) : DisplayText.Clean(s.Peer)),
        new("user", static s => DisplayText.OrDash(s.User)),
        new("state", StateOf),
        new("interface", static s => DisplayText.OrDash(s.Interface)),
        new("address", static s => DisplayText.OrDash(s.PeerAddress), static s => NumberOf(s.PeerAddress), IsNumber: false),
        new("local-address", static s => DisplayText.OrDash(s.LocalAddress)),
        new("ipv6", static s => DisplayText.OrDash(s.Ipv6Address)),
        new("prefixes", static s => s.Prefixes is { Count: > 0 } all ? string.Join(' ', all.Select(DisplayText.Clean)) : "-"),
        new("up", static s => DisplayText.Duration(s.UpSeconds), static s => s.UpSeconds ?? -1),
        new("left", static s => DisplayText.Duration(s.Subscriber?.SessionSecondsLeft),
            static s => s.Subscriber?.SessionSecondsLeft ?? double.MaxValue),
        new("idle-left", static s => DisplayText.Duration(s.Subscriber?.IdleSecondsLeft),
            static s => s.Subscriber?.IdleSecondsLeft ?? double.MaxValue),
        new("rate-down", static s => Rate(s.RateToPeer), static s => s.RateToPeer ?? double.MaxValue),
        new("rate-up", static s => Rate(s.RateFromPeer), static s => s.RateFromPeer ?? double.MaxValue),
        new("octets-down", static s => Count(s.Traffic?.TransmitOctets), static s => s.Traffic?.TransmitOctets ?? 0),
        new("octets-up", static s => Count(s.Traffic?.ReceiveOctets), static s => s.Traffic?.ReceiveOctets ?? 0),
        new("mtu", static s => s.Mtu is { } mtu ? DisplayText.Number(mtu) : "-", static s => s.Mtu ?? 0),
        new("profile", static s => DisplayText.OrDash(s.Ppp)),
        new("calling", static s => DisplayText.OrDash(s.Call?.CallingNumber)),
        new("called", static s => DisplayText.OrDash(s.Call?.CalledNumber)),
        new("circuit", static s => DisplayText.OrDash(s.CircuitId)),
        new("mac", static s => DisplayText.OrDash(s.MacAddress)),
        new("accounting", static s => DisplayText.OrDash(s.AccountingId)),
    ];

    /// <summary>Those of a table of 80 characters.</summary>
    public static ImmutableArray<SessionColumn> Default { get; } = Of("id", "session", "user", "state", "interface", "address", "up");

    /// <summary>Those of <c>--wide</c>.</summary>
    public static ImmutableArray<SessionColumn> Wide { get; } = Of(
        "id", "name", "user", "state", "interface", "address", "ipv6", "prefixes", "up", "left", "rate-down", "rate-up", "octets-down",
        "octets-up", "mtu", "profile", "calling", "called", "circuit", "mac");

    /// <summary>The column of a word; <c>null</c>: there is none.</summary>
    public static SessionColumn? Find(string name) => All.FirstOrDefault(column => column.Name == name);

    private static ImmutableArray<SessionColumn> Of(params string[] names) => [.. names.Select(static name => Find(name)!)];

    private static bool HasOwnName(SessionView session) =>
        !session.Name.EndsWith(string.Create(CultureInfo.InvariantCulture, $"/{session.LocalId}"), StringComparison.Ordinal);

    // Of an established session the state of the data path is shown. Without a data path it waits for that of its tunnel.
    private static string StateOf(SessionView session) => session switch
    {
        { State: "established", Data: "none" } => "creating",
        { State: "established" } => DisplayText.Clean(session.Data),
        _ => DisplayText.Clean(session.State),
    };

    private static double NumberOf(string? address) =>
        IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetwork
            ? BinaryPrimitives.ReadUInt32BigEndian(parsed.GetAddressBytes()) : double.MaxValue;

    private static string Rate(ulong? bits) => bits switch
    {
        null => "-",
        >= 1_000_000 and var many when many % 100_000 == 0 => string.Create(CultureInfo.InvariantCulture, $"{many / 1e6:0.#}M"),
        >= 1_000 and var some when some % 100 == 0 => string.Create(CultureInfo.InvariantCulture, $"{some / 1e3:0.#}k"),
        var few => few.Value.ToString(CultureInfo.InvariantCulture),
    };

    private static string Count(ulong? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
