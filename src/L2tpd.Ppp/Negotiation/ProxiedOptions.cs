using System.Buffers.Binary;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Negotiation;

/// <summary>An LCP option list from a proxy AVP, limited to options that we negotiate ourselves.</summary>
internal readonly record struct ProxiedOptions(
    ushort Mru, AuthenticationProtocol Authentication, uint Magic, bool ProtocolCompression, bool AddressCompression)
{
    /// <summary>Reads a list; false if it is missing, malformed, or has an option that we would have rejected.</summary>
    internal static bool TryRead(byte[]? options, out ProxiedOptions read)
    {
        read = new ProxiedOptions(Lcp.DefaultMru, AuthenticationProtocol.None, 0, false, false);
        if (options is null || options.Length > ControlProtocol.LargestPacket || !OptionReader.IsWellFormed(options))
            return false;

        var reader = new OptionReader(options);
        while (reader.MoveNext())
        {
            if (!read.TryAdd(reader, out read))
                return false;
        }

        return true;
    }

    private bool TryAdd(OptionReader option, out ProxiedOptions read)
    {
        read = this;
        switch (option.Type)
        {
            case Lcp.MruOption when option.Value.Length == 2:
                read = this with { Mru = BinaryPrimitives.ReadUInt16BigEndian(option.Value) };
                return true;
            case Lcp.AccmOption when option.Value.Length == 4:
                return true;
            case Lcp.AuthenticationOption:
                read = this with { Authentication = AuthenticationWire.ReadOption(option.Value) };
                return read.Authentication != AuthenticationProtocol.None;
            case Lcp.MagicOption when option.Value.Length == 4:
                read = this with { Magic = BinaryPrimitives.ReadUInt32BigEndian(option.Value) };
                return true;
            case Lcp.ProtocolCompressionOption when option.Value.IsEmpty:
                read = this with { ProtocolCompression = true };
                return true;
            case Lcp.AddressCompressionOption when option.Value.IsEmpty:
                read = this with { AddressCompression = true };
                return true;
            default:
                return false;
        }
    }
}
