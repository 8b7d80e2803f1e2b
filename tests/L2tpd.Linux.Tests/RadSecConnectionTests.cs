using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using L2tpd.Configuration;
using L2tpd.PppHosting.Radius;

namespace L2tpd.Linux.Tests;

/// <summary>One RADIUS/TLS connection to a server that the test plays.</summary>
public sealed class RadSecConnectionTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // radius.md section 12, vector 20.
    private static readonly byte[] Accept = Convert.FromHexString(
        "0201002f3b8ea9dd67e6e7689370640502a516c108060a63000819030150128dbef8803e0f624603179f0e45b60d79");

    private readonly TestCertificates _authority = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public RadSecConnectionTests() => _listener.Start();

    public void Dispose()
    {
        _listener.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task Packets_in_pieces_and_joined_ones_arrive_whole_and_in_order()
    {
        var receiver = new Receiver();
        using var connection = Open(receiver);
        using var server = await AcceptAsync();
        Assert.Equal(IPAddress.Loopback, await receiver.Opened.Task.WaitAsync(Patience));
        byte[] stream = [.. Accept, .. Accept, .. Accept];
        foreach (var (from, to) in new[] { (0, 1), (1, 3), (3, 50), (50, 140), (140, stream.Length) })
            await server.WriteAsync(stream.AsMemory(from, to - from));
        for (var i = 0; i < 3; i++)
            Assert.Equal(Accept, await receiver.NextAsync());
        Assert.True(connection.TrySend(Accept));
        var got = new byte[Accept.Length];
        await server.ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
        Assert.Equal(Accept, got);
    }

    [Fact]
    public async Task The_server_sees_our_certificate()
    {
        var receiver = new Receiver();
        using var connection = Open(receiver);
        using var server = await AcceptAsync();
        await receiver.Opened.Task.WaitAsync(Patience);
        Assert.Equal("CN=lns1", server.RemoteCertificate!.Subject);
    }

    [Fact]
    public async Task An_impossible_length_or_the_end_closes_it()
    {
        foreach (var (octets, why) in new (byte[], string)[]
                 {
                     ([.. Accept, 2, 1, 0, 3], "the server sent a packet of an impossible length"),
                     ([], "the server closed the connection"),
                 })
        {
            var receiver = new Receiver();
            using var connection = Open(receiver);
            using var server = await AcceptAsync();
            await receiver.Opened.Task.WaitAsync(Patience);
            await server.WriteAsync(octets);
            if (octets.Length == 0)
                await server.ShutdownAsync();
            Assert.Equal(why, await receiver.Closed.Task.WaitAsync(Patience));
        }
    }

    [Theory]
    [InlineData("other.test", false, "its certificate is not for other.test; set `tls.name` to a name that it has")]
    [InlineData("radius.test", true, "its certificate is not valid under `tls.ca`: ")]
    public async Task A_server_that_proves_nothing_is_refused(string name, bool isOfAnother, string why)
    {
        using var another = new TestCertificates();
        var receiver = new Receiver();
        using var connection = Open(receiver, name);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var server = await AcceptAsync(isOfAnother ? another : _authority);
            // With TLS 1.3 the server's handshake is done before our alert comes.
            await server.ReadExactlyAsync(new byte[1]).AsTask().WaitAsync(Patience);
        });
        Assert.StartsWith(why, await receiver.Closed.Task.WaitAsync(Patience), StringComparison.Ordinal);
        Assert.False(receiver.Opened.Task.IsCompleted);
    }

    [Fact]
    public async Task A_server_that_does_not_read_holds_a_bounded_number_of_packets()
    {
        var receiver = new Receiver();
        using var connection = Open(receiver);
        using var server = await AcceptAsync();
        await receiver.Opened.Task.WaitAsync(Patience);
        var largest = new byte[4_096];
        // What the kernel buffers, then the queue.
        for (var sent = 0; connection.TrySend(largest); sent++)
        {
            Assert.True(sent < 20_000, "the queue has no end");
            if (sent % 100 == 0)
                await Task.Yield();
        }

        connection.Dispose();
        Assert.Equal("it was closed by us", await receiver.Closed.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_server_that_floods_waits_until_its_packets_are_handled()
    {
        var receiver = new Receiver { IsSlow = true };
        using var connection = Open(receiver);
        using var server = await AcceptAsync();
        await receiver.Opened.Task.WaitAsync(Patience);
        var flood = Enumerable.Repeat(Accept, 20_000).SelectMany(static packet => packet).ToArray();
        var writing = server.WriteAsync(flood).AsTask();
        await receiver.NextAsync();
        // One batch is with the receiver: what was read for it is at most one record of TLS.
        Assert.InRange(receiver.Waiting, 0, 16_384 / Accept.Length);
        receiver.Release();
        for (var i = 1; i < 20_000; i++)
            await receiver.NextAsync();
        await writing.WaitAsync(Patience);
    }

    [Fact]
    public async Task What_was_sent_before_the_close_is_written()
    {
        var receiver = new Receiver();
        var connection = Open(receiver);
        using var server = await AcceptAsync();
        await receiver.Opened.Task.WaitAsync(Patience);
        for (var i = 0; i < 100; i++)
            Assert.True(connection.TrySend(Accept));
        connection.Dispose();
        var got = new byte[100 * Accept.Length];
        await server.ReadExactlyAsync(got).AsTask().WaitAsync(Patience);
        Assert.Equal(0, await server.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
        await connection.Ended.WaitAsync(Patience);
    }

    [Fact]
    public async Task It_can_be_closed_during_the_handshake()
    {
        var receiver = new Receiver();
        using var connection = Open(receiver);
        using var silent = await _listener.AcceptTcpClientAsync().WaitAsync(Patience);
        connection.Dispose();
        Assert.Equal("it was closed by us", await receiver.Closed.Task.WaitAsync(Patience));
    }

    private RadSecConnection Open(Receiver receiver, string name = "radius.test")
    {
        var (certificate, key) = _authority.Issue("lns1");
        var tls = new RadiusTlsSettings
        {
            Authorities = _authority.Authority, Certificate = certificate, Key = new Secret(key), ServerName = name,
        };
        var settings = new RadiusServerSettings
        {
            Name = "s", Address = IPAddress.Loopback, Transport = RadiusTransport.Tls, Secret = new Secret("radsec"), Tls = tls,
            AuthenticationPort = (ushort)((IPEndPoint)_listener.LocalEndpoint).Port,
        };
        var connection = new RadSecConnection(settings, new RadSecCredentials(tls), receiver);
        connection.Start();
        return connection;
    }

    private async Task<SslStream> AcceptAsync(TestCertificates? authority = null)
    {
        var client = await _listener.AcceptTcpClientAsync().WaitAsync(Patience);
        var (certificate, key) = (authority ?? _authority).Issue("radius.test");
        var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = X509Certificate2.CreateFromPem(certificate, key),
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
        }).WaitAsync(Patience);
        return stream;
    }

    private sealed class Receiver : IRadSecReceiver
    {
        private readonly ConcurrentQueue<byte[]> _packets = new();
        private readonly SemaphoreSlim _count = new(0);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<IPAddress> Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<string> Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsSlow { get; init; }

        public int Waiting => _packets.Count;

        public void Release() => _released.SetResult();

        public async Task<byte[]> NextAsync()
        {
            Assert.True(await _count.WaitAsync(Patience), "no packet came");
            Assert.True(_packets.TryDequeue(out var packet));
            return packet;
        }

        void IRadSecReceiver.OnOpened(RadSecConnection connection, IPAddress local) => Opened.SetResult(local);

        Task IRadSecReceiver.OnPacketsAsync(RadSecConnection connection, IReadOnlyList<byte[]> packets)
        {
            foreach (var packet in packets)
                _packets.Enqueue(packet);
            _count.Release(packets.Count);
            return IsSlow ? _released.Task : Task.CompletedTask;
        }

        void IRadSecReceiver.OnClosed(RadSecConnection connection, string why) => Closed.SetResult(why);
    }
}
