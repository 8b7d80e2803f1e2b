using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Sections;

/// <summary>Names the operator gives to peers, tunnels, sessions and PPP profiles.</summary>
internal static class Names
{
    /// <summary>Reports an error at the key if it is not a valid name.</summary>
    public static void Check(YamlValue value)
    {
        if (WordText.NameProblem(value.Key) is { } problem)
            value.ErrorAtKey(problem);
    }
}
