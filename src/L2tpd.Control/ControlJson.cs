using System.Text.Json.Serialization;

namespace L2tpd.Control;

/// <summary>The serializer of the control API: camelCase, without <c>null</c> members, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Page<TunnelView>), TypeInfoPropertyName = "TunnelPage")]
[JsonSerializable(typeof(Page<SessionView>), TypeInfoPropertyName = "SessionPage")]
[JsonSerializable(typeof(Page<RouteView>), TypeInfoPropertyName = "RoutePage")]
[JsonSerializable(typeof(Page<PeerView>), TypeInfoPropertyName = "PeerPage")]
[JsonSerializable(typeof(Page<HistoryEntryView>), TypeInfoPropertyName = "HistoryPage")]
[JsonSerializable(typeof(BusiestView))]
[JsonSerializable(typeof(StatusView))]
[JsonSerializable(typeof(CountersView))]
[JsonSerializable(typeof(RadiusView))]
[JsonSerializable(typeof(PoolsView))]
[JsonSerializable(typeof(ConfigurationView))]
[JsonSerializable(typeof(ExplanationView))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(TraceView))]
[JsonSerializable(typeof(LogLevelView))]
[JsonSerializable(typeof(ClosedView))]
[JsonSerializable(typeof(ChangedView))]
[JsonSerializable(typeof(ReloadView))]
[JsonSerializable(typeof(ClosingView))]
[JsonSerializable(typeof(ActionView))]
[JsonSerializable(typeof(DrainView))]
[JsonSerializable(typeof(Problem))]
public sealed partial class ControlJson : JsonSerializerContext;
