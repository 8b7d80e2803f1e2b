using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace L2tpd.Cli;

/// <summary>Writes a JSON array incrementally, one element per line.</summary>
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
