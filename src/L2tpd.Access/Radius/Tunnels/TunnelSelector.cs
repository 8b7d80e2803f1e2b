using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using L2tpd.Radius.Client;

namespace L2tpd.Access;

/// <summary>
/// The order of the LNSs in an answer: by Tunnel-Preference, and at random among equals, which shares the load (RFC 2868 section 3.8).
/// The one who dials knows which of them failed lately.
/// </summary>
public static class TunnelSelector
{
    /// <summary>Each costs a whole retransmission cycle if no LNS is there.</summary>
    public const int MostChoices = 16;

    private const uint L2tp = 3;
    private const uint Ipv4Medium = 1;
    private const uint Ipv6Medium = 2;

    /// <summary>The LNSs in order; at most 16.</summary>
    public static TunnelAnswer Select(ImmutableArray<TunnelGroup> groups, IRadiusRandom random)
    {
        if (groups.IsEmpty)
            return TunnelAnswer.Nothing("it names no tunnel");

        var choices = new List<(uint Preference, ulong Lot, TunnelChoice Choice)>();
        var problems = new List<string>();
        foreach (var group in groups)
        {
            if (Objection(group) is { } objection)
                problems.Add($"tag {group.Tag}: {objection}");
            else
                choices.AddRange(ChoicesOf(group).Select(choice => (group.Preference ?? 0, Draw(random), choice)));
        }

        return choices.Count == 0
            ? TunnelAnswer.Nothing(problems.Count == 0 ? "no endpoint fits its medium" : string.Join("; ", problems))
            : new TunnelAnswer(
                [.. choices.OrderBy(static one => one.Preference).ThenBy(static one => one.Lot).Select(static one => one.Choice)
                    .Take(MostChoices)],
                null);
    }

    private static string? Objection(TunnelGroup group) => group switch
    {
        { Type: not (null or L2tp) } => $"Tunnel-Type {group.Type} is not L2TP",
        { ServerEndpoints.IsEmpty: true } => "there is no Tunnel-Server-Endpoint",
        { Medium: not (null or Ipv4Medium or Ipv6Medium) } => $"Tunnel-Medium-Type {group.Medium} is neither IPv4 nor IPv6",
        { IsPasswordUnreadable: true } => "Tunnel-Password is malformed",
        _ => null,
    };

    private static IEnumerable<TunnelChoice> ChoicesOf(TunnelGroup group)
    {
        AddressFamily? family = group.Medium switch
        {
            Ipv4Medium => AddressFamily.InterNetwork,
            Ipv6Medium => AddressFamily.InterNetworkV6,
            _ => null,
        };
        foreach (var endpoint in group.ServerEndpoints)
        {
            var literal = AddressOf(endpoint);
            if (literal is null ? IsName(endpoint) : family is null || literal.AddressFamily == family)
                yield return ChoiceOf(group, endpoint, literal?.AddressFamily ?? family);
        }
    }

    private static TunnelChoice ChoiceOf(TunnelGroup group, string endpoint, AddressFamily? family)
    {
        var local = AddressOf(group.ClientEndpoint);
        return new TunnelChoice
        {
            Host = endpoint,
            Family = family,
            LocalAddress = local is not null && (family is null || local.AddressFamily == family) ? local : null,
            Secret = group.Password,
            LocalName = group.ClientAuthId,
            PeerName = group.ServerAuthId,
            AssignmentId = group.AssignmentId,
            PrivateGroupId = group.PrivateGroupId,
        };
    }

    /// <summary>Only an address in full: the framework also accepts "7".</summary>
    private static IPAddress? AddressOf(string? text) =>
        text is not null && (text.Contains(':', StringComparison.Ordinal) || text.Count(static c => c == '.') == 3)
        && IPAddress.TryParse(text, out var address) ? address : null;

    private static bool IsName(string text) => Uri.CheckHostName(text) == UriHostNameType.Dns && !text.All(char.IsAsciiDigit);

    private static ulong Draw(IRadiusRandom random)
    {
        Span<byte> octets = stackalloc byte[8];
        random.Fill(octets);
        return BinaryPrimitives.ReadUInt64BigEndian(octets);
    }
}
