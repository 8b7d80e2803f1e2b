using System.Text;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>
/// The loading time is proportional to the size of the file: twice the number of entries takes twice the time, not four times, as it would
/// if each were compared with every other. The test measures the time of this thread, so that the load of the machine does not matter.
/// `./run bench --configuration` measures more.
/// </summary>
public sealed class LargeFileTests
{
    private const int Many = 8_000;
    private const double MostTimes = 3;
    private const int Attempts = 4;

    public static TheoryData<string> Kinds() =>
        ["v3 sessions of one tunnel", "endpoints of one peer", "static sessions and tunnels", "peers", "tunnels that name a peer",
            "ppp profiles with pools", "users"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Takes_twice_the_time_for_twice_as_many(string kind)
    {
        var (once, twice) = (Text(kind, Many), Text(kind, 2 * Many));
        Measure(once);
        var ratios = new List<double>();
        // A garbage collection for other tests may fall into one of the measurements.
        while (ratios.Count < Attempts && (ratios.Count == 0 || ratios.Min() > MostTimes))
            ratios.Add(Measure(twice) / Measure(once));
        Assert.InRange(ratios.Min(), 0, MostTimes);
    }

    private static double Measure(string text)
    {
        var before = ThreadClock.Seconds;
        var result = TemporaryConfiguration.LoadText(text);
        var took = ThreadClock.Seconds - before;
        Assert.Empty(result.Errors.Take(3).Select(static error => error.ToString()));
        return took;
    }

    private static string Text(string kind, int many)
    {
        var text = new StringBuilder();
        switch (kind)
        {
            case "v3 sessions of one tunnel":
                Rows("tunnels:\n  t:\n    lns: 192.0.2.1\n    protocol: v3\n    sessions:\n", static i =>
                    $"      s{i}: {{ remote-end-id: e{i} }}\n");
                break;
            case "endpoints of one peer":
                Rows("listen: 0.0.0.0\npeers:\n  p:\n    protocol: v3\n    endpoints:\n", static i => $"      e{i}: {{}}\n");
                break;
            case "static sessions and tunnels":
                Rows("tunnels:\n", static i => $"  t{i}: {{ protocol: static, remote: 10.{i >> 16}.{(i >> 8) & 255}.{i & 255}, tunnel-id: "
                    + $"{i + 1}, peer-tunnel-id: 1, sessions: {{ s: {{ session-id: {i + 1}, peer-session-id: 1 }} }} }}\n");
                break;
            case "peers":
                Rows("listen: 0.0.0.0\npeers:\n", static i =>
                    $"  p{i}: {{ match: {{ address: 10.{i >> 16}.{(i >> 8) & 255}.{i & 255}, host-name: h{i} }}, lns: {{ ppp: "
                    + $"none }} }}\n");
                break;
            case "tunnels that name a peer":
                Rows("peers:\n", static i => $"  p{i}: {{ match: {{ host-name: h{i} }}, lns: {{ ppp: none }} }}\n");
                Rows("tunnels:\n", static i => $"  t{i}: {{ lns: 192.0.2.1, peer: p{i} }}\n");
                break;
            case "ppp profiles with pools":
                Rows("data-plane: kernel\nppp:\n", static i =>
                    $"  x{i}: {{ local: 11.0.0.{i % 250}, pool: 10.{i >> 14}.{(i >> 6) & 255}.{(i & 63) << 2}/30 }}\n");
                break;
            default:
                text.Append("listen: 0.0.0.0\npeers: { p: { protocol: v3, endpoints: { a: { ppp: x }, b: { ppp: x } } } }\nppp:\n  x:\n   "
                    + " backend: built-in\n    auth: chap\n    local: 11.0.0.1\n    users:\n");
                Rows("", static i => $"      u{i}: {{ password: p{i}, address: 10.{i >> 16}.{(i >> 8) & 255}.{i & 255} }}\n".Replace(
                    "10.0.0.0 ", "12.0.0.1 ", StringComparison.Ordinal));
                break;
        }

        return text.ToString();

        void Rows(string head, Func<int, string> row)
        {
            text.Append(head);
            for (var i = 0; i < many; i++)
                text.Append(row(i));
        }
    }
}
