using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace L2tpd.Operations.Control;

/// <summary>The unix socket in the file system. A stale one is replaced; one on which somebody listens is not.</summary>
public static partial class ControlSocketFile
{
    /// <summary>
    /// A bound socket that does not listen yet. Its permissions are set between bind and listen: until then every connect is refused, so
    /// that no other user can connect at any time.
    /// </summary>
    /// <exception cref="ControlSocketException">In use, not a socket, or not permitted.</exception>
    public static Socket Bind(ControlOptions options)
    {
        var path = options.SocketPath;
        var endpoint = EndPointOf(path);
        RemoveStale(path, endpoint);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(endpoint);
            if (options.Group is { } group)
                SetGroup(path, group);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, options.Mode);
            return socket;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new ControlSocketException($"control socket {path}: {Reason(path, e)}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Tells whether the machine has a group of this name.</summary>
    public static bool HasGroup(string name) => GetGroupByName(name) != 0;

    /// <summary>
    /// Why the socket cannot be bound; the framework's text for a missing directory is "Cannot assign requested address".
    /// </summary>
    private static string Reason(string path, Exception failure)
    {
        const int MayWrite = 2;
        const int NotPermitted = 13;
        const int ReadOnlyFileSystem = 30;
        if (Path.GetDirectoryName(path) is not { Length: > 0 } directory)
            return failure.Message;
        if (!Directory.Exists(directory))
            return $"there is no directory {directory}; create it, or configure another path (control.socket)";
        return Access(directory, MayWrite) == 0 ? failure.Message : Marshal.GetLastPInvokeError() switch
        {
            ReadOnlyFileSystem => $"the directory {directory} is on a read-only file system; "
                + "configure another path (control.socket), or add it to the unit's ReadWritePaths=",
            NotPermitted => $"the daemon may not write to the directory {directory}; "
                + "give it to the daemon's user, or configure another path (control.socket)",
            _ => failure.Message,
        };
    }

    private static UnixDomainSocketEndPoint EndPointOf(string path)
    {
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentException e)
        {
            throw new ControlSocketException($"control socket {path}: not usable as the path of a unix socket (107 octets at most)", e);
        }
    }

    private static void RemoveStale(string path, UnixDomainSocketEndPoint endpoint)
    {
        if (!Path.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // A full backlog must not delay the start: EAGAIN means that somebody listens.
            probe.Blocking = false;
            probe.Connect(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
        {
            File.Delete(path);
            return;
        }
        catch (SocketException e) when (e.SocketErrorCode is not (SocketError.WouldBlock or SocketError.InProgress))
        {
            throw new ControlSocketException(
                IsSocket(path)
                    ? $"control socket {path}: {e.Message}"
                    : $"control socket {path}: the file there is not a socket; remove it or configure another path",
                e);
        }

        throw new ControlSocketException(
            $"control socket {path}: another daemon is listening on it; stop it first or configure another path");
    }

    // The framework does not distinguish a socket from a regular file, and a connect to either without a listener is refused.
    private static unsafe bool IsSocket(string path)
    {
        const int CurrentDirectory = -100;
        const int NoFollow = 0x100;
        const uint WantType = 1;
        const int ModeOffset = 28;
        const int TypeMask = 0xF000;
        const int TypeSocket = 0xC000;
        var buffer = stackalloc byte[256];
        return StatX(CurrentDirectory, path, NoFollow, WantType, buffer) == 0
            && (*(ushort*)(buffer + ModeOffset) & TypeMask) == TypeSocket;
    }

    private static void SetGroup(string path, string group)
    {
        var entry = GetGroupByName(group);
        if (entry == 0)
            throw new ControlSocketException($"control socket {path}: there is no group \"{group}\"");
        // struct group: char *gr_name, char *gr_passwd, gid_t gr_gid.
        var id = (uint)Marshal.ReadInt32(entry, 2 * nint.Size);
        if (ChangeOwner(path, uint.MaxValue, id) != 0)
            throw new ControlSocketException(
                $"control socket {path}: cannot give it to group \"{group}\"", new Win32Exception(Marshal.GetLastPInvokeError()));
    }

    // int statx(int dirfd, const char *path, int flags, unsigned mask, struct statx *buf); 256 octets, stx_mode at 28.
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int StatX(int directory, string path, int flags, uint mask, byte* buffer);

    // int access(const char *path, int mode);
    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Access(string path, int mode);

    // struct group *getgrnam(const char *name);
    [LibraryImport("libc", EntryPoint = "getgrnam", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint GetGroupByName(string name);

    // int chown(const char *path, uid_t owner, gid_t group);
    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ChangeOwner(string path, uint owner, uint group);
}
