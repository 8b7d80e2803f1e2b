using System.Runtime.InteropServices;

namespace L2tpd.Linux.Interop;

/// <summary>A vector of strings for exec: pointers to zero-terminated UTF-8, with a null pointer at the end.</summary>
internal sealed unsafe class StringVector : IDisposable
{
    public StringVector(IReadOnlyList<string> texts)
    {
        Start = (byte**)NativeMemory.AllocZeroed((nuint)(texts.Count + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < texts.Count; i++)
            Start[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
    }

    public byte** Start { get; private set; }

    public void Dispose()
    {
        if (Start == null)
            return;

        for (var i = 0; Start[i] != null; i++)
            Marshal.FreeCoTaskMem((nint)Start[i]);
        NativeMemory.Free(Start);
        Start = null;
    }
}
