using System.Net;
using System.Net.Sockets;
using System.Text;
using L2tpd.Radius.Wire;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// Sits between a client and its RADIUS server for authentication, and passes everything on. When it attacks, every Reject becomes an
/// Accept with a right Response Authenticator and without a Message-Authenticator.
/// </summary>
internal sealed class RadiusAttacker : IDisposable
{
    private readonly Socket _near = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _far = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] _secret;
    private readonly Thread _thread;
    private int _forged;
    private volatile bool _attacks;

    public RadiusAttacker(string address, string server, string secret)
    {
        _secret = Encoding.ASCII.GetBytes(secret);
        _near.Bind(new IPEndPoint(IPAddress.Parse(address), 1_812));
        _far.Connect(new IPEndPoint(IPAddress.Parse(server), 1_812));
        _far.ReceiveTimeout = 5_000;
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public bool Attacks
    {
        get => _attacks;
        set => _attacks = value;
    }

    /// <summary>Answers that it made.</summary>
    public int Forged => Volatile.Read(ref _forged);

    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
        _thread.Join();
    }

    private void Run()
    {
        var (request, answer) = (new byte[RadiusPacket.MaxSize], new byte[RadiusPacket.MaxSize]);
        try
        {
            while (true)
            {
                EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                var length = _near.ReceiveFrom(request, ref from);
                _far.Send(request.AsSpan(0, length));
                var answered = _far.Receive(answer);
                if (Attacks && answer[0] == (byte)RadiusCode.AccessReject)
                    _near.SendTo(Forge(request.AsSpan(0, length)), from);
                else
                    _near.SendTo(answer.AsSpan(0, answered), from);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Disposed, or the server is silent.
        }
    }

    private byte[] Forge(ReadOnlySpan<byte> request)
    {
        Interlocked.Increment(ref _forged);
        var builder = new PacketBuilder(new byte[RadiusPacket.MaxSize], RadiusCode.AccessAccept, request[1], _secret,
            request.Slice(RadiusPacket.AuthenticatorOffset, RadiusPacket.AuthenticatorSize), withMessageAuthenticator: false);
        return builder.Seal().ToArray();
    }
}
