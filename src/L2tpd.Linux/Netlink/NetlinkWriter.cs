using System.Runtime.InteropServices;
using System.Text;
using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>
/// Builds one request in a buffer that is reused. Our requests are far below its size: a larger one is a bug and throws. Integers are in
/// host order, as in netlink, except where a method says otherwise.
/// </summary>
internal sealed class NetlinkWriter
{
    public const int HeaderSize = 16;
    private const int AttributeHeaderSize = 4;

    private readonly byte[] _buffer = new byte[4096];
    private int _length;

    /// <summary>The message, with its length.</summary>
    public ReadOnlySpan<byte> Message
    {
        get
        {
            MemoryMarshal.Write(_buffer, (uint)_length);
            return _buffer.AsSpan(0, _length);
        }
    }

    /// <summary>Begins a message. The connection fills in sequence number and port.</summary>
    public void Begin(ushort type, ushort flags)
    {
        Array.Clear(_buffer, 0, _length);
        MemoryMarshal.Write(_buffer, new Native.nlmsghdr { nlmsg_type = type, nlmsg_flags = (ushort)(flags | Native.NLM_F_REQUEST) });
        _length = HeaderSize;
    }

    /// <summary>Begins a generic netlink message with a genlmsghdr of command and version.</summary>
    public void BeginGeneric(ushort family, ushort flags, byte command, byte version)
    {
        Begin(family, flags);
        var header = Take(4);
        header[0] = command;
        header[1] = version;
    }

    public void SetSequence(uint sequence, uint port)
    {
        MemoryMarshal.Write(_buffer.AsSpan(8), sequence);
        MemoryMarshal.Write(_buffer.AsSpan(12), port);
    }

    /// <summary>Appends the header of a protocol.</summary>
    public unsafe void Put<T>(in T header) where T : unmanaged => MemoryMarshal.Write(Take(sizeof(T)), header);

    public void Put(ushort type, byte value) => Attribute(type, 1)[0] = value;

    public void Put(ushort type, bool value) => Put(type, value ? (byte)1 : (byte)0);

    public void Put(ushort type, ushort value) => MemoryMarshal.Write(Attribute(type, sizeof(ushort)), value);

    public void Put(ushort type, uint value) => MemoryMarshal.Write(Attribute(type, sizeof(uint)), value);

    public void Put(ushort type, ulong value) => MemoryMarshal.Write(Attribute(type, sizeof(ulong)), value);

    public void Put(ushort type, ReadOnlySpan<byte> value) => value.CopyTo(Attribute(type, value.Length));

    /// <summary>Appends an attribute without a value: its presence is the value.</summary>
    public void PutFlag(ushort type) => Attribute(type, 0);

    /// <summary>Appends a string with its closing zero.</summary>
    public void Put(ushort type, string value)
    {
        var octets = Encoding.UTF8.GetByteCount(value);
        Encoding.UTF8.GetBytes(value, Attribute(type, octets + 1));
    }

    /// <summary>Opens a nested attribute, which ends when the scope is disposed.</summary>
    public Scope Nest(ushort type)
    {
        var start = _length;
        Attribute((ushort)(type | Native.NLA_F_NESTED), 0);
        return new Scope(this, start);
    }

    private Span<byte> Attribute(ushort type, int octets)
    {
        var header = Take(AttributeHeaderSize);
        MemoryMarshal.Write(header, (ushort)(AttributeHeaderSize + octets));
        MemoryMarshal.Write(header[2..], type);
        return Take(octets)[..octets];
    }

    private Span<byte> Take(int octets)
    {
        var aligned = (octets + 3) & ~3;
        if (_length + aligned > _buffer.Length)
            throw new InvalidOperationException("The netlink request is too long.");
        var span = _buffer.AsSpan(_length, aligned);
        _length += aligned;
        return span;
    }

    /// <summary>An open nested attribute.</summary>
    public readonly ref struct Scope(NetlinkWriter writer, int start)
    {
        public void Dispose() => MemoryMarshal.Write(writer._buffer.AsSpan(start), (ushort)(writer._length - start));
    }
}
