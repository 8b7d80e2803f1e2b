using System.Net.Sockets;
using L2tpd.Linux;
using L2tpd.Linux.Host;

namespace L2tpd.Operations.Control;

/// <summary>
/// The unix socket in the file system: taken only when nobody listens on it, with its permissions right before anybody can connect.
/// </summary>
public static class ControlSocketFile
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
    public static bool HasGroup(string name) => UserDatabase.TryFindGroup(name, out _);

    /// <summary>
    /// Why the socket cannot be bound; the framework's text for a missing directory is "Cannot assign requested address".
    /// </summary>
    private static string Reason(string path, Exception failure)
    {
        if (Path.GetDirectoryName(path) is not { Length: > 0 } directory)
            return failure.Message;
        if (!Directory.Exists(directory))
            return $"there is no directory {directory}; create it, or configure another path (control.socket)";
        return FileStatus.CheckWritable(directory).Errno switch
        {
            Errno.EROFS => $"the directory {directory} is on a read-only file system; configure another path (control.socket), or add it "
                + "to the unit's ReadWritePaths=",
            Errno.EACCES => $"the daemon may not write to the directory {directory}; give it to the daemon's user, or configure another "
                + "path (control.socket)",
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
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && FileStatus.IsSocket(path))
        {
            File.Delete(path);
            return;
        }
        catch (SocketException e) when (e.SocketErrorCode is not (SocketError.WouldBlock or SocketError.InProgress))
        {
            throw new ControlSocketException(
                FileStatus.IsSocket(path)
                    ? $"control socket {path}: {e.Message}"
                    : $"control socket {path}: the file there is not a socket; remove it or configure another path",
                e);
        }

        throw new ControlSocketException(
            $"control socket {path}: another daemon is listening on it; stop it first or configure another path");
    }

    private static void SetGroup(string path, string group)
    {
        if (!UserDatabase.TryFindGroup(group, out var id))
            throw new ControlSocketException($"control socket {path}: there is no group \"{group}\"");
        var error = FileStatus.SetGroup(path, id);
        if (!error.IsNone)
        {
            throw new ControlSocketException($"control socket {path}: cannot give it to group \"{group}\"; a daemon that is not root must "
                + "be a member of it (SupplementaryGroups= of the unit)", error.ToException());
        }
    }
}
