using System.Collections.Immutable;
using System.Globalization;

namespace L2tpd.Operations.Metrics;

/// <summary>
/// Where metrics are sent by OTLP over HTTP, as the <c>OTEL_*</c> variables of OpenTelemetry say (Environment Variable Specification, and
/// OTLP Exporter Configuration).
/// </summary>
public sealed record OtlpSettings
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1);

    /// <summary>Where each export is posted.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Further headers of each request; they may be secret and are not logged.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Attributes of the resource, with <c>service.name</c>.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Resource { get; init; } = [];

    /// <summary>From one export to the next.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long one export may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads the variables.</summary>
    /// <param name="get">The value of a variable; <c>null</c> if it is not set.</param>
    /// <param name="objection">Why the variables cannot be followed; <c>null</c> if they can, or ask for nothing.</param>
    /// <returns><c>null</c>: nothing is exported.</returns>
    public static OtlpSettings? Read(Func<string, string?> get, out string? objection)
    {
        objection = null;
        if (Of("OTEL_SDK_DISABLED") is "true" or "TRUE" or "True" || Of("OTEL_METRICS_EXPORTER") is { } exporter && exporter != "otlp")
            return null;
        var (name, endpoint) = Of("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") is { } own
            ? ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", own)
            : ("OTEL_EXPORTER_OTLP_ENDPOINT", Of("OTEL_EXPORTER_OTLP_ENDPOINT") is { } all ? $"{all.TrimEnd('/')}/v1/metrics" : null);
        if (endpoint is null)
            return null;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            objection = $"{name} is not an http or https address";
        else if ((Of("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL") ?? Of("OTEL_EXPORTER_OTLP_PROTOCOL")) is { } protocol and not "http/protobuf")
            objection = $"OTEL_EXPORTER_OTLP_PROTOCOL is {protocol}; l2tpd has http/protobuf only, to port 4318 of most collectors";
        if (objection is not null)
            return null;
        var defaults = new OtlpSettings { Endpoint = uri! };
        return defaults with
        {
            Headers = Pairs(Of("OTEL_EXPORTER_OTLP_METRICS_HEADERS") ?? Of("OTEL_EXPORTER_OTLP_HEADERS")),
            Resource = ResourceOf(Of("OTEL_SERVICE_NAME"), Pairs(Of("OTEL_RESOURCE_ATTRIBUTES"))),
            Interval = Milliseconds(Of("OTEL_METRIC_EXPORT_INTERVAL"), defaults.Interval),
            Timeout = Milliseconds(
                Of("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT") ?? Of("OTEL_EXPORTER_OTLP_TIMEOUT"), defaults.Timeout),
        };

        // An empty variable counts as one that is not set.
        string? Of(string variable) => get(variable) is { Length: > 0 } value ? value : null;
    }

    private static ImmutableArray<KeyValuePair<string, string>> ResourceOf(
        string? serviceName, ImmutableArray<KeyValuePair<string, string>> attributes)
    {
        const string ServiceName = "service.name";
        if (serviceName is null && attributes.Any(static pair => pair.Key == ServiceName))
            return attributes;
        return [KeyValuePair.Create(ServiceName, serviceName ?? "l2tpd"), .. attributes.Where(static pair => pair.Key != ServiceName)];
    }

    /// <summary>As W3C Baggage writes them: <c>key=value,key=value</c>, values with percent escapes.</summary>
    private static ImmutableArray<KeyValuePair<string, string>> Pairs(string? text)
    {
        var pairs = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                pairs.Add(KeyValuePair.Create(part[..equals].Trim(), Uri.UnescapeDataString(part[(equals + 1)..].Trim())));
        }

        return pairs.ToImmutable();
    }

    private static TimeSpan Milliseconds(string? text, TimeSpan otherwise)
    {
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            return otherwise;
        var span = TimeSpan.FromMilliseconds(Math.Min(milliseconds, (long)LongestInterval.TotalMilliseconds));
        return span < ShortestInterval ? ShortestInterval : span;
    }
}
