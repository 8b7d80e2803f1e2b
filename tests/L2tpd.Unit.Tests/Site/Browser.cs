using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace L2tpd.Unit.Tests.Site;

/// <summary>
/// A headless Chromium with one page, steered by its DevTools protocol over a WebSocket on loopback. Commands are sent one after another.
/// Not safe for use from several threads.
/// </summary>
internal sealed partial class Browser : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly Queue<JsonNode> _events = new();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private string? _session;
    private int _lastCommand;

    private Browser(Process process, string profile) => (_process, _profile) = (process, profile);

    /// <summary>Starts Chromium; <c>null</c> if it is not installed.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It is not installed, and <c>CI</c> is set: it must be.</exception>
    public static async Task<Browser?> OpenAsync(ITestOutputHelper output)
    {
        var profile = Directory.CreateTempSubdirectory("l2tpd-chromium-").FullName;
        // Root has no sandbox of Chromium's; the pages are our own. /dev/shm is small in many containers.
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank",
        ];
        try
        {
            var process = Process.Start(new ProcessStartInfo("chromium", arguments)
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            var browser = new Browser(process, profile);
            await browser.ConnectAsync();
            return browser;
        }
        catch (System.ComponentModel.Win32Exception) when (Environment.GetEnvironmentVariable("CI") is null)
        {
            output.WriteLine("chromium is not installed: nothing was checked");
            Directory.Delete(profile, recursive: true);
            return null;
        }
    }

    /// <summary>Makes the page this wide, in CSS pixels.</summary>
    public Task ResizeAsync(int width) => SendAsync("Emulation.setDeviceMetricsOverride", new JsonObject
    {
        ["width"] = width, ["height"] = 900, ["deviceScaleFactor"] = 1, ["mobile"] = false,
    });

    /// <summary>Opens an address, and waits until it is loaded with all that it names.</summary>
    /// <returns>What went wrong: failed requests, errors of the console, requests to other hosts.</returns>
    public async Task<IReadOnlyList<string>> NavigateAsync(string address)
    {
        _events.Clear();
        var answer = await SendAsync("Page.navigate", new JsonObject { ["url"] = address });
        if (answer["errorText"] is { } error)
            return [(bool?)answer["isDownload"] == true ? "cannot be shown: the browser saves it as a file" : $"cannot be opened: {error}"];
        var problems = new List<string>();
        while (true)
        {
            var one = _events.Count > 0 ? _events.Dequeue() : await ReceiveAsync();
            if (ProblemOf(one) is { } problem)
                problems.Add(problem);
            if ((string?)one["method"] == "Page.loadEventFired")
                return problems;
        }
    }

    /// <summary>Evaluates a JavaScript expression in the page; its value must be JSON.</summary>
    public async Task<JsonNode> EvaluateAsync(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true });
        return answer["exceptionDetails"] is { } details
            ? throw new InvalidOperationException(details.ToJsonString())
            : answer["result"]!["value"]!;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        // Processes of the tree may still write for a moment.
        for (var tries = 0; tries < 50; tries++)
        {
            try
            {
                Directory.Delete(_profile, recursive: true);
                return;
            }
            catch (IOException)
            {
                await Task.Delay(100);
            }
        }
    }

    private async Task ConnectAsync()
    {
        using var limit = new CancellationTokenSource(LongestWait);
        var said = new List<string>();
        Match match;
        do
        {
            var line = await _process.StandardError.ReadLineAsync(limit.Token)
                ?? throw new InvalidOperationException("chromium ended: " + string.Join('\n', said));
            said.Add(line);
            match = Listening().Match(line);
        }
        while (!match.Success);
        // What it says further must not fill the pipes.
        _ = _process.StandardError.ReadToEndAsync(CancellationToken.None);
        _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await _socket.ConnectAsync(new Uri(match.Groups[1].Value), limit.Token);
        var page = await SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" });
        var attached = await SendAsync(
            "Target.attachToTarget", new JsonObject { ["targetId"] = (string)page["targetId"]!, ["flatten"] = true });
        _session = (string)attached["sessionId"]!;
        foreach (var domain in (string[])["Page", "Runtime", "Network", "Log"])
            await SendAsync(domain + ".enable", []);
    }

    private async Task<JsonNode> SendAsync(string method, JsonObject parameters)
    {
        var id = ++_lastCommand;
        var command = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
            command["sessionId"] = _session;
        using var limit = new CancellationTokenSource(LongestWait);
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(command), WebSocketMessageType.Text, true, limit.Token);
        while (true)
        {
            var message = await ReceiveAsync();
            if ((int?)message["id"] != id)
                _events.Enqueue(message);
            else
                return message["result"] ?? throw new InvalidOperationException($"{method}: {message["error"]?.ToJsonString()}");
        }
    }

    private async Task<JsonNode> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(LongestWait);
        using var whole = new MemoryStream();
        while (true)
        {
            var part = await _socket.ReceiveAsync(_buffer, limit.Token);
            if (part.MessageType == WebSocketMessageType.Close)
                throw new InvalidOperationException("chromium closed its connection");
            whole.Write(_buffer, 0, part.Count);
            if (part.EndOfMessage)
                return JsonNode.Parse(whole.ToArray())!;
        }
    }

    private static string? ProblemOf(JsonNode message)
    {
        var parameters = message["params"];
        return (string?)message["method"] switch
        {
            "Network.loadingFailed" => $"a request failed: {parameters!["errorText"]}",
            "Network.requestWillBeSent" when (string)parameters!["request"]!["url"]! is var url
                && !url.StartsWith("file:", StringComparison.Ordinal) => $"a request leaves the site: {url}",
            "Runtime.exceptionThrown" => $"an exception: {parameters!["exceptionDetails"]!["text"]}",
            "Runtime.consoleAPICalled" when (string?)parameters!["type"] is "error" or "assert" =>
                $"an error on the console: {parameters["args"]!.ToJsonString()}",
            "Log.entryAdded" when (string?)parameters!["entry"]!["level"] == "error" =>
                $"an error in the log: {parameters["entry"]!["text"]} {parameters["entry"]!["url"]}",
            _ => null,
        };
    }

    [GeneratedRegex(@"^DevTools listening on (ws://\S+)$")]
    private static partial Regex Listening();
}
