using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// The peer's side of EAP-TLS (RFC 5216) over .NET's TLS: flights in fragments of 1,000 octets, each acknowledged, and an empty response at
/// the end.
/// </summary>
internal sealed class EapTlsClient : IDisposable
{
    private const byte Type = 13, LengthIncluded = 0x80, MoreFragments = 0x40, Start = 0x20;
    private const int Fragment = 1_000;

    private readonly FlightStream _stream = new();
    private readonly SslStream _tls;
    private readonly X509Certificate2 _certificate;
    private readonly Queue<byte[]> _outgoing = new();
    private readonly MemoryStream _incoming = new();
    private Task? _handshake;

    public EapTlsClient(X509Certificate2 certificate)
    {
        _certificate = certificate;
        _tls = new SslStream(_stream);
    }

    /// <summary>Responses that had more fragments behind them, and requests of the server that had.</summary>
    public int Fragments { get; private set; }

    /// <summary>The data of the response to a request's data (both from the type on).</summary>
    [SuppressMessage("Security", "CA5398", Justification = "EAP-TLS of RFC 5216 ends at TLS 1.2.")]
    [SuppressMessage("Security", "CA5359", Justification = "The peer under test is the server.")]
    public byte[] Respond(ReadOnlySpan<byte> data)
    {
        var flags = data[1];
        if ((flags & Start) != 0)
        {
            _handshake = _tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "radius.test",
                ClientCertificates = [_certificate],
                EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            });
            return NextFlight();
        }

        if (data.Length == 2)
            return _outgoing.Dequeue();

        _incoming.Write(data[((flags & LengthIncluded) != 0 ? 6 : 2)..]);
        if ((flags & MoreFragments) != 0)
        {
            Fragments++;
            return [Type, 0];
        }

        _stream.Receive(_incoming.ToArray());
        _incoming.SetLength(0);
        return NextFlight();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _tls.Dispose();
    }

    /// <summary>A client's certificate and a server's, of one authority, in files that FreeRADIUS reads.</summary>
    public static X509Certificate2 MakeCertificates(string directory)
    {
        using var authorityKey = RSA.Create(2_048);
        var authority = new CertificateRequest("CN=ca", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = authority.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText($"{directory}/ca.pem", root.ExportCertificatePem());
        using var server = Issue(root, "radius.test", "1.3.6.1.5.5.7.3.1");
        File.WriteAllText($"{directory}/server.pem", server.ExportCertificatePem());
        using var key = server.GetRSAPrivateKey()!;
        File.WriteAllText($"{directory}/server.key", key.ExportPkcs8PrivateKeyPem());
        return Issue(root, "alice", "1.3.6.1.5.5.7.3.2");
    }

    private static X509Certificate2 Issue(X509Certificate2 root, string name, string use)
    {
        using var key = RSA.Create(2_048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        using var made = request.Create(root, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(20),
            RandomNumberGenerator.GetBytes(8));
        return made.CopyWithPrivateKey(key);
    }

    /// <summary>Waits until TLS wants to read or is done; what it wrote until then is a flight.</summary>
    private byte[] NextFlight()
    {
        while (!_stream.WaitForRead(TimeSpan.FromMilliseconds(20)))
        {
            if (_handshake!.IsCompleted)
                break;
        }

        _handshake!.Exception?.Handle(static _ => false);
        var flight = _stream.TakeWritten();
        if (flight.Length == 0)
            return [Type, 0];

        for (var at = 0; at < flight.Length; at += Fragment)
        {
            var part = flight.AsSpan(at, Math.Min(Fragment, flight.Length - at));
            var more = at + part.Length < flight.Length;
            Fragments += more ? 1 : 0;
            byte[] head = at > 0
                ? [Type, more ? MoreFragments : (byte)0]
                : [Type, (byte)(LengthIncluded | (more ? MoreFragments : 0)), 0, 0, (byte)(flight.Length >> 8), (byte)flight.Length];
            _outgoing.Enqueue([.. head, .. part]);
        }

        return _outgoing.Dequeue();
    }

    /// <summary>What TLS reads comes from the requests, and what it writes is kept until it reads again.</summary>
    private sealed class FlightStream : Stream
    {
        private readonly object _lock = new();
        private readonly SemaphoreSlim _wantsRead = new(0);
        private readonly MemoryStream _written = new();
        private readonly Queue<byte> _unread = new();
        private TaskCompletionSource? _waiting;

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public bool WaitForRead(TimeSpan wait) => _wantsRead.Wait(wait);

        public void Receive(byte[] octets)
        {
            lock (_lock)
            {
                foreach (var octet in octets)
                    _unread.Enqueue(octet);
                _waiting?.TrySetResult();
            }
        }

        public byte[] TakeWritten()
        {
            lock (_lock)
            {
                var all = _written.ToArray();
                _written.SetLength(0);
                return all;
            }
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (true)
            {
                Task wait;
                lock (_lock)
                {
                    if (_unread.Count > 0 || buffer.IsEmpty)
                    {
                        var count = Math.Min(buffer.Length, _unread.Count);
                        for (var i = 0; i < count; i++)
                            buffer.Span[i] = _unread.Dequeue();
                        return count;
                    }

                    _waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    wait = _waiting.Task;
                    _wantsRead.Release();
                }

                await wait.WaitAsync(cancellationToken);
            }
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            lock (_lock)
                _written.Write(buffer);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
            // Everything is in memory.
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _wantsRead.Dispose();
            _written.Dispose();
            base.Dispose(disposing);
        }
    }
}
