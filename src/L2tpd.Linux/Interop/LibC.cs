using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace L2tpd.Linux.Interop;

/// <summary>The C library, one file a header, under the names C gives them. Calls may block: none suppresses the GC transition.</summary>
internal static unsafe partial class LibC
{
    private const string Name = "libc";

    /// <summary>The errno of the last call marked SetLastError on this thread.</summary>
    public static int LastErrno => Marshal.GetLastPInvokeError();
}
