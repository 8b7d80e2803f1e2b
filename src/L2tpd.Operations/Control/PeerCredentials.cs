using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using L2tpd.Linux.Host;

namespace L2tpd.Operations.Control;

/// <summary>
/// The process at the other end of a unix socket, as it was when it connected (SO_PEERCRED, SO_PEERGROUPS): it cannot be forged, and needs
/// no look-up by pid, which could find a later process.
/// </summary>
internal sealed class PeerCredentials
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const int SoPeerGroups = 59;

    private const uint Unknown = uint.MaxValue;

    /// <summary>NGROUPS_MAX of the kernel.</summary>
    private const int MostGroups = 65_536;

    private readonly int _pid;
    private readonly uint _group;
    private readonly uint[] _groups;

    private PeerCredentials(int pid, uint user, uint group, uint[] groups) => (_pid, User, _group, _groups) = (pid, user, group, groups);

    /// <summary>The daemon's effective user.</summary>
    public static uint OwnUser { get; } = UserDatabase.EffectiveUser;

    /// <summary>The user; <see cref="uint.MaxValue"/> if the kernel does not report it.</summary>
    public uint User { get; }

    /// <summary>The kernel reported the process.</summary>
    public bool IsKnown => User != Unknown;

    /// <summary>The process at the other end.</summary>
    public static PeerCredentials Of(Socket? socket)
    {
        // struct ucred { pid_t pid; uid_t uid; gid_t gid; } in host order.
        Span<byte> ucred = stackalloc byte[12];
        return socket is not null && Read(socket, SoPeerCred, ucred) == ucred.Length
            ? new PeerCredentials(
                MemoryMarshal.Read<int>(ucred), MemoryMarshal.Read<uint>(ucred[4..]), MemoryMarshal.Read<uint>(ucred[8..]),
                GroupsOf(socket))
            : new PeerCredentials(0, Unknown, Unknown, []);
    }

    /// <summary>Whether the group is the process's own or one of its supplementary groups.</summary>
    public bool IsIn(uint group) => _group == group || _groups.Contains(group);

    /// <summary>For example "uid 0 (pid 4711)"; "an unknown user" if the kernel does not report it.</summary>
    public override string ToString() => IsKnown
        ? string.Create(CultureInfo.InvariantCulture, $"uid {User} (pid {_pid})")
        : "an unknown user";

    // Few processes have more than 64 groups; the kernel fails with ERANGE if there is no room.
    private static uint[] GroupsOf(Socket socket)
    {
        foreach (var count in (int[])[64, MostGroups])
        {
            var octets = new byte[count * sizeof(uint)];
            if (Read(socket, SoPeerGroups, octets) is >= 0 and var length)
                return MemoryMarshal.Cast<byte, uint>(octets.AsSpan(0, length)).ToArray();
        }

        return [];
    }

    private static int Read(Socket socket, int option, Span<byte> value)
    {
        try
        {
            return socket.GetRawSocketOption(SolSocket, option, value);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return -1;
        }
    }
}
