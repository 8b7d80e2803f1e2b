using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using L2tpd.Linux.Host;

namespace L2tpd.Operations.Control;

/// <summary>The process at the other end of a unix socket (SO_PEERCRED).</summary>
internal static class PeerCredentials
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    private const uint Unknown = uint.MaxValue;

    /// <summary>The daemon's effective user.</summary>
    public static uint OwnUser { get; } = UserDatabase.EffectiveUser;

    /// <summary>The user at the other end; <see cref="uint.MaxValue"/> if the kernel does not report it.</summary>
    public static uint UserOf(Socket? socket) => Read(socket).User;

    /// <summary>For example "uid 0 (pid 4711)"; "an unknown user" if the kernel does not report it.</summary>
    public static string Of(Socket? socket) => Read(socket) is var (pid, uid) && uid != Unknown
        ? string.Create(CultureInfo.InvariantCulture, $"uid {uid} (pid {pid})")
        : "an unknown user";

    private static (int Pid, uint User) Read(Socket? socket)
    {
        // struct ucred { pid_t pid; uid_t uid; gid_t gid; } in host order.
        Span<byte> ucred = stackalloc byte[12];
        try
        {
            if (socket is null || socket.GetRawSocketOption(SolSocket, SoPeerCred, ucred) < ucred.Length)
                return (0, Unknown);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return (0, Unknown);
        }

        return (MemoryMarshal.Read<int>(ucred), MemoryMarshal.Read<uint>(ucred[4..]));
    }
}
