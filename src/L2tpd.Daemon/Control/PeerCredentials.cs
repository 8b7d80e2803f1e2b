using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;

namespace L2tpd.Daemon.Control;

/// <summary>Who is at the other end of a unix socket, as the kernel says.</summary>
internal static class PeerCredentials
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>For example "uid 0 (pid 4711)"; "an unknown user" when the kernel does not say.</summary>
    public static string Of(Socket? socket)
    {
        // struct ucred { pid_t pid; uid_t uid; gid_t gid; } in host order.
        Span<byte> ucred = stackalloc byte[12];
        try
        {
            if (socket is null || socket.GetRawSocketOption(SolSocket, SoPeerCred, ucred) < ucred.Length)
                return "an unknown user";
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return "an unknown user";
        }

        var pid = BitConverter.IsLittleEndian ? BinaryPrimitives.ReadInt32LittleEndian(ucred) : BinaryPrimitives.ReadInt32BigEndian(ucred);
        var uid = BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt32LittleEndian(ucred[4..])
            : BinaryPrimitives.ReadUInt32BigEndian(ucred[4..]);
        return string.Create(CultureInfo.InvariantCulture, $"uid {uid} (pid {pid})");
    }
}
