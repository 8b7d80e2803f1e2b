using System.Text.RegularExpressions;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>The examples of docs/control-api.md, against a daemon.</summary>
public sealed partial class ClientExampleTests
{
    private static readonly string Configuration = $"data-plane: \"null\"\nlog: {{ level: information, format: console }}\n"
        + $"listen: 127.0.0.1:{DaemonProcess.FreePort()}\npeers: {{ carrier: {{ match: {{ address: 192.0.2.0/24 }} }} }}\n";

    private static readonly string Text = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs/control-api.md"));

    [Fact]
    public void Each_call_of_curl_is_answered()
    {
        using var daemon = DaemonProcess.Start(Configuration);
        var calls = Text.Split('\n').Where(static line => line.StartsWith("curl ", StringComparison.Ordinal)).ToArray();
        Assert.True(calls.Length >= 4);
        foreach (var call in calls)
        {
            // One that follows does not end: 124 is what timeout makes of it.
            var output = NamespacePair.Run($"timeout 5 {Local(call, daemon)} || [ $? = 124 ]");
            if (!call.Contains("follow", StringComparison.Ordinal))
                Assert.StartsWith("{", output[output.IndexOf('{', StringComparison.Ordinal)..], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_client_in_python_reads_status_and_pages()
    {
        using var daemon = DaemonProcess.Start(Configuration);
        var file = Path.Combine(daemon.Directory, "client.py");
        File.WriteAllText(file, Local(PythonBlock().Match(Text).Groups[1].Value, daemon));
        var output = NamespacePair.Run($"timeout 30 python3 {file}");
        Assert.StartsWith("l2tpd ", output, StringComparison.Ordinal);
        Assert.Contains("\ncarrier: 0 tunnels, 0 sessions\n", output, StringComparison.Ordinal);
        Assert.Contains("there is no tunnel \"nobody\"", output, StringComparison.Ordinal);
    }

    private static string Local(string text, DaemonProcess daemon) =>
        text.Replace("/run/l2tpd/control.sock", $"{daemon.Directory}/control.sock", StringComparison.Ordinal);

    [GeneratedRegex("```python\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex PythonBlock();
}
