using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace L2tpd.Cli;

/// <summary>A JSON array, one element a line, written as the elements come.</summary>
internal sealed class JsonArrayWriter<T>(TextWriter output, JsonTypeInfo<T> type)
{
    private bool _any;

    public void Write(IReadOnlyList<T> items)
    {
        foreach (var item in items)
        {
            output.Write(_any ? ",\n" : "[\n");
            output.Write(JsonSerializer.Serialize(item, type));
            _any = true;
        }
    }

    public void End() => output.Write(_any ? "\n]\n" : "[]\n");
}
