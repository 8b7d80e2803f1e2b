using System.Text.Json;
using System.Text.Json.Serialization;
using L2tpd.Protocol;

namespace L2tpd.Engine.Snapshots;

/// <summary>A session id is a number in a snapshot.</summary>
internal sealed class SessionIdConverter : JsonConverter<SessionId>
{
    public override SessionId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetUInt32());

    public override void Write(Utf8JsonWriter writer, SessionId value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}
