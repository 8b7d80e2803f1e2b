using System.Globalization;

namespace L2tpd.Bench;

/// <summary>Command line of the benchmark.</summary>
/// <param name="Rounds">Rounds of each measurement; the median counts.</param>
/// <param name="Program">The l2tpd to measure.</param>
/// <param name="IdleSeconds">How long the idle tunnels are watched; 0: not at all.</param>
/// <param name="Only">Only 100,000 sessions over that many tunnels; null: everything.</param>
/// <param name="Ppp">Runs the PPP benchmark instead, with this number of sessions between two daemons; 0: does not.</param>
/// <param name="Lists">With PPP: how long l2tpctl takes to list the sessions.</param>
/// <param name="Radius">Runs the RADIUS benchmark instead, with this number of PPP sessions; 0: does not.</param>
/// <param name="Replay">With RADIUS: what a spool of accounting records costs that is sent while sessions come up.</param>
/// <param name="Dual">Runs the dual-stack benchmark instead, with this number of subscribers of each kind; 0: does not.</param>
/// <param name="Throughput">What the userspace data plane carries, instead of what the control plane does.</param>
/// <param name="Ipv6">What a shared TUN carries over IPv6 and over IPv4, instead.</param>
/// <param name="Latency">How long calls take while the userspace data plane carries all it can, instead.</param>
/// <param name="Metrics">What a scrape of the metrics costs with 100,000 sessions, instead.</param>
/// <param name="Panels">Where the dashboard's panels of a run are recorded, instead; <c>null</c>: not.</param>
/// <param name="Rates">How exactly rates of subscribers are kept, instead.</param>
/// <param name="Seconds">Of one run of iperf3.</param>
/// <param name="Configuration">How long large files take to check and to start with, instead.</param>
/// <param name="LibC">What a call into the C library costs, ours next to Tmds.LibC's, instead.</param>
/// <param name="Engine">What a call costs the engine in this process, without sockets, instead.</param>
/// <param name="Programs">Builds of l2tpd to compare: NAME=PATH, separated by commas; <c>null</c>: none.</param>
/// <param name="L2tpns">The l2tpns to compare with; where it is not, its rows are left out.</param>
/// <param name="Compare">The native build next to the ReadyToRun build, instead.</param>
internal sealed record Options(int Rounds, string Program, int IdleSeconds, int? Only, int Ppp = 0, bool Lists = false, int Radius = 0,
    bool Replay = false, int Dual = 0, bool Throughput = false, bool Ipv6 = false, bool Latency = false,
    bool Rates = false, bool Metrics = false, string? Panels = null, int Seconds = 5,
    bool Configuration = false, bool Compare = false,
    bool LibC = false, bool Engine = false, string? Programs = null,
    string L2tpns = "/usr/sbin/l2tpns")
{
    public static Options Parse(string[] args)
    {
        var options = new Options(3, Path.GetFullPath("out/l2tpd"), 60, null);
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--rounds" => options with { Rounds = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--program" => options with { Program = args[++i] },
                "--idle" => options with { IdleSeconds = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--only" => options with { Only = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--ppp" => options with { Ppp = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--lists" => options with { Lists = true },
                "--radius" => options with { Radius = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--replay" => options with { Replay = true },
                "--dual" => options with { Dual = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--ipv6" => options with { Ipv6 = true },
                "--throughput" => options with { Throughput = true },
                "--configuration" => options with { Configuration = true },
                "--compare" => options with { Compare = true },
                "--programs" => options with { Programs = args[++i] },
                "--engine" => options with { Engine = true },
                "--libc" => options with { LibC = true },
                "--latency" => options with { Latency = true },
                "--rates" => options with { Rates = true },
                "--panels" => options with { Panels = Path.GetFullPath(args[++i]) },
                "--metrics" => options with { Metrics = true },
                "--seconds" => options with { Seconds = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--l2tpns" => options with { L2tpns = Path.GetFullPath(args[++i]) },
                _ => throw new ArgumentException($"unknown argument {args[i]}; there are --rounds N, --program PATH, --idle SECONDS "
                    + "(0: skip), --only TUNNELS, --ppp SESSIONS, --lists, --radius SESSIONS, --replay, --dual SESSIONS (need root), "
                    + "--throughput, --ipv6, --latency, --rates, --metrics, --panels FILE, --compare, --configuration, --libc, --engine, "
                    + "--programs NAME=PATH,..., --seconds N, --l2tpns PATH"),
            };
        }

        return options;
    }
}
