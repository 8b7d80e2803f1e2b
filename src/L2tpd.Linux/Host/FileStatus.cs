using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Host;

/// <summary>Properties of files that .NET does not offer.</summary>
public static unsafe class FileStatus
{
    /// <summary>Whether the path is a socket. A symbolic link is not followed.</summary>
    public static bool IsSocket(string path)
    {
        statx status;
        fixed (byte* start = Native.CString(path))
        {
            return LibC.statx(LibC.AT_FDCWD, start, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_TYPE, &status) == 0
                && LibC.S_ISSOCK(status.stx_mode);
        }
    }

    /// <summary>Whether this process may write to a file or directory (access(2)).</summary>
    /// <returns>EACCES, EROFS, ENOENT.</returns>
    public static LinuxError CheckWritable(string path)
    {
        fixed (byte* start = Native.CString(path))
            return LibC.access(start, LibC.W_OK) < 0 ? new LinuxError(LibC.errno, "access", path) : LinuxError.None;
    }

    /// <summary>Gives a file to a group.</summary>
    /// <returns>EPERM: neither root nor a member of the group.</returns>
    public static LinuxError SetGroup(string path, uint group)
    {
        fixed (byte* start = Native.CString(path))
            return LibC.chown(start, uint.MaxValue, group) < 0 ? new LinuxError(LibC.errno, "chown", path) : LinuxError.None;
    }
}
