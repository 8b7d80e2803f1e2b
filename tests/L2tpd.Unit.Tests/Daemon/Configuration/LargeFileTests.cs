using System.Diagnostics;
using System.Text;

namespace L2tpd.Unit.Tests.Daemon.Configuration;

/// <summary>
/// Reading takes time in proportion to the file. Each kind is large enough that one comparison of every entry with every other would take minutes; the
/// bound leaves room for a loaded machine. `./run bench --configuration` measures.
/// </summary>
public sealed class LargeFileTests
{
    private const int Many = 40_000;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(25);

    public static TheoryData<string> Kinds() =>
        ["v3 sessions of one tunnel", "endpoints of one peer", "static sessions and tunnels", "peers", "tunnels that name a peer", "ppp profiles with pools", "users"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Is_read_in_time(string kind)
    {
        var text = Text(kind);
        var clock = Stopwatch.StartNew();
        var result = TemporaryConfiguration.LoadText(text);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Bound);
        Assert.Empty(result.Errors.Take(3).Select(static error => error.ToString()));
    }

    private static string Text(string kind)
    {
        var text = new StringBuilder();
        switch (kind)
        {
            case "v3 sessions of one tunnel":
                Rows("tunnels:\n  t:\n    lns: 192.0.2.1\n    protocol: v3\n    sessions:\n", static i => $"      s{i}: {{ remote-end-id: e{i} }}\n");
                break;
            case "endpoints of one peer":
                Rows("listen: 0.0.0.0\npeers:\n  p:\n    protocol: v3\n    endpoints:\n", static i => $"      e{i}: {{}}\n");
                break;
            case "static sessions and tunnels":
                Rows("tunnels:\n", static i => $"  t{i}: {{ protocol: static, remote: 10.{i >> 16}.{(i >> 8) & 255}.{i & 255}, tunnel-id: {i + 1}, peer-tunnel-id: 1, sessions: {{ s: {{ session-id: {i + 1}, peer-session-id: 1 }} }} }}\n");
                break;
            case "peers":
                Rows("listen: 0.0.0.0\npeers:\n", static i => $"  p{i}: {{ match: {{ address: 10.{i >> 16}.{(i >> 8) & 255}.{i & 255}, host-name: h{i} }}, lns: {{ ppp: none }} }}\n");
                break;
            case "tunnels that name a peer":
                Rows("peers:\n", static i => $"  p{i}: {{ match: {{ host-name: h{i} }}, lns: {{ ppp: none }} }}\n");
                Rows("tunnels:\n", static i => $"  t{i}: {{ lns: 192.0.2.1, peer: p{i} }}\n");
                break;
            case "ppp profiles with pools":
                Rows("data-plane: kernel\nppp:\n", static i => $"  x{i}: {{ local: 11.0.0.{i % 250}, pool: 10.{i >> 14}.{(i >> 6) & 255}.{(i & 63) << 2}/30 }}\n");
                break;
            default:
                text.Append("listen: 0.0.0.0\npeers: { p: { protocol: v3, endpoints: { a: { ppp: x }, b: { ppp: x } } } }\nppp:\n  x:\n    backend: built-in\n    auth: chap\n    local: 11.0.0.1\n    users:\n");
                Rows("", static i => $"      u{i}: {{ password: p{i}, address: 10.{i >> 16}.{(i >> 8) & 255}.{i & 255} }}\n".Replace("10.0.0.0 ", "12.0.0.1 ", StringComparison.Ordinal));
                break;
        }
        return text.ToString();

        void Rows(string head, Func<int, string> row)
        {
            text.Append(head);
            for (var i = 0; i < Many; i++)
                text.Append(row(i));
        }
    }
}
