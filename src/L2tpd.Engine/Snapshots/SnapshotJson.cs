using System.Text.Json.Serialization;

namespace L2tpd.Engine.Snapshots;

/// <summary>
/// Code for the JSON of snapshots, generated at build time: no reflection, so that trimming and native AOT keep it whole.
/// </summary>
[JsonSourceGenerationOptions(
    IgnoreReadOnlyProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(TunnelIdConverter), typeof(SessionIdConverter)])]
[JsonSerializable(typeof(EngineSnapshot))]
internal sealed partial class SnapshotJson : JsonSerializerContext;
