using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Host;

/// <summary>
/// A file without a name in any file system (memfd_create(2)), for text that a child reads through <c>/proc/self/fd/N</c> and no other
/// process may read. Writing it never blocks.
/// </summary>
public static class MemoryFile
{
    /// <summary>Makes a file with these contents.</summary>
    /// <param name="name">Shown in <c>/proc</c> only.</param>
    /// <param name="contents">Any length.</param>
    /// <param name="file">The file, close-on-exec, with its offset at the end. To read it, open its path in <c>/proc</c>.</param>
    /// <returns>EMFILE, ENOMEM, ENOSPC.</returns>
    public static LinuxError TryCreate(string name, ReadOnlySpan<byte> contents, out FileDescriptor? file)
    {
        file = null;
        var number = Native.memfd_create(name, LibC.MFD_CLOEXEC);
        if (number < 0)
            return new LinuxError(LibC.errno, "memfd_create", name);
        var opened = new FileDescriptor(number);
        var errno = opened.Write(contents);
        if (errno != 0)
        {
            opened.Dispose();
            return new LinuxError(errno, "write", name);
        }

        file = opened;
        return LinuxError.None;
    }
}
