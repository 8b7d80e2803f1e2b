using System.Runtime.InteropServices;
using L2tpd.Linux;

namespace L2tpd.Bench;

/// <summary>poll(2) on one descriptor.</summary>
internal static partial class Poll
{
    private const short Input = 1;

    public static unsafe void ForInput(FileDescriptor descriptor, int milliseconds)
    {
        var entry = new PollFd { Descriptor = (int)descriptor.DangerousGetHandle(), Events = Input };
        _ = poll(&entry, 1, milliseconds);
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static unsafe partial int poll(PollFd* entries, nuint count, int timeout);

    private struct PollFd
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
