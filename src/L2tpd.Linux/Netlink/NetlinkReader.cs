using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>One message of a received datagram.</summary>
internal readonly ref struct NetlinkMessage(Native.nlmsghdr header, ReadOnlySpan<byte> payload)
{
    public ushort Type { get; } = header.nlmsg_type;

    public ushort Flags { get; } = header.nlmsg_flags;

    public uint Sequence { get; } = header.nlmsg_seq;

    public uint Port { get; } = header.nlmsg_pid;

    public ReadOnlySpan<byte> Payload { get; } = payload;
}

/// <summary>Enumerates the messages of a datagram. Stops at the first whose length is wrong.</summary>
internal ref struct NetlinkMessages(ReadOnlySpan<byte> rest)
{
    private ReadOnlySpan<byte> _rest = rest;

    public NetlinkMessage Current { get; private set; }

    public readonly NetlinkMessages GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.Length < NetlinkWriter.HeaderSize)
            return false;
        var header = MemoryMarshal.Read<Native.nlmsghdr>(_rest);
        if (header.nlmsg_len < NetlinkWriter.HeaderSize || header.nlmsg_len > (uint)_rest.Length)
            return false;
        var length = (int)header.nlmsg_len;
        Current = new NetlinkMessage(header, _rest[NetlinkWriter.HeaderSize..length]);
        _rest = _rest[Math.Min((length + 3) & ~3, _rest.Length)..];
        return true;
    }
}

/// <summary>One attribute. A number that is shorter than the type reads as 0.</summary>
internal readonly ref struct NetlinkAttribute(ushort type, ReadOnlySpan<byte> payload)
{
    public ushort Type { get; } = type;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    public byte Byte => Payload.Length >= 1 ? Payload[0] : (byte)0;

    public ushort UInt16 => Payload.Length >= 2 ? MemoryMarshal.Read<ushort>(Payload) : (ushort)0;

    public uint UInt32 => Payload.Length >= 4 ? MemoryMarshal.Read<uint>(Payload) : 0;

    public ulong UInt64 => Payload.Length >= 8 ? MemoryMarshal.Read<ulong>(Payload) : 0;

    /// <summary>The string before the closing zero.</summary>
    public string Text
    {
        get
        {
            var end = Payload.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? Payload : Payload[..end]);
        }
    }

    /// <summary>An address of 4 or 16 octets in network order, otherwise <c>null</c>.</summary>
    public IPAddress? Address => Payload.Length is 4 or 16 ? new IPAddress(Payload) : null;

    /// <summary>The nested attributes.</summary>
    public NetlinkAttributes Nested => new(Payload);
}

/// <summary>Enumerates attributes. Stops at the first whose length is wrong.</summary>
internal ref struct NetlinkAttributes(ReadOnlySpan<byte> rest)
{
    private const int HeaderSize = 4;
    private ReadOnlySpan<byte> _rest = rest;

    public NetlinkAttribute Current { get; private set; }

    public readonly NetlinkAttributes GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.Length < HeaderSize)
            return false;
        var length = MemoryMarshal.Read<ushort>(_rest);
        if (length < HeaderSize || length > _rest.Length)
            return false;
        Current = new NetlinkAttribute((ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & Native.NLA_TYPE_MASK), _rest[HeaderSize..length]);
        _rest = _rest[Math.Min((length + 3) & ~3, _rest.Length)..];
        return true;
    }
}
