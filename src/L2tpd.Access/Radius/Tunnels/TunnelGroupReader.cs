using System.Collections.Immutable;
using System.Text;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>
/// Tunnel attributes of an Access-Accept, grouped by tag (RFC 2868 section 3). Without any, the VPDN pairs of Cisco-AVPair, which older
/// servers send.
/// </summary>
public static class TunnelGroupReader
{
    private const byte CiscoAvPair = 1;
    private const uint L2tp = 3;
    private const string Vpdn = "vpdn:";

    private static readonly char[] BetweenAlternatives = [',', ' '];

    /// <summary>Reads a verified answer.</summary>
    /// <param name="accept">The answer.</param>
    /// <param name="authenticator">The authenticator of the request, by which Tunnel-Password is hidden.</param>
    /// <param name="secret">The secret shared with the server.</param>
    /// <returns>By rising tag; what tag 0 says is also the default of the other groups.</returns>
    public static ImmutableArray<TunnelGroup> Read(in RadiusPacket accept, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> secret)
    {
        var groups = new SortedDictionary<byte, TunnelGroup>();
        foreach (var attribute in accept.Attributes)
            ReadTagged(attribute, groups, authenticator, secret);

        if (groups.Count == 0)
            return ReadPairs(accept);
        if (!groups.TryGetValue(0, out var untagged))
            return [.. groups.Values];

        groups.Remove(0);
        // Without an endpoint of its own, or with one that a tagged group borrows, tag 0 is no tunnel.
        var tagged = groups.Values.ToArray();
        var isTunnel = !untagged.ServerEndpoints.IsEmpty && tagged.All(static group => !group.ServerEndpoints.IsEmpty);
        return [.. isTunnel || tagged.Length == 0 ? [untagged] : Array.Empty<TunnelGroup>(),
            .. tagged.Select(group => group.WithDefaultsOf(untagged))];
    }

    private static void ReadTagged(
        in RadiusAttribute attribute, SortedDictionary<byte, TunnelGroup> groups, ReadOnlySpan<byte> authenticator,
        ReadOnlySpan<byte> secret)
    {
        switch (attribute.Type)
        {
            case AttributeType.TunnelType or AttributeType.TunnelMediumType or AttributeType.TunnelPreference
                when TaggedValue.TryReadUInt32(attribute.Value, out var tag, out var number):
                groups[tag] = WithNumber(Of(groups, tag), attribute.Type, number);
                break;
            case AttributeType.TunnelClientEndpoint or AttributeType.TunnelServerEndpoint or AttributeType.TunnelPrivateGroupId
                or AttributeType.TunnelAssignmentId or AttributeType.TunnelClientAuthId or AttributeType.TunnelServerAuthId:
                var text = Encoding.UTF8.GetString(TaggedValue.ReadString(attribute.Value, out var tagOfText)).Trim();
                if (text.Length > 0)
                    groups[tagOfText] = WithText(Of(groups, tagOfText), attribute.Type, text);
                break;
            case AttributeType.TunnelPassword when !attribute.Value.IsEmpty:
                var hidden = TaggedValue.ReadSalted(attribute.Value, out var tagOfPassword);
                groups[tagOfPassword] = WithPassword(Of(groups, tagOfPassword), hidden, authenticator, secret);
                break;
        }
    }

    private static TunnelGroup Of(SortedDictionary<byte, TunnelGroup> groups, byte tag) =>
        groups.GetValueOrDefault(tag) ?? new TunnelGroup { Tag = tag };

    /// <summary>The first value counts (RFC 2868 section 3: one of each per tag).</summary>
    private static TunnelGroup WithNumber(TunnelGroup group, AttributeType type, uint number) => type switch
    {
        AttributeType.TunnelType => group with { Type = group.Type ?? number },
        AttributeType.TunnelMediumType => group with { Medium = group.Medium ?? number },
        _ => group with { Preference = group.Preference ?? number },
    };

    private static TunnelGroup WithText(TunnelGroup group, AttributeType type, string text) => type switch
    {
        AttributeType.TunnelClientEndpoint => group with { ClientEndpoint = group.ClientEndpoint ?? text },
        AttributeType.TunnelServerEndpoint => group with { ServerEndpoints = [.. group.ServerEndpoints, .. Split(text)] },
        AttributeType.TunnelPrivateGroupId => group with { PrivateGroupId = group.PrivateGroupId ?? text },
        AttributeType.TunnelAssignmentId => group with { AssignmentId = group.AssignmentId ?? text },
        AttributeType.TunnelClientAuthId => group with { ClientAuthId = group.ClientAuthId ?? text },
        _ => group with { ServerAuthId = group.ServerAuthId ?? text },
    };

    private static TunnelGroup WithPassword(
        TunnelGroup group, ReadOnlySpan<byte> hidden, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> secret)
    {
        if (group.Password is not null || group.IsPasswordUnreadable)
            return group;

        Span<byte> password = stackalloc byte[byte.MaxValue + 1];
        var length = PasswordHiding.RevealSalted(hidden, authenticator, secret, password);
        return length switch
        {
            < 0 => group with { IsPasswordUnreadable = true },
            // An empty one says as little as none.
            0 => group,
            _ => group with { Password = password[..length].ToArray() },
        };
    }

    private static string[] Split(string endpoints) =>
        endpoints.Split(BetweenAlternatives, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>
    /// <c>vpdn:ip-addresses=a,b/c</c>: <c>,</c> between equals, <c>/</c> before the next preference; <c>vpdn:tunnel-id</c> is our name.
    /// </summary>
    private static ImmutableArray<TunnelGroup> ReadPairs(in RadiusPacket accept)
    {
        var shared = new TunnelGroup { Type = L2tp };
        var addresses = "";
        foreach (var attribute in accept.Attributes)
        {
            if (attribute.Type != AttributeType.VendorSpecific || !VendorAttributes.TryRead(attribute.Value, out var pairs)
                || pairs.Vendor != VendorId.Cisco)
            {
                continue;
            }

            foreach (var pair in pairs)
            {
                if ((byte)pair.Type == CiscoAvPair)
                    shared = WithPair(shared, Encoding.UTF8.GetString(pair.Value), ref addresses);
            }
        }

        return
        [
            .. addresses.Split('/', StringSplitOptions.RemoveEmptyEntries)
                .Select((equals, preference) => shared with { ServerEndpoints = [.. Split(equals)], Preference = (uint)preference }),
        ];
    }

    private static TunnelGroup WithPair(TunnelGroup shared, string pair, ref string addresses)
    {
        var sign = pair.AsSpan().IndexOfAny('=', '*');
        if (!pair.StartsWith(Vpdn, StringComparison.Ordinal) || sign <= Vpdn.Length || sign == pair.Length - 1)
            return shared;

        var value = pair[(sign + 1)..].Trim();
        switch (pair[Vpdn.Length..sign])
        {
            case "ip-addresses":
                addresses = value;
                return shared;
            case "tunnel-id":
                return shared with { ClientAuthId = value };
            case "l2tp-tunnel-password":
                return shared with { Password = Encoding.UTF8.GetBytes(value) };
            case "tunnel-type":
                return shared with { Type = value.Equals("l2tp", StringComparison.OrdinalIgnoreCase) ? L2tp : 0 };
            default:
                return shared;
        }
    }
}
