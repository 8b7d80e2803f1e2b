using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Processes;

/// <summary>The program of this process: what it inherited, and its replacement by another one (execve(2)).</summary>
public static unsafe class ProcessImage
{
    /// <summary>The shell's exit status for a program that cannot be executed.</summary>
    private const int CannotExecute = 126;

    /// <summary>Whether a descriptor was open when the program started.</summary>
    /// <remarks>The runtime's own files close on exec. An inherited one does not.</remarks>
    public static bool IsInherited(int descriptor)
    {
        var flags = LibC.fcntl(descriptor, LibC.F_GETFD);
        return flags >= 0 && (flags & LibC.FD_CLOEXEC) == 0;
    }

    /// <summary>Replaces the program. Returns only if that fails and <paramref name="toNull"/> is empty.</summary>
    /// <param name="path">The executable.</param>
    /// <param name="arguments">All of argv.</param>
    /// <param name="environment">Each as NAME=VALUE.</param>
    /// <param name="toNull">
    /// Descriptors to open on <c>/dev/null</c> first. They may be the runtime's own, without which it cannot go on: if the program is not
    /// replaced, the process then exits with status 126.
    /// </param>
    /// <returns>Why it failed.</returns>
    public static LinuxError Replace(
        string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, IReadOnlyList<int> toNull)
    {
        using var argv = new StringVector(arguments);
        using var envp = new StringVector(environment);
        using var executable = new StringVector([path, "/dev/null"]);
        // As late as possible: one of the descriptors may be the runtime's source of random numbers, from which it would read without end.
        foreach (var number in toNull)
            OpenNull(executable.Start[1], number);
        _ = LibC.execve(executable.Start[0], argv.Start, envp.Start);
        var errno = LibC.errno;
        if (toNull.Count > 0)
            LibC._exit(CannotExecute);
        return new LinuxError(errno, "execve", path);
    }

    private static void OpenNull(byte* device, int number)
    {
        var opened = LibC.open(device, LibC.O_RDWR, default);
        if (opened < 0 || opened == number)
            return;
        _ = LibC.dup2(opened, number);
        if (opened > 2)
            _ = LibC.close(opened);
    }
}
