using System.Runtime.InteropServices;
using System.Text;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace L2tpd.Linux.Interop;

/// <summary>
/// What <c>Tmds.Linux.LibC</c> lacks: functions, structures and constants under the names of the C headers, one file for each header.
/// </summary>
/// <remarks>
/// <c>Native.Descriptors.cs</c> has the calls of <c>Tmds.Linux.LibC</c> that work on a descriptor. They take a <see cref="FileDescriptor"/>
/// and keep it open until the call returns, so that no call meets a number that now belongs to another file. A call on a closed
/// <see cref="FileDescriptor"/> throws <see cref="ObjectDisposedException"/>. Calls may block: none suppresses the GC transition.
/// Why two classes: docs/adr/0015.
/// </remarks>
internal static unsafe partial class Native
{
    private const string Library = "libc";

    /// <summary>The text as zero-terminated UTF-8.</summary>
    public static byte[] CString(string text) => Encoding.UTF8.GetBytes(text + '\0');
}
