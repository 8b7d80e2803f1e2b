using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace L2tpd.Bench;

/// <summary>
/// A RADIUS server (RFC 2865) for the benchmark's own subscribers and nobody else, by CHAP: u0, u1 and so on, with the password p, of whom
/// uN is given 10.9.N.1; and "test" with the password "test", who is given no address. Runs until it is killed.
/// </summary>
internal sealed class RadiusResponder(int port, string secret)
{
    private const int HeaderLength = 20;
    private const byte AccessRequest = 1, AccessAccept = 2, AccessReject = 3, AccountingRequest = 4, AccountingResponse = 5;
    private const byte UserName = 1, ChapPassword = 3, ServiceType = 6, FramedProtocol = 7, FramedAddress = 8, ChapChallenge = 60;
    private static readonly byte[] Password = "p"u8.ToArray();

    private readonly byte[] _secret = Encoding.ASCII.GetBytes(secret);

    public void Run()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        var buffer = new byte[4_096];
        while (true)
        {
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            var length = socket.ReceiveFrom(buffer, ref from);
            if (length >= HeaderLength && Answer(buffer.AsSpan(0, length)) is { } answer)
                socket.SendTo(answer, from);
        }
    }

    private byte[]? Answer(ReadOnlySpan<byte> request) => request[0] switch
    {
        AccessRequest when Subscriber(request) is { } number =>
            Sealed(AccessAccept, request, [ServiceType, 6, 0, 0, 0, 2, FramedProtocol, 6, 0, 0, 0, 1, FramedAddress, 6, 10, 9, number, 1]),
        AccessRequest when IsAccepted(request, "test"u8, "test"u8) =>
            Sealed(AccessAccept, request, [ServiceType, 6, 0, 0, 0, 2, FramedProtocol, 6, 0, 0, 0, 1]),
        AccessRequest => Sealed(AccessReject, request, []),
        AccountingRequest => Sealed(AccountingResponse, request, []),
        _ => null,
    };

    // The number in the user's name, if the response to the challenge is that of the password.
    private static byte? Subscriber(ReadOnlySpan<byte> request)
    {
        var name = Attribute(request, UserName);
        return name.StartsWith("u"u8) && byte.TryParse(name[1..], out var number) && IsAccepted(request, name, Password) ? number : null;
    }

    private static bool IsAccepted(ReadOnlySpan<byte> request, ReadOnlySpan<byte> user, ReadOnlySpan<byte> password)
    {
        var response = Attribute(request, ChapPassword);
        // Without an attribute of its own, the authenticator is the challenge (RFC 2865 section 5.3).
        var challenge = Attribute(request, ChapChallenge) is { Length: > 0 } own ? own : request[4..HeaderLength];
        return response.Length == 17 && Attribute(request, UserName).SequenceEqual(user)
            && MD5.HashData([response[0], .. password, .. challenge]).AsSpan().SequenceEqual(response[1..]);
    }

    private static ReadOnlySpan<byte> Attribute(ReadOnlySpan<byte> packet, byte type)
    {
        for (var rest = packet[HeaderLength..]; rest.Length >= 2 && rest[1] >= 2 && rest[1] <= rest.Length; rest = rest[rest[1]..])
        {
            if (rest[0] == type)
                return rest[2..rest[1]];
        }

        return default;
    }

    // The response authenticator: MD5 of the answer with the request's authenticator in its place, and the secret (RFC 2865 section 3).
    private byte[] Sealed(byte code, ReadOnlySpan<byte> request, ReadOnlySpan<byte> attributes)
    {
        byte[] answer = [code, request[1], 0, 0, .. request[4..HeaderLength], .. attributes];
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(2), (ushort)answer.Length);
        MD5.HashData([.. answer, .. _secret]).CopyTo(answer.AsSpan(4));
        return answer;
    }
}
