using L2tpd.Control;
using L2tpd.Operations.Control;
using Microsoft.Extensions.Logging.Abstractions;

namespace L2tpd.Unit.Tests.Operations.Control;

/// <summary>A real Kestrel on a unix socket in a directory of its own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("l2tpd-control-");
    private readonly ControlServer _server;

    private TestServer(ControlOptions options)
    {
        Options = options with { SocketPath = Path.Combine(_directory.FullName, "control.sock") };
        _server = new ControlServer(Plane, Options, NullLoggerFactory.Instance);
        Client = new ControlClient(SocketPath, TimeSpan.FromSeconds(20));
    }

    public FakeControlPlane Plane { get; } = new();

    public ControlOptions Options { get; }

    public string SocketPath => Options.SocketPath;

    public ControlClient Client { get; }

    public static async Task<TestServer> StartAsync(ControlOptions? options = null)
    {
        var server = new TestServer(options ?? new ControlOptions());
        await server._server.StartAsync(CancellationToken.None);
        return server;
    }

    public Task StopAsync() => _server.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
