using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace L2tpd.Cli;

/// <summary>A view as lines "property: value"; nested properties are named "counters.messages-sent".</summary>
internal sealed class PropertyLines
{
    private readonly List<(string Name, string Value)> _lines = [];

    public void Add(string name, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                    Add(name.Length == 0 ? Kebab(member.Name) : $"{name}.{Kebab(member.Name)}", member.Value);
                break;
            case JsonValueKind.Array:
                _lines.Add((name, ListText(value)));
                break;
            case JsonValueKind.True:
                _lines.Add((name, "yes"));
                break;
            case JsonValueKind.False:
                _lines.Add((name, "no"));
                break;
            case JsonValueKind.Number when name.EndsWith("-seconds", StringComparison.Ordinal):
                _lines.Add((name[..^"-seconds".Length], DisplayText.Duration(value.GetDouble())));
                break;
            case JsonValueKind.String when IsTime(name) && value.TryGetDateTimeOffset(out var at):
                _lines.Add((name, DisplayText.Time(at)));
                break;
            default:
                _lines.Add((name, DisplayText.Clean(value.ToString())));
                break;
        }
    }

    public void Write(Screen screen)
    {
        var width = _lines.Count == 0 ? 0 : _lines.Max(static l => l.Name.Length) + 1;
        var console = screen.Colour ? Terminal.Open(screen) : null;
        foreach (var (name, value) in _lines)
        {
            var label = (name + ":").PadRight(width);
            if (console is null)
                screen.Out.Write($"{label} {value}\n");
            else
                console.MarkupLine($"[bold]{Markup.Escape(label)}[/] {Markup.Escape(value)}");
        }
    }

    private static bool IsTime(string name) =>
        name.EndsWith("-at", StringComparison.Ordinal) || name.EndsWith(".at", StringComparison.Ordinal)
        || name.EndsWith(".until", StringComparison.Ordinal);

    private static string ListText(JsonElement array) => array.GetArrayLength() == 0
        ? "none"
        : string.Join(", ", array.EnumerateArray().Select(static element => DisplayText.Clean(element.ToString())));

    private static string Kebab(string camel)
    {
        var text = new StringBuilder(camel.Length + 8);
        foreach (var c in camel)
        {
            if (char.IsAsciiLetterUpper(c))
                text.Append('-').Append(char.ToLower(c, CultureInfo.InvariantCulture));
            else
                text.Append(c);
        }

        return text.ToString();
    }
}
