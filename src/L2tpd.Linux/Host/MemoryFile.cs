using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Host;

/// <summary>A file without a name in any file system (memfd_create(2)): for text that a child reads by <c>/proc/self/fd/N</c> and nobody else may. Writing it never waits.</summary>
public static class MemoryFile
{
    /// <summary>Makes one that holds the octets.</summary>
    /// <param name="name">For <c>/proc</c> only.</param>
    /// <param name="contents">What is in it, any length.</param>
    /// <param name="file">Close-on-exec, its offset at the end: open it anew by its path in <c>/proc</c> to read.</param>
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
