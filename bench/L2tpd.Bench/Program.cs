using System.Globalization;
using System.Net;
using L2tpd.Bench;
using L2tpd.Linux.Sockets;

// bare PORT DIALECT: the responder; copy LOCAL REMOTE COUNT: the plain copy of frames; radius PORT SECRET: what l2tpns asks; calls LOCAL
// REMOTE COUNT: calls one at a time; subscribers LOCAL REMOTE COUNT KIND: PPP sessions; all started by the benchmark itself. Else: options.
if (args is ["bare", var port, var dialect])
{
    using var socket = UdpSocket.Open(new UdpSocketOptions
    {
        Local = SockAddr.From(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture)),
        ReceiveBuffer = 8 << 20, SendBuffer = 8 << 20, PacketInfo = true,
    });
    if (dialect == BareDialect.V2)
    {
        new BareResponder(socket).Run();
        return 0;
    }

    using var responder = new BareResponderV3(socket, BareDialect.DigestOf(dialect), BareDialect.Secret);
    responder.Run();
    return 0;
}

if (args is ["copy", var local, var remote, var count])
{
    using var copy = new CopyProgram(IPAddress.Parse(local), IPAddress.Parse(remote), int.Parse(count, CultureInfo.InvariantCulture));
    copy.Run();
    return 0;
}

if (args is ["radius", var radiusPort, var secret])
{
    new RadiusResponder(int.Parse(radiusPort, CultureInfo.InvariantCulture), secret).Run();
    return 0;
}

if (args is ["calls", var from, var to, var calls])
    return CallLatency.Call(IPAddress.Parse(from), IPAddress.Parse(to), int.Parse(calls, CultureInfo.InvariantCulture));

if (args is ["subscribers", var lac, var lns, var sessions, var kind])
{
    return SubscriberGenerator.Run(
        IPAddress.Parse(lac), IPAddress.Parse(lns), int.Parse(sessions, CultureInfo.InvariantCulture), kind == "dual");
}

var options = Options.Parse(args);
if (options.Dual > 0)
{
    using var dual = new DualStackBenchmark(options);
    return dual.Run();
}

if (options.Ipv6)
{
    using var families = new FamilyThroughput(options);
    return families.Run();
}

if (options.Ppp > 0)
{
    using var ppp = new PppBenchmark(options.Program, options.Ppp);
    return options.Lists ? ppp.RunLists(options.Rounds) : ppp.Run();
}

if (options.Radius > 0)
{
    if (options.Replay)
    {
        using var replay = new PppBenchmark(options.Program, options.Radius, new RadiusServerProgram(isFreeRadius: false));
        return replay.RunWithReplay();
    }

    foreach (var server in new RadiusServerProgram[] { new(false), new(true) })
    {
        using var radius = new PppBenchmark(options.Program, options.Radius, server);
        if (radius.Run() is not 0 and var failure)
            return failure;
    }

    return 0;
}

if (options.Configuration)
    return new ConfigurationBenchmark(options).Run();

if (options.Panels is { } panels)
    return new PanelRecorder(options).Run("config/grafana/l2tpd.json", panels);

if (options.Metrics)
    return new MetricsBenchmark(options).Run();

if (options.Latency)
{
    using var latency = new CallLatency(options);
    return latency.Run();
}

if (options.Rates)
{
    using var rates = new RateBenchmark(options);
    return rates.Run();
}

if (options.LibC)
{
    using var libc = new LibCBenchmark(options.Rounds);
    return libc.Run();
}

if (options.Programs is { } programs)
    return new ProgramComparison(options.Rounds, programs).Run();
if (options.Engine)
    return new EngineBenchmark(options.Rounds).Run();
if (options.Compare)
    return new BuildComparison(options).Run();
if (!options.Throughput)
    return new Benchmark(options).Run();
using var throughput = new Throughput(options);
return throughput.Run();
