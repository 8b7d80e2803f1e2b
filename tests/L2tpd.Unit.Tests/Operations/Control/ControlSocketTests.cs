using System.Net.Sockets;
using System.Runtime.Versioning;
using L2tpd.Control;
using L2tpd.Operations.Control;
using Microsoft.Extensions.Logging.Abstractions;

namespace L2tpd.Unit.Tests.Operations.Control;

[SupportedOSPlatform("linux")]
public sealed class ControlSocketTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("l2tpd-socket-");

    private string SocketPath => Path.Combine(_directory.FullName, "control.sock");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Has_the_configured_mode_and_is_gone_after_the_stop()
    {
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        var server = Server(new ControlOptions { SocketPath = SocketPath, Mode = Mode });
        await server.StartAsync(CancellationToken.None);
        Assert.Equal(Mode, File.GetUnixFileMode(SocketPath));
        await server.StopAsync(CancellationToken.None);
        Assert.False(File.Exists(SocketPath));
        await server.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Can_be_started_again_at_the_same_path()
    {
        for (var i = 0; i < 2; i++)
        {
            await using var server = Server(new ControlOptions { SocketPath = SocketPath });
            await server.StartAsync(CancellationToken.None);
            using var client = new ControlClient(SocketPath);
            Assert.Equal("0.1.0", (await client.StatusAsync()).Version);
        }
    }

    [Fact]
    public async Task A_stale_socket_is_replaced()
    {
        Leave(SocketPath);
        Assert.True(File.Exists(SocketPath));
        using var client = new ControlClient(SocketPath);
        var nobody = await Assert.ThrowsAsync<ControlConnectException>(() => client.StatusAsync());
        Assert.Equal(ConnectFailure.NobodyListens, nobody.Failure);

        await using var server = Server(new ControlOptions { SocketPath = SocketPath });
        await server.StartAsync(CancellationToken.None);
        Assert.Equal("0.1.0", (await client.StatusAsync()).Version);
    }

    [Fact]
    public async Task A_daemon_that_listens_is_left_alone()
    {
        await using var first = Server(new ControlOptions { SocketPath = SocketPath });
        await first.StartAsync(CancellationToken.None);
        await using var second = Server(new ControlOptions { SocketPath = SocketPath });
        var e = await Assert.ThrowsAsync<ControlSocketException>(() => second.StartAsync(CancellationToken.None));
        Assert.Contains(SocketPath, e.Message);
        Assert.Contains("another daemon is listening", e.Message);
        using var client = new ControlClient(SocketPath);
        Assert.Equal("0.1.0", (await client.StatusAsync()).Version);
    }

    [Fact]
    public async Task What_is_not_a_socket_is_left_alone()
    {
        await File.WriteAllTextAsync(SocketPath, "precious");
        await using var server = Server(new ControlOptions { SocketPath = SocketPath });
        var e = await Assert.ThrowsAsync<ControlSocketException>(() => server.StartAsync(CancellationToken.None));
        Assert.Contains("not a socket", e.Message);
        Assert.Equal("precious", await File.ReadAllTextAsync(SocketPath));
    }

    [Fact]
    public async Task Bad_paths_and_groups_are_clear_errors()
    {
        var nowhere = Path.Combine(_directory.FullName, "no", "control.sock");
        Assert.Contains(
            $"there is no directory {Path.GetDirectoryName(nowhere)}", await Failure(new ControlOptions { SocketPath = nowhere }));
        Assert.Contains("107 octets", await Failure(new ControlOptions { SocketPath = "/" + new string('x', 200) }));
        Assert.Contains(
            "no group \"l2tpd-no-such-group\"",
            await Failure(new ControlOptions { SocketPath = SocketPath, Group = "l2tpd-no-such-group" }));
        Assert.False(File.Exists(SocketPath));

        async Task<string> Failure(ControlOptions options)
        {
            await using var server = Server(options);
            return (await Assert.ThrowsAsync<ControlSocketException>(() => server.StartAsync(CancellationToken.None))).Message;
        }
    }

    [Fact]
    public async Task The_group_is_set()
    {
        await using var server = Server(new ControlOptions { SocketPath = SocketPath, Group = "root" });
        if (!Environment.IsPrivilegedProcess)
        {
            // Another user cannot change the owner of a file: the error must say so.
            var e = await Assert.ThrowsAsync<ControlSocketException>(() => server.StartAsync(CancellationToken.None));
            Assert.Contains("group \"root\"", e.Message);
            return;
        }

        await server.StartAsync(CancellationToken.None);
        Assert.True(File.Exists(SocketPath));
    }

    [Fact]
    public async Task Failures_to_connect_are_told_apart()
    {
        Assert.Equal(ConnectFailure.NoSocket, await FailureAt(SocketPath));
        Assert.Equal(ConnectFailure.BadPath, await FailureAt(new string('x', 200)));
        Assert.Equal(ConnectFailure.BadPath, await FailureAt(""));
        var denied = new HttpRequestException("", new SocketException((int)SocketError.AccessDenied));
        Assert.Equal(ConnectFailure.NotPermitted, ControlConnectException.Classify(denied));

        using var alien = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        alien.Bind(new UnixDomainSocketEndPoint(SocketPath));
        alien.Listen();
        var answer = Task.Run(async () =>
        {
            using var accepted = await alien.AcceptAsync();
            await accepted.ReceiveAsync(new byte[1000]);
            await accepted.SendAsync("SSH-2.0-x\r\n"u8.ToArray());
        });
        Assert.Equal(ConnectFailure.NotUnderstood, await FailureAt(SocketPath));
        await answer;

        // Closed without an answer: by a daemon that has too many clients, or is stopping.
        var refusal = Task.Run(async () =>
        {
            using var accepted = await alien.AcceptAsync();
        });
        Assert.Equal(ConnectFailure.Closed, await FailureAt(SocketPath));
        await refusal;

        static async Task<ConnectFailure> FailureAt(string path)
        {
            using var client = new ControlClient(path, TimeSpan.FromSeconds(10));
            var e = await Assert.ThrowsAsync<ControlConnectException>(() => client.StatusAsync());
            Assert.StartsWith($"cannot reach l2tpd at {path}: ", e.Message);
            return e.Failure;
        }
    }

    [Fact]
    public async Task The_client_that_is_idle_for_longest_makes_room_for_one_too_many()
    {
        await using var server = await TestServer.StartAsync();
        var held = new List<Socket>();
        for (var i = 0; i < 65; i++)
        {
            held.Add(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified));
            await held[^1].ConnectAsync(new UnixDomainSocketEndPoint(server.SocketPath));
        }

        var ends = held.Select(static socket => socket.ReceiveAsync(new byte[1])).ToArray();
        Assert.Equal(0, await (await Task.WhenAny(ends)).WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.NotNull(await server.Client.StatusAsync());
        held.ForEach(static socket => socket.Dispose());
    }

    [Fact]
    public async Task A_silent_listener_times_out()
    {
        using var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        silent.Bind(new UnixDomainSocketEndPoint(SocketPath));
        silent.Listen();
        using var client = new ControlClient(SocketPath, TimeSpan.FromMilliseconds(100));
        Assert.Equal(ConnectFailure.NoAnswer, (await Assert.ThrowsAsync<ControlConnectException>(() => client.StatusAsync())).Failure);
    }

    private static ControlServer Server(ControlOptions options) => new(new FakeControlPlane(), options, NullLoggerFactory.Instance);

    // A crashed daemon's socket: bound, then forgotten. Renamed while open, because the framework removes what it bound.
    private static void Leave(string path)
    {
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(path + ".tmp"));
            socket.Listen();
            File.Move(path + ".tmp", path);
        }
    }
}
