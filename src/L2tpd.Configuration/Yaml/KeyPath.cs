
namespace L2tpd.Configuration.Yaml;

/// <summary>The path of a key: names joined by dots.</summary>
internal static class KeyPath
{
    public static string Of(string parent, string key) => parent.Length == 0 ? key : $"{parent}.{key}";
}
