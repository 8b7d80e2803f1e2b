using System.Text;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;
using L2tpd.Radius.Wire;

namespace L2tpd.Configuration.Sections;

/// <summary><c>select</c> of a tunnel: a RADIUS server is asked which LNS to dial.</summary>
internal static class SelectKeys
{
    private const int LongestUser = 253;

    // What routers send, and most servers expect.
    private const string UsualPassword = "cisco";

    private static readonly ScalarType<bool> Word = WordText.OneOf(("radius", true));

    /// <summary>The keys, in a tunnel.</summary>
    public static string[] All { get; } = ["select", "select-user", .. SecretKeys.Of("select-password"), "radius-group"];

    /// <summary>The question, in the place of an LNS; <c>null</c> without <c>select</c>.</summary>
    public static RemoteHost? Read(YamlMapping mapping, LoadContext context)
    {
        if (!mapping.Has("select"))
        {
            foreach (var key in All.Where(mapping.Has))
                mapping.Error(key, "needs `select: radius`");
            return null;
        }

        mapping.Get("select", true, Word);
        context.IsRadiusUsed = true;
        if (mapping.Has("lns"))
            mapping.Error("lns", "contradicts `select`: the server names the LNSs");
        if (!mapping.Has("select-user"))
            mapping.Error("select-user", "is required with `select`: the realm or user to ask for");
        if (!context.HasRadius)
            mapping.Error("select", "there is no server: write `radius: { servers: { NAME: { address: ..., secret: ... } } }`");
        var user = mapping.Get("select-user", "", WordText.Text(LongestUser));
        var password = SecretKeys.Read(mapping, "select-password", PasswordHiding.MaxUserPassword, context);
        var group = AccessKey.ReadGroup(mapping);
        if (context.HasRadius)
            AccessKey.CheckGroup(mapping, group, context);
        return new RemoteHost($"RADIUS ({user})")
        {
            Query = new LnsQuery(user, password is null ? UsualPassword : Encoding.UTF8.GetString(password.Reveal())) { Group = group },
        };
    }
}
