using System.Runtime.InteropServices;

namespace L2tpd.Linux.Interop;

internal static unsafe partial class Native
{
    /// <summary>struct group.</summary>
    public struct group
    {
        public byte* gr_name;
        public byte* gr_passwd;
        public uint gr_gid;
        public byte** gr_mem;
    }

    // struct group *getgrnam(const char *name);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial group* getgrnam(string name);
}
