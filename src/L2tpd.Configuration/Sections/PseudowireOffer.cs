using System.Collections.Immutable;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Avps;

namespace L2tpd.Configuration.Sections;

/// <summary>
/// The pseudowire types of a peer or tunnel (Pseudowire Capabilities List) if the file does not list them, and the checks of what must fit
/// together.
/// </summary>
internal static class PseudowireOffer
{
    private static readonly ImmutableArray<PseudowireType> Unlisted = new PeerProfile { Name = "" }.Pseudowires;

    /// <summary>How the sessions that a peer asks for may be set up.</summary>
    public static ImmutableArray<SessionProfile> Accepted(PeerProfile profile) =>
        profile.Endpoints.IsEmpty ? [profile.Session] : [.. profile.Endpoints.Select(static endpoint => endpoint.Session)];

    /// <summary>The profile with the pseudowire types that its sessions can have.</summary>
    /// <param name="mapping">The peer or tunnel.</param>
    /// <param name="profile">The profile so far.</param>
    /// <param name="sessions">How its sessions may be set up.</param>
    /// <param name="context">The data plane: one that carries no data accepts every type.</param>
    public static PeerProfile Complete(YamlMapping mapping, PeerProfile profile, ImmutableArray<SessionProfile> sessions,
        LoadContext context)
    {
        if (profile.Protocol == ProtocolPreference.V2)
            return profile;
        CheckNames(mapping, profile, sessions);
        var types = sessions.Select(static session => session.PseudowireType).Distinct().Order().ToImmutableArray();
        if (!mapping.Has("pseudowires") && !types.IsEmpty)
        {
            // A list that a tunnel inherits from a peer's profile stays.
            var isListed = !profile.Pseudowires.SequenceEqual(Unlisted);
            return profile with { Pseudowires = isListed
                || context.DataPlane == DataPlaneChoice.Null ? [.. profile.Pseudowires.Union(types)] : types };
        }

        if (mapping.Has("pseudowires") && profile.Pseudowires.Contains(PseudowireType.Ppp) && !types.Contains(PseudowireType.Ppp)
            && context.DataPlane != DataPlaneChoice.Null)
        {
            mapping.Error("pseudowires", "there is no `ppp` in `lns` or `endpoints`, which says how PPP is run");
        }

        return profile;
    }

    private static void CheckNames(YamlMapping mapping, PeerProfile profile, ImmutableArray<SessionProfile> sessions)
    {
        foreach (var template in sessions.Select(static session => session.Pseudowire.Interface).OfType<string>()
            .Distinct(StringComparer.Ordinal))
        {
            var name = template.Replace("{peer}", profile.Name, StringComparison.Ordinal);
            if (InterfaceTemplate.Problem(name) is not null)
            {
                mapping.Diagnostics.Error(mapping.Position, mapping.Path,
                    $"the interface name `{template}` becomes `{name}`, which is longer than {InterfaceTemplate.Longest} characters");
            }
        }
    }
}
