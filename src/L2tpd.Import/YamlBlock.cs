using System.Globalization;
using System.Text;

namespace L2tpd.Import;

/// <summary>A mapping of the YAML that is written, with comments between its keys.</summary>
internal sealed class YamlBlock
{
    private const int Columns = 120;

    private readonly List<Item> _items = [];
    private readonly List<string> _after = [];

    private sealed record Item(string? Key, string Value, YamlBlock? Block);

    /// <summary>Whether it has keys; comments do not count.</summary>
    public bool HasKeys => _items.Exists(static item => item.Key is not null);

    public bool Has(string key) => _items.Exists(item => item.Key == key);

    /// <summary>A value that needs no quotes: a number, a duration, a word of l2tpd.</summary>
    public void Set(string key, string value)
    {
        if (!Has(key))
            _items.Add(new Item(key, value, null));
    }

    public void Set(string key, long value) => Set(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A text of the imported file, in quotes where YAML needs them.</summary>
    public void Text(string key, string value) => Set(key, Quoted(value));

    /// <summary>A text of the imported file as a key.</summary>
    public static string Key(string text) => Quoted(text);

    /// <summary>A list of texts.</summary>
    public void List(string key, IEnumerable<string> values)
    {
        var items = values.Select(Quoted).ToArray();
        var line = $"[{string.Join(", ", items)}]";
        Set(key, line.Length <= Columns || items.Length == 1 ? line : "\n" + string.Join('\n', items.Select(static item => "- " + item)));
    }

    /// <summary>The mapping under a key, which is made if it is missing.</summary>
    public YamlBlock Block(string key)
    {
        if (_items.Find(item => item.Key == key) is { Block: { } known })
            return known;
        var block = new YamlBlock();
        _items.Add(new Item(key, "", block));
        return block;
    }

    /// <summary>A comment at this place.</summary>
    public void Comment(string text) => _items.Add(new Item(null, text, null));

    /// <summary>A comment behind all keys.</summary>
    public void CommentAtEnd(string text) => _after.Add(text);

    /// <summary>Takes over what another block has.</summary>
    public void Adopt(YamlBlock other)
    {
        _items.AddRange(other._items);
        _after.AddRange(other._after);
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        Write(text, 0);
        return text.ToString();
    }

    /// <summary>A name of l2tpd: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, of which the first is a letter or digit.</summary>
    public static string NameOf(string text, string fallback)
    {
        var letters = text.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-');
        var name = string.Concat(letters).TrimStart('-', '_', '.');
        return name.Length == 0 ? fallback : name[..Math.Min(name.Length, 48)];
    }

    /// <summary>A text for a comment: one line, without characters that YAML or a terminal acts on.</summary>
    public static string Printable(string text) =>
        string.Concat(text.Select(static c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' or '\ufeff' ? '?' : c));

    private void Write(StringBuilder text, int depth)
    {
        var indent = new string(' ', depth * 2);
        foreach (var item in _items)
        {
            if (item.Key is null)
                WriteComment(text, indent, item.Value);
            else if (item.Block is null)
                text.Append(indent).Append(item.Key).Append(':').Append(ValueOf(item.Value, indent)).Append('\n');
            else
                WriteBlock(text, item, depth);
        }

        foreach (var comment in _after)
            WriteComment(text, indent, comment);
    }

    private static void WriteBlock(StringBuilder text, Item item, int depth)
    {
        text.Append(' ', depth * 2).Append(item.Key).Append(item.Block!.HasKeys ? ":\n" : ": {}\n");
        item.Block.Write(text, depth + 1);
    }

    private static string ValueOf(string value, string indent) =>
        value.StartsWith('\n') ? value.Replace("\n", "\n" + indent + "  ", StringComparison.Ordinal) : " " + value;

    private static void WriteComment(StringBuilder text, string indent, string comment)
    {
        var line = new StringBuilder(indent).Append('#');
        foreach (var word in Printable(comment).Split(' '))
        {
            if (line.Length + word.Length >= Columns && line.Length > indent.Length + 4)
            {
                text.Append(line).Append('\n');
                line.Clear().Append(indent).Append("#  ");
            }

            line.Append(' ').Append(word);
        }

        text.Append(line).Append('\n');
    }

    private static string Quoted(string text)
    {
        if (IsPlain(text))
            return text;
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (char.IsControl(c) || c is '\u2028' or '\u2029' or '\ufeff')
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    private static bool IsPlain(string text) =>
        text.Length > 0 && (char.IsAsciiLetter(text[0]) || char.IsAsciiDigit(text[0]) || text[0] == '/')
        && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/')
        && !Reserved.Contains(text, StringComparer.OrdinalIgnoreCase);

    private static readonly string[] Reserved = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "none"];
}
