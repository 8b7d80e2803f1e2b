using System.Globalization;
using System.Text;

namespace L2tpd.Configuration.Yaml;

/// <summary>
/// A configuration as YAML text without comments and without secrets: every value below a key that names a secret is replaced, whatever
/// it is. Keys that say where a secret is (<c>-file</c>, <c>-files</c>, <c>-credential</c>) keep their value.
/// </summary>
internal static class MaskedYaml
{
    private const string Mask = "***";
    private const int Indent = 2;

    /// <summary>Words of a key that names a secret. <c>options</c> of pppd can contain one.</summary>
    private static readonly string[] SecretWords = ["secret", "secrets", "password", "passwords", "psk", "passphrase", "options"];

    private static readonly string[] PlaceEndings = ["-file", "-files", "-credential"];

    /// <summary>The text of a tree.</summary>
    public static string Of(MappingNode root)
    {
        var text = new StringBuilder();
        AppendMapping(text, root, depth: 0, isSecret: false);
        return text.ToString();
    }

    /// <summary>Whether values of this key are secrets.</summary>
    public static bool IsSecret(string key) =>
        !Array.Exists(PlaceEndings, ending => key.EndsWith(ending, StringComparison.Ordinal))
        && key.Split('-', '_', '.').Any(word => SecretWords.Contains(word, StringComparer.OrdinalIgnoreCase));

    private static void AppendMapping(StringBuilder text, MappingNode mapping, int depth, bool isSecret)
    {
        foreach (var entry in mapping.Entries)
        {
            text.Append(' ', depth * Indent);
            AppendScalar(text, entry.Key);
            text.Append(':');
            AppendValue(text, entry.Value, depth, isSecret || IsSecret(entry.Key));
        }
    }

    private static void AppendValue(StringBuilder text, YamlNode value, int depth, bool isSecret)
    {
        switch (value)
        {
            case MappingNode { Entries.Count: > 0 } mapping:
                text.Append('\n');
                AppendMapping(text, mapping, depth + 1, isSecret);
                break;
            case SequenceNode { Items.Count: > 0 } sequence:
                text.Append('\n');
                foreach (var item in sequence.Items)
                {
                    text.Append(' ', (depth + 1) * Indent).Append('-');
                    AppendValue(text, item, depth + 1, isSecret);
                }

                break;
            case ScalarNode { IsMissing: false } scalar:
                text.Append(' ');
                AppendScalar(text, isSecret ? Mask : scalar.Text);
                text.Append('\n');
                break;
            default:
                text.Append(value switch { MappingNode => " {}\n", SequenceNode => " []\n", _ => " ~\n" });
                break;
        }
    }

    private static void AppendScalar(StringBuilder text, string scalar)
    {
        if (scalar.Length > 0 && char.IsAsciiLetterOrDigit(scalar[0])
            && scalar.AsSpan().IndexOfAnyExcept(PlainCharacters) < 0)
        {
            text.Append(scalar);
            return;
        }

        text.Append('"');
        foreach (var c in scalar)
        {
            if (c is '"' or '\\')
                text.Append('\\').Append(c);
            else if (char.IsControl(c))
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                text.Append(c);
        }

        text.Append('"');
    }

    private static readonly System.Buffers.SearchValues<char> PlainCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./");
}
