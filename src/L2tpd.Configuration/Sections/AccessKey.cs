using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary><c>access</c> of a PPP profile: who decides which users may come in.</summary>
internal static class AccessKey
{
    private static readonly string[] UserKeys = ["users", "secrets-files"];

    private static readonly ScalarType<AccessChoice> Word =
        WordText.OneOf(("local", AccessChoice.Local), ("radius", AccessChoice.Radius));

    public static AccessChoice Read(YamlMapping mapping)
    {
        var words = mapping.List("access", [AccessChoice.Local], Word);
        if (words.SequenceEqual([AccessChoice.Radius, AccessChoice.Local]))
            return AccessChoice.RadiusThenLocal;
        if (words.Length > 1)
            mapping.Error("access", "the only list is [radius, local]: local users are asked when no server answers");
        return words.IsEmpty ? AccessChoice.Local : words[0];
    }

    /// <summary>What to do instead of RADIUS with pppd.</summary>
    public static string WhyNotPppd(string key, PppProfile profile) => key == "access" && profile.Access != AccessChoice.Local
        ? ": pppd asks servers only by its own plugin, which `options: [\"plugin radius.so\"]` loads, with a configuration of its own "
            + "(pppd-radius(8)); set `backend: built-in` for the servers under `radius`"
        : "";

    /// <summary>The group of servers that a profile or tunnel names; <c>null</c> if it names none.</summary>
    public static string? ReadGroup(YamlMapping mapping) => mapping.Get("radius-group", null, WordText.Text(64)!);

    /// <summary>Checks that there is a group of this name; <c>null</c>: none is named.</summary>
    public static void CheckGroup(YamlMapping mapping, string? group, LoadContext context)
    {
        if (group is not null && !context.RadiusGroups.Contains(group))
            mapping.Error("radius-group", $"there is no group `{group}` in `radius.groups`{Suggestion.For(group, context.RadiusGroups)}");
    }

    /// <summary>Checks a profile of built-in PPP against the servers and its users.</summary>
    public static void Check(YamlMapping mapping, PppProfile profile, LoadContext context)
    {
        if (profile.Access == AccessChoice.Local)
        {
            if (profile.RadiusGroup is not null)
                mapping.Error("radius-group", "needs `access: radius`");
            return;
        }

        context.IsRadiusUsed = true;
        if (!context.HasRadius)
            mapping.Error("access", "there is no server: write `radius: { servers: { NAME: { address: ..., secret: ... } } }`");
        else
            CheckGroup(mapping, profile.RadiusGroup, context);
        if (profile.Authentication.IsEmpty)
            mapping.Error("access", "needs `auth`: a server is asked about what a peer proves");
        var users = Array.Find(UserKeys, mapping.Has);
        if (profile.Access == AccessChoice.RadiusThenLocal && users is null)
            mapping.Error("access", "needs `users` or `secrets-files`, for the time when no server answers");
        if (profile.Access == AccessChoice.Radius && users is not null)
            mapping.Error(users, "is not asked with `access: radius`; write `access: [radius, local]` to ask it when no server answers");
    }
}
