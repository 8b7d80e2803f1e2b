using System.Globalization;
using System.Net;
using L2tpd.Bench;
using L2tpd.Linux.Sockets;

// bare PORT: the responder, started by the benchmark itself. Else: [--rounds N] [--program PATH] [--idle SECONDS] [--only TUNNELS] [--ppp SESSIONS]
if (args is ["bare", var port])
{
    using var socket = UdpSocket.Open(new UdpSocketOptions
    {
        Local = SockAddr.From(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture)),
        ReuseAddress = false, ReceiveBuffer = 8 << 20, SendBuffer = 8 << 20, PacketInfo = true,
    });
    new BareResponder(socket).Run();
    return 0;
}

var options = Options.Parse(args);
if (options.Ppp > 0)
{
    using var ppp = new PppBenchmark(options.Program, options.Ppp);
    return ppp.Run();
}

return new Benchmark(options).Run();
