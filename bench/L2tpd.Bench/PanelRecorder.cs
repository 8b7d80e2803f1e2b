using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace L2tpd.Bench;

/// <summary>
/// Records what the dashboard shows of a run: sessions come in four waves and two of them leave again, Prometheus scrapes each second, and
/// each query of the dashboard is asked for the whole run. `L2tpd.Documents panels` draws the file. Needs Debian's prometheus in PATH.
/// </summary>
internal sealed class PanelRecorder(Options options)
{
    private const int Tunnels = 20;
    private const int Sessions = 250;
    private const int Waves = 4;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(8);

    public int Run(string dashboard, string output)
    {
        var directory = Directory.CreateTempSubdirectory("l2tpd-panels").FullName;
        var work = Workload.V2("panels", Tunnels, Sessions);
        var (metrics, web) = (ServerProcess.FreeTcpPort(), ServerProcess.FreeTcpPort());
        using var server = ServerProcess.L2tpd(options.Program, directory, work.Peer, $"metrics: {{ listen: 127.0.0.1:{metrics} }}");
        using var prometheus = StartPrometheus(directory, metrics, web);
        try
        {
            Thread.Sleep(Pause);
            var start = DateTimeOffset.UtcNow;
            Load(server.Address, work);
            Record(dashboard, output, web, start, DateTimeOffset.UtcNow);
        }
        finally
        {
            prometheus.Kill();
            prometheus.WaitForExit();
            Directory.Delete(directory, recursive: true);
        }

        return 0;
    }

    private static void Load(IPEndPoint server, Workload work)
    {
        var waves = new List<(LoadGenerator Generator, CancellationTokenSource Leave, Thread Thread)>();
        for (var i = 0; i < Waves; i++)
        {
            var generator = new LoadGenerator(
                server, Tunnels, Sessions, work.TunnelsAtOnce, work.Rules, new IPAddress([127, 0, 0, (byte)(10 + i)]));
            generator.SetUp(Tunnels, Tunnels * Sessions, Limit);
            var leave = new CancellationTokenSource();
            var thread = new Thread(() =>
            {
                while (!leave.IsCancellationRequested)
                    generator.Idle(TimeSpan.FromMilliseconds(200));
                generator.TearDown(TimeSpan.FromSeconds(5));
            });
            thread.Start();
            waves.Add((generator, leave, thread));
            Thread.Sleep(Pause);
        }

        foreach (var wave in waves)
        {
            wave.Leave.Cancel();
            wave.Thread.Join();
            wave.Generator.Dispose();
            wave.Leave.Dispose();
            Thread.Sleep(wave == waves[^1] ? TimeSpan.FromSeconds(3) : Pause / 2);
        }
    }

    private static Process StartPrometheus(string directory, int metrics, int web)
    {
        var file = Path.Combine(directory, "prometheus.yaml");
        File.WriteAllText(file, $$"""
            global: { scrape_interval: 1s, scrape_timeout: 1s }
            scrape_configs:
              - job_name: l2tpd
                static_configs: [{ targets: ["127.0.0.1:{{metrics}}"], labels: { instance: lns } }]
            """);
        return Process.Start(new ProcessStartInfo("prometheus",
        [
            $"--config.file={file}", $"--storage.tsdb.path={directory}/tsdb", $"--web.listen-address=127.0.0.1:{web}", "--log.level=error",
        ])
        { UseShellExecute = false })!;
    }

    private static void Record(string dashboard, string output, int web, DateTimeOffset start, DateTimeOffset end)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(dashboard));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{web}/") };
        using var file = File.Create(output);
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = false });
        json.WriteStartObject();
        json.WriteNumber("seconds", Math.Round((end - start).TotalSeconds));
        json.WriteStartArray("panels");
        foreach (var panel in document.RootElement.GetProperty("panels").EnumerateArray())
        {
            if (panel.GetProperty("type").GetString() == "timeseries")
                RecordPanel(panel, json, http, start, end);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void RecordPanel(JsonElement panel, Utf8JsonWriter json, HttpClient http, DateTimeOffset start, DateTimeOffset end)
    {
        json.WriteStartObject();
        json.WriteString("title", panel.GetProperty("title").GetString());
        json.WriteString("unit", panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString());
        json.WriteStartArray("series");
        foreach (var target in panel.GetProperty("targets").EnumerateArray())
        {
            var query = target.GetProperty("expr").GetString()!.Replace("$__rate_interval", "5s", StringComparison.Ordinal)
                .Replace("$instance", ".*", StringComparison.Ordinal).Replace("$peer", ".*", StringComparison.Ordinal);
            var path = string.Create(
                CultureInfo.InvariantCulture,
                $"api/v1/query_range?query={Uri.EscapeDataString(query)}&start={start.ToUnixTimeSeconds()}"
                    + $"&end={end.ToUnixTimeSeconds()}&step=1");
            using var answer = JsonDocument.Parse(http.GetStringAsync(new Uri(path, UriKind.Relative)).GetAwaiter().GetResult());
            foreach (var series in answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
                RecordSeries(target.GetProperty("legendFormat").GetString()!, series, json, start.ToUnixTimeSeconds());
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void RecordSeries(string legend, JsonElement series, Utf8JsonWriter json, long start)
    {
        var values = series.GetProperty("values").EnumerateArray()
            .Select(static pair => (At: pair[0].GetDouble(), Value: double.Parse(pair[1].GetString()!, CultureInfo.InvariantCulture)))
            .Where(static pair => double.IsFinite(pair.Value)).ToArray();
        if (values.All(static pair => pair.Value == 0))
            return;
        foreach (var label in series.GetProperty("metric").EnumerateObject())
            legend = legend.Replace($"{{{{{label.Name}}}}}", label.Value.GetString(), StringComparison.Ordinal);
        json.WriteStartObject();
        json.WriteString("name", legend.Trim());
        json.WriteStartArray("values");
        foreach (var (at, value) in values)
        {
            json.WriteStartArray();
            json.WriteNumberValue(at - start);
            json.WriteRawValue(value.ToString("G4", CultureInfo.InvariantCulture));
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
