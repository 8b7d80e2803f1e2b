namespace L2tpd.Engine.Data;

/// <summary>
/// Buffers for packets held back. They are reused, and their number is limited, so that no peer can make the daemon hold more. One thread
/// only.
/// </summary>
/// <param name="most">Buffers that may be out at a time.</param>
/// <param name="size">Octets of a buffer: the longest packet that can be held.</param>
public sealed class PacketPool(int most, int size)
{
    private readonly Stack<byte[]> _free = new();
    private int _made;

    /// <summary>Octets of a buffer.</summary>
    public int Size => size;

    /// <summary>Buffers rented and not given back.</summary>
    public int InUse => _made - _free.Count;

    /// <summary>Rents a buffer; <c>null</c> if all are rented.</summary>
    public byte[]? TryRent()
    {
        if (_free.TryPop(out var buffer))
            return buffer;
        if (_made >= most)
            return null;
        _made++;
        return new byte[size];
    }

    public void GiveBack(byte[] buffer) => _free.Push(buffer);
}
