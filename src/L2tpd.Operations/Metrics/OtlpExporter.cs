using System.Net.Http.Headers;
using L2tpd.Operations.Control;
using Microsoft.Extensions.Logging;

namespace L2tpd.Operations.Metrics;

/// <summary>
/// Sends the metrics to a collector by OTLP over HTTP, one export at a time, on a task of its own: a collector that is slow or away delays
/// nothing but the next export. What cannot be sent is left out, the values are cumulative. The log says once that exports fail, and once
/// that they work again.
/// </summary>
public sealed partial class OtlpExporter : IAsyncDisposable
{
    private const string ContentType = "application/x-protobuf";

    private readonly OtlpSettings _settings;
    private readonly IControlPlane _plane;
    private readonly string _version;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly DateTimeOffset _startedAt;
    private readonly ProtobufBuffer _buffer = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http;
    private Task _running = Task.CompletedTask;
    private bool _fails;

    /// <param name="settings">Where and how often.</param>
    /// <param name="plane">Reads the registry.</param>
    /// <param name="version">The daemon's version.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where failures are told.</param>
    public OtlpExporter(OtlpSettings settings, IControlPlane plane, string version, TimeProvider time, ILogger log)
    {
        (_settings, _plane, _version, _time, _log) = (settings, plane, version, time, log);
        _startedAt = time.GetUtcNow();
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null })
        {
            Timeout = settings.Timeout,
        };
    }

    /// <summary>Starts the exports; the first one follows after one interval.</summary>
    public void Start()
    {
        LogStarted(Name, _settings.Interval.TotalSeconds);
        _running = RunAsync();
    }

    /// <summary>One export.</summary>
    /// <returns>Why it failed; <c>null</c> if the collector took it.</returns>
    public async Task<string?> ExportAsync(CancellationToken cancellation)
    {
        try
        {
            _buffer.Clear();
            var readings = await _plane.MetricsAsync(cancellation).ConfigureAwait(false);
            OtlpMessage.Write(_buffer, readings, _settings.Resource, _version, _startedAt, _time.GetUtcNow());
            using var request = new HttpRequestMessage(HttpMethod.Post, _settings.Endpoint);
            request.Content = new ReadOnlyMemoryContent(_buffer.Written);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
            foreach (var (name, value) in _settings.Headers)
                request.Headers.TryAddWithoutValidation(name, value);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)
                .ConfigureAwait(false);
            return response.IsSuccessStatusCode ? null : $"it answers with HTTP status {(int)response.StatusCode}";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"it does not answer within {_settings.Timeout.TotalSeconds:0.#} s";
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever it is: the next export may work, and nothing else depends on this one.
            return e.Message;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _http.Dispose();
        _stop.Dispose();
    }

    /// <summary>Reports the change from success to failure and back.</summary>
    internal void Report(string? failure)
    {
        if (failure is null && _fails)
            LogWorks(Name);
        else if (failure is not null && !_fails)
            LogFails(Name, failure);
        _fails = failure is not null;
    }

    // Without a user and a password that the address may have.
    private string Name => _settings.Endpoint.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.Unescaped);

    private async Task RunAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(_settings.Interval, _time);
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
                Report(await ExportAsync(_stop.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The daemon stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Sending metrics to {Endpoint} every {Seconds} s")]
    private partial void LogStarted(string endpoint, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Cannot send metrics to {Endpoint}: {Reason}. Trying again at each interval; the next line says when it works")]
    private partial void LogFails(string endpoint, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Metrics reach {Endpoint} again")]
    private partial void LogWorks(string endpoint);
}
