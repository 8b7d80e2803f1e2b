using L2tpd.Cli;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>A trace of a real call, as text and as a capture that tshark reads.</summary>
public sealed class TraceTests
{
    [Fact]
    public async Task A_call_is_traced_from_its_SCCRQ_to_its_data_without_the_password()
    {
        using var pair = new NamespacePair();
        using var lns = DaemonProcess.Start(UserspacePppTests.Example(), networkNamespace: pair.Second);
        var capture = Path.Combine(lns.Directory, "call.pcap");
        var socket = $"{lns.Directory}/control.sock";
        var text = Trace(socket, "192.0.2.1", "--for", "60s", "--count", "24");
        var written = Trace(socket, "192.0.2.1", "--for", "60s", "--count", "24", "-w", capture);
        lns.WaitUntil(
            () => lns.Lines.Count(static line => line.Contains("are traced for at most", StringComparison.Ordinal)) == 2, "two traces");
        using var lac = DaemonProcess.Start(
            "data-plane: userspace\ntunnels: { t: { lns: 192.0.2.2, secret: test, sessions: { s: { ppp: { backend: built-in, "
                + "user: test, password: test, auth: pap, echo-interval: 1s } } } } }\n", networkNamespace: pair.First);
        var (code, lines) = await text;
        Assert.Equal(ExitCodes.Ok, code);
        Assert.Contains("< 192.0.2.1:", lines, StringComparison.Ordinal);
        Assert.Contains(" SCCRQ v2 tunnel 0 session 0 Ns 0 Nr 0\n    Protocol Version: 1.0\n", lines, StringComparison.Ordinal);
        Assert.Contains("Challenge Response: 16 octets, not shown", lines, StringComparison.Ordinal);
        Assert.Contains(
            "user test PAP Authenticate-Request id 1\n    Peer-ID: \"test\"\n    Password: 4 octets, not shown\n", lines,
            StringComparison.Ordinal);
        Assert.Contains("IPCP Configure-Ack", lines, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Ok, (await written).Code);
        Assert.Equal("600\n", NamespacePair.Run($"stat -c %a {capture}"));
        AssertDissected(capture);
    }

    private static void AssertDissected(string capture)
    {
        var all = NamespacePair.Run($"tshark -r {capture} -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -V");
        Assert.DoesNotContain("Malformed", all, StringComparison.Ordinal);
        Assert.DoesNotContain("[Bad]", all, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(24, all.Split('\n').Count(static line => line.StartsWith("Layer 2 Tunneling Protocol", StringComparison.Ordinal)));
        foreach (var protocol in new[] { "Start_Control_Request", "PPP Link Control Protocol", "PPP IP Control Protocol" })
            Assert.Contains(protocol, all, StringComparison.Ordinal);
        var proof = NamespacePair.Run($"tshark -r {capture} -Y 'pap.code == 1' -T fields -e pap.peer_id -e pap.password 2> /dev/null");
        Assert.Equal("test", proof.Split('\n')[0].Split('\t')[0]);
        Assert.DoesNotContain("test", proof.Split('\n')[0].Split('\t')[1], StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Text)> Trace(string socket, params string[] arguments)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync(
            ["--socket", socket, "trace", .. arguments], new Screen(output, error, false, int.MaxValue, false));
        return (code, output.ToString() + error);
    }
}
