using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading.Channels;
using L2tpd.Configuration;
using L2tpd.Radius.Wire;

namespace L2tpd.PppHosting.Radius;

/// <summary>Takes what happens on a connection. Called on threads of the pool, one call at a time.</summary>
internal interface IRadSecReceiver
{
    /// <summary>The handshake is done.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="local">Our address on it.</param>
    void OnOpened(RadSecConnection connection, IPAddress local);

    /// <summary>Packets arrived. The next ones are read when the result is complete.</summary>
    Task OnPacketsAsync(RadSecConnection connection, IReadOnlyList<byte[]> packets);

    /// <summary>The connection is closed, or could not be opened; nothing follows.</summary>
    void OnClosed(RadSecConnection connection, string why);
}

/// <summary>
/// One attempt at a RADIUS/TLS connection (RFC 6614), from its TCP handshake to its end. It runs on the thread pool: the loop waits for
/// nothing. Both directions are bounded: <see cref="MaxQueued"/> packets wait to be written, and one batch that was read is with the
/// receiver at a time.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="credentials">The certificates.</param>
/// <param name="receiver">Takes what happens.</param>
internal sealed class RadSecConnection(RadiusServerSettings server, RadSecCredentials credentials, IRadSecReceiver receiver) : IDisposable
{
    /// <summary>Packets that wait to be written: more than a connection has identifiers.</summary>
    public const int MaxQueued = 512;

    private const int ReadSize = 16_384;

    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long what was queued may take to be written after <see cref="Dispose"/>.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly Channel<byte[]> _outgoing = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxQueued)
    {
        SingleReader = true,
    });

    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isOpen;
    private volatile bool _isClosing;
    private string? _refusal;

    /// <summary>Completes when it is closed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Begins to open it.</summary>
    public void Start() => _ = Task.Run(RunAsync);

    /// <summary>Queues a packet. Any thread. <c>false</c>: the server does not read, and the packet is lost.</summary>
    public bool TrySend(ReadOnlySpan<byte> packet) => _outgoing.Writer.TryWrite(packet.ToArray());

    /// <summary>Closes it, when what was queued is written or <see cref="CloseTimeout"/> is over. Any thread; waits for nothing.</summary>
    public void Dispose()
    {
        _isClosing = true;
        _outgoing.Writer.TryComplete();
        if (_isOpen)
            _ending.CancelAfter(CloseTimeout);
        else
            _ending.Cancel();
    }

    private async Task RunAsync()
    {
        string why;
        try
        {
            why = await ConnectAndServeAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            why = WhyOf(error);
        }

        receiver.OnClosed(this, _isClosing ? "it was closed by us" : why);
        _ended.SetResult();
    }

    [SuppressMessage("Reliability", "CA2025", Justification = "Both tasks have ended before the stream and the source are disposed.")]
    private async Task<string> ConnectAndServeAsync()
    {
        using var opening = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        opening.CancelAfter(OpenTimeout);
        using var socket = new Socket(server.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (server.Source is { } source)
            socket.Bind(new IPEndPoint(source, 0));
        await socket.ConnectAsync(new IPEndPoint(server.Address, server.AuthenticationPort), opening.Token).ConfigureAwait(false);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: false));
        await using (stream.ConfigureAwait(false))
        {
            await stream.AuthenticateAsClientAsync(credentials.Options(why => _refusal = why), opening.Token).ConfigureAwait(false);
            _isOpen = true;
            receiver.OnOpened(this, ((IPEndPoint)socket.LocalEndPoint!).Address);
            using var serving = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
            var (reading, writing) = (ReadAsync(stream, serving.Token), WriteAsync(stream, serving.Token));
            var first = await Task.WhenAny(reading, writing).ConfigureAwait(false);
            if (first == writing && writing.IsCompletedSuccessfully)
            {
                // The server reads all and closes its end: a close with answers unread would be a reset.
                socket.Shutdown(SocketShutdown.Send);
                await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await serving.CancelAsync().ConfigureAwait(false);
            // A write to a peer that does not read ends only with its socket.
            socket.Close();
            await ((Task)Task.WhenAll(reading, writing)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await first.ConfigureAwait(false);
        }
    }

    private async Task<string> ReadAsync(SslStream stream, CancellationToken cancellation)
    {
        var buffer = new byte[ReadSize];
        var framer = new PacketFramer();
        while (true)
        {
            var count = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false);
            if (count == 0)
                return "the server closed the connection";
            var packets = new List<byte[]>();
            var isFramed = framer.TryAdd(buffer.AsSpan(0, count), packets);
            if (packets.Count > 0 && !_isClosing)
                await receiver.OnPacketsAsync(this, packets).WaitAsync(cancellation).ConfigureAwait(false);
            if (!isFramed)
                return "the server sent a packet of an impossible length";
        }
    }

    private async Task<string> WriteAsync(SslStream stream, CancellationToken cancellation)
    {
        await foreach (var packet in _outgoing.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            await stream.WriteAsync(packet, cancellation).ConfigureAwait(false);

        await stream.ShutdownAsync().ConfigureAwait(false);
        return "";
    }

    private string WhyOf(Exception error) => error switch
    {
        _ when _refusal is { } refusal => refusal,
        OperationCanceledException => "no answer in time",
        SocketException socket => socket.Message.TrimEnd('.'),
        AuthenticationException => $"the TLS handshake failed: {Innermost(error)}",
        IOException => $"the connection broke: {Innermost(error)}. If it was just opened, the server may have refused our certificate",
        _ => Innermost(error),
    };

    private static string Innermost(Exception error) =>
        (error.InnerException is { } inner ? Innermost(inner) : error.Message).Trim().TrimEnd('.');
}
