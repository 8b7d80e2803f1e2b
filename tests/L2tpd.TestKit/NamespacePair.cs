using System.Diagnostics;

namespace L2tpd.TestKit;

/// <summary>Two network namespaces of our own, joined by a link: 192.0.2.1 in the first, 192.0.2.2 in the second. Needs root.</summary>
internal sealed class NamespacePair : IDisposable
{
    private static int _count;

    public NamespacePair()
    {
        var number = Interlocked.Increment(ref _count);
        (First, Second) = ($"l2tpd-{Environment.ProcessId}-{number}a", $"l2tpd-{Environment.ProcessId}-{number}b");
        foreach (var name in new[] { First, Second })
            Run($"ip netns add {name}; ip -n {name} link set lo up");
        Run($"ip link add link0 netns {First} type veth peer name link0 netns {Second}");
        Run($"ip -n {First} addr add 192.0.2.1/24 dev link0; ip -n {Second} addr add 192.0.2.2/24 dev link0");
        Run($"ip -n {First} link set link0 up; ip -n {Second} link set link0 up");
    }

    public string First { get; }

    public string Second { get; }

    /// <summary>Runs shell commands; the first that fails is an error, with all that was said.</summary>
    public static string Run(string commands)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh",
            ["-ec", $"exec 2>&1; {commands}"]) { RedirectStandardOutput = true })!;
        var output = shell.StandardOutput.ReadToEnd();
        Assert.True(shell.WaitForExit(TimeSpan.FromSeconds(60)), $"still running: {commands}");
        Assert.True(shell.ExitCode == 0, $"{commands}: exit {shell.ExitCode}\n{output}");
        return output;
    }

    /// <summary>Pings until answered, for ten seconds at most.</summary>
    public static void Ping(string networkNamespace, string address, int octets = 56) =>
        Run($"ip netns exec {networkNamespace} ping -n -c 1 -w 10 -i 0.2 -M dont -s {octets} {address}");

    public void Dispose()
    {
        foreach (var name in new[] { First, Second })
            Run($"ip netns del {name}");
    }
}
