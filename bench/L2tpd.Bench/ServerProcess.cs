using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace L2tpd.Bench;

/// <summary>A responder in a process of its own, and what /proc says of it.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, IPEndPoint address)
    {
        _process = process;
        Address = address;
    }

    public IPEndPoint Address { get; }

    /// <summary>User and system time of its threads so far, seconds: to the nanosecond, where /proc/PID/stat counts ticks.</summary>
    public double CpuSeconds => Directory.EnumerateDirectories($"/proc/{_process.Id}/task")
        .Sum(static task => long.Parse(File.ReadAllText($"{task}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture)) / 1e9;

    /// <summary>Resident memory, octets.</summary>
    public long ResidentBytes => File.ReadLines($"/proc/{_process.Id}/status")
        .Where(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(l => long.Parse(l[6..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024)
        .First();

    /// <param name="dialect">One of <see cref="BareDialect"/>.</param>
    public static ServerProcess Bare(string dialect = BareDialect.V2)
    {
        var port = FreePort();
        return Start(Environment.ProcessPath!, ["bare", port.ToString(CultureInfo.InvariantCulture), dialect], port);
    }

    /// <param name="program">The daemon.</param>
    /// <param name="directory">For its files.</param>
    /// <param name="peer">YAML of its peer profile, in braces.</param>
    /// <param name="more">Further lines of its file.</param>
    public static ServerProcess L2tpd(string program, string directory, string peer, string more = "")
    {
        var port = FreePort();
        var file = Path.Combine(directory, "bench.yaml");
        File.WriteAllText(file, $$"""
            listen: 127.0.0.1:{{port}}
            data-plane: "null"
            state-file: {{directory}}/state
            control: { socket: {{directory}}/control.sock, mode: 0600 }
            log: { level: warning }
            limits:
              tunnels: 65535
              sessions: 100000000
              half-open: 65535
              half-open-per-source: 65535
              sccrq-rate-per-source: 1000000
              sccrq-burst-per-source: 1000000
            peers:
              any: {{peer}}
            {{more}}
            """);
        return Start(program, ["--config", file], port);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>A TCP port of the loopback address that nobody uses now.</summary>
    public static int FreeTcpPort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static int FreePort()
    {
        using var probe = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.Client.LocalEndPoint!).Port;
    }

    private static ServerProcess Start(string program, string[] arguments, int port)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })
            ?? throw new InvalidOperationException($"cannot start {program}");
        for (var i = 0; i < 5_000 && !IsBound(port); i++)
            Thread.Sleep(2);
        return new ServerProcess(process, new IPEndPoint(IPAddress.Loopback, port));
    }

    private static bool IsBound(int port)
    {
        try
        {
            using var probe = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
