using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace L2tpd.Linux.Sockets;

/// <summary>Zeroed memory outside the garbage-collected heap: the kernel keeps addresses into it between calls.</summary>
internal sealed unsafe class NativeBlock : SafeHandleZeroOrMinusOneIsInvalid
{
    public NativeBlock(int octets) : base(ownsHandle: true) => SetHandle((nint)NativeMemory.AllocZeroed((nuint)octets));

    public byte* Start => (byte*)handle;

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }
}
