using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using L2tpd.Control;

namespace L2tpd.Attack.Tests;

/// <summary>The attacks that a user of the same machine can try, uid 65534 without any capability.</summary>
public sealed class LocalUserTests(ITestOutputHelper output)
{
    private const int Port = 1_701;
    private const int IdleConnections = 200;

    private const string Lns = """
        listen: 192.0.2.1:1701
        data-plane: "null"
        peers: { anyone: { secret: opensesame } }
        """;

    [Theory]
    [InlineData("192.0.2.1:1701", "192.0.2.1", "0.0.0.0")]
    [InlineData("0.0.0.0:1701", "192.0.2.1", "127.0.0.1", "0.0.0.0")]
    [InlineData("\"[::]:1701\"", "::1", "::")]
    [InlineData("[ \"127.0.0.1:1701\", \"[::1]:1701\" ]", "127.0.0.1", "::1", "0.0.0.0", "::")]
    public void Cannot_bind_the_port_of_a_listener(string listen, params string[] addresses)
    {
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start(Lns.Replace("192.0.2.1:1701", listen, StringComparison.Ordinal),
            networkNamespace: link.First);
        AssertCannotBind(link.First, addresses);
    }

    [Fact]
    public void Cannot_bind_it_where_the_daemon_carries_data_by_a_second_socket()
    {
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start(Lns.Replace("\"null\"", "userspace", StringComparison.Ordinal),
            networkNamespace: link.First);
        AssertCannotBind(link.First, "192.0.2.1", "0.0.0.0");
    }

    [Fact]
    public void Cannot_bind_the_fixed_port_of_a_dialled_tunnel()
    {
        using var link = new NamespacePair();
        using var peer = new NullSink(link.Second);
        using var daemon = DaemonProcess.Start("""
            data-plane: "null"
            tunnels: { a: { lns: 192.0.2.2, source-port: 1701 } }
            """, networkNamespace: link.First);
        peer.WaitForDatagram();
        AssertCannotBind(link.First, "192.0.2.1", "0.0.0.0");
    }

    /// <summary>Sockets of tunnels are opened and closed next to the listener: at no moment may another user's socket receive.</summary>
    [Fact]
    public void Cannot_bind_it_at_any_moment_while_sockets_are_opened_beside_it()
    {
        using var link = new NamespacePair();
        const string lns = """
            listen: { address: 192.0.2.1:1701, bind-device: link0 }
            data-plane: "null"
            peers: { anyone: { secret: opensesame } }
            """;
        var tunnels = string.Concat(Enumerable.Range(0, 40).Select(n =>
            $"  t{n}: {{ lns: 192.0.2.2, source-port: 1701, bind-device: link0, backoff: {{ initial: 100ms, maximum: 200ms }}, timers: {{ "
                + $"tunnel-setup: 300ms }} }}\n"));
        using var stop = new CancellationTokenSource();
        using var daemon = DaemonProcess.Start(lns + "\ntunnels:\n" + tunnels, networkNamespace: link.First);
        var (tries, bound) = (0L, 0L);
        var attacker = AsUser.Start(() =>
        {
            using var socket = Reusing(AddressFamily.InterNetwork);
            while (!stop.IsCancellationRequested && bound == 0)
            {
                tries++;
                bound += TryBind(socket, IPAddress.Any) is null ? 1 : 0;
            }
        }, link.First);
        daemon.WaitUntil(() => daemon.Lines.Count(line => line.Contains("trying again", StringComparison.Ordinal)) > 400
            || bound > 0, "sockets opened and closed");
        stop.Cancel();
        attacker.Join();
        output.WriteLine($"{tries} attempts to bind, {bound} of them taken");
        Assert.Equal(0, bound);
        Assert.DoesNotContain("EADDRINUSE", daemon.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cannot_lock_out_others_by_idle_connections_to_the_control_socket()
    {
        using var daemon = DaemonProcess.Start(Lns.Replace("192.0.2.1:1701", "[]", StringComparison.Ordinal));
        var path = Path.Combine(daemon.Directory, "control.sock");
        Open(daemon.Directory, path);
        var idle = new List<Socket>();
        AsUser.Run(() =>
        {
            for (var i = 0; i < IdleConnections; i++)
                idle.Add(Connected(path));
        });
        await AssertAnswers(path);
        AsUser.Run(() => { using var user = Connected(path); AssertAnswered(user); });
        // Forgotten connections of root do not lock root out either.
        for (var i = 0; i < IdleConnections; i++)
            idle.Add(Connected(path));
        await AssertAnswers(path);
        idle.ForEach(static socket => socket.Dispose());
    }

    /// <summary>Requests that are repeated without a pause, on the largest possible number of connections.</summary>
    [Fact]
    public async Task Cannot_lock_out_root_by_busy_connections_to_the_control_socket()
    {
        using var daemon = DaemonProcess.Start(Lns.Replace("192.0.2.1:1701", "[]", StringComparison.Ordinal));
        var path = Path.Combine(daemon.Directory, "control.sock");
        Open(daemon.Directory, path);
        var busy = new List<Socket>();
        AsUser.Run(() =>
        {
            for (var i = 0; i < IdleConnections; i++)
            {
                // Half a request: its connection is not idle.
                var socket = Connected(path);
                socket.Send("GET /v1/status HTTP/1.1\r\n"u8);
                busy.Add(socket);
            }
        });
        var watch = Stopwatch.StartNew();
        await AssertAnswers(path);
        output.WriteLine($"root was answered within {watch.ElapsedMilliseconds} ms");
        busy.ForEach(static socket => socket.Dispose());
    }

    private static async Task AssertAnswers(string path)
    {
        using var client = new ControlClient(path);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        Assert.Equal(0, (await client.StatusAsync(patience.Token)).Sessions);
    }

    private static void AssertAnswered(Socket socket)
    {
        socket.ReceiveTimeout = 4_000;
        socket.Send("GET /v1/status HTTP/1.1\r\nHost: l2tpd\r\n\r\n"u8);
        var answer = new byte[12];
        Assert.Equal(answer.Length, socket.Receive(answer));
        Assert.Equal("HTTP/1.1 200"u8.ToArray(), answer);
    }

    private static void Open(string directory, string socket)
    {
        if (!OperatingSystem.IsLinux())
            return;
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(socket, (UnixFileMode)0b110_110_110);
    }

    private static Socket Connected(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static void AssertCannotBind(string networkNamespace, params string[] addresses) => AsUser.Run(() =>
    {
        foreach (var address in addresses.Select(IPAddress.Parse))
        {
            using var socket = Reusing(address.AddressFamily);
            Assert.True(TryBind(socket, address) == SocketError.AddressAlreadyInUse, $"uid 65534 has bound {address}");
        }
    }, networkNamespace);

    private static Socket Reusing(AddressFamily family)
    {
        const int SolSocket = 1;
        const int ReuseAddress = 2;
        const int ReusePort = 15;
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        foreach (var option in new[] { ReuseAddress, ReusePort })
            socket.SetRawSocketOption(SolSocket, option, BitConverter.GetBytes(1));
        if (family == AddressFamily.InterNetworkV6)
            socket.DualMode = false;
        return socket;
    }

    private static SocketError? TryBind(Socket socket, IPAddress address)
    {
        try
        {
            socket.Bind(new IPEndPoint(address, Port));
            return null;
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode;
        }
    }

    /// <summary>Accepts dials and answers nothing.</summary>
    private sealed class NullSink : IDisposable
    {
        private readonly Socket _socket;

        public NullSink(string networkNamespace)
        {
            _socket = NetworkNamespace.Make(networkNamespace, static () =>
                new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
            _socket.Bind(new IPEndPoint(IPAddress.Any, Port));
            _socket.ReceiveTimeout = 30_000;
        }

        public void WaitForDatagram() => Assert.True(_socket.Receive(new byte[2_048]) > 0);

        public void Dispose() => _socket.Dispose();
    }
}
