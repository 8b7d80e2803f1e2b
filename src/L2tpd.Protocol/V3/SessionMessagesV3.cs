using System.Buffers.Binary;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol.V3;

/// <summary>
/// The messages about a session in L2TPv3 (RFC 3931 sections 6.6 to 6.15 and RFC 5515), with reader and writer next to each other.
/// </summary>
internal static class SessionMessagesV3
{
    public static Icrq ReadIcrq(in AvpFields fields) => new()
    {
        LocalSessionId = new(fields.UInt32(AvpType.LocalSessionId)),
        RemoteSessionId = new(fields.UInt32(AvpType.RemoteSessionId)),
        CallSerialNumber = fields.UInt32(AvpType.CallSerialNumber),
        PseudowireType = (PseudowireType)fields.UInt16(AvpType.PseudowireType),
        RemoteEndId = fields.Octets(AvpType.RemoteEndId),
        AttachmentGroupId = fields.Octets(AvpType.AttachmentGroupId),
        LocalEndId = fields.Octets(AvpType.LocalEndId),
        TieBreaker = fields.OptionalUInt64(AvpType.TieBreaker),
        PhysicalChannelId = fields.OptionalUInt32(AvpType.PhysicalChannelId),
        ConnectSpeedUpdateEnable = fields.Has(AvpType.ConnectSpeedUpdateEnable),
        DslLine = DslLineCodec.Read(fields),
        Pseudowire = PseudowireOptionsV3.Read(fields),
    };

    public static void Write(ref AvpWriter writer, Icrq message)
    {
        WriteRequest(ref writer, message);
        writer.UInt32(AvpType.PhysicalChannelId, message.PhysicalChannelId);
        writer.Flag(AvpType.ConnectSpeedUpdateEnable, message.ConnectSpeedUpdateEnable);
        DslLineCodec.Write(ref writer, message.DslLine);
    }

    public static Icrp ReadIcrp(in AvpFields fields) => new()
    {
        LocalSessionId = new(fields.UInt32(AvpType.LocalSessionId)),
        RemoteSessionId = new(fields.UInt32(AvpType.RemoteSessionId)),
        PhysicalChannelId = fields.OptionalUInt32(AvpType.PhysicalChannelId),
        Pseudowire = PseudowireOptionsV3.Read(fields),
    };

    public static void Write(ref AvpWriter writer, Icrp message)
    {
        WriteIds(ref writer, message);
        PseudowireOptionsV3.WriteWithStatus(ref writer, message.Pseudowire);
        writer.UInt32(AvpType.PhysicalChannelId, message.PhysicalChannelId);
    }

    public static Iccn ReadIccn(in AvpFields fields) => new()
    {
        LocalSessionId = new(fields.UInt32(AvpType.LocalSessionId)),
        RemoteSessionId = new(fields.UInt32(AvpType.RemoteSessionId)),
        Pseudowire = PseudowireOptionsV3.Read(fields),
    };

    public static Occn ReadOccn(in AvpFields fields) => new()
    {
        LocalSessionId = new(fields.UInt32(AvpType.LocalSessionId)),
        RemoteSessionId = new(fields.UInt32(AvpType.RemoteSessionId)),
        Pseudowire = PseudowireOptionsV3.Read(fields),
    };

    /// <summary>ICCN and OCCN.</summary>
    public static void Write(ref AvpWriter writer, CallConnected message)
    {
        WriteIds(ref writer, message);
        PseudowireOptionsV3.Write(ref writer, message.Pseudowire);
    }

    public static Ocrq ReadOcrq(in AvpFields fields) => new()
    {
        LocalSessionId = new(fields.UInt32(AvpType.LocalSessionId)),
        RemoteSessionId = new(fields.UInt32(AvpType.RemoteSessionId)),
        CallSerialNumber = fields.UInt32(AvpType.CallSerialNumber),
        PseudowireType = (PseudowireType)fields.UInt16(AvpType.PseudowireType),
        RemoteEndId = fields.Octets(AvpType.RemoteEndId),
        AttachmentGroupId = fields.Octets(AvpType.AttachmentGroupId),
        LocalEndId = fields.Octets(AvpType.LocalEndId),
        TieBreaker = fields.OptionalUInt64(AvpType.TieBreaker),
        Pseudowire = PseudowireOptionsV3.Read(fields),
    };

    public static void Write(ref AvpWriter writer, Ocrq message) => WriteRequest(ref writer, message);

    public static Ocrp ReadOcrp(in AvpFields fields) => new()
    {
        LocalSessionId = new(fields.UInt32(AvpType.LocalSessionId)),
        RemoteSessionId = new(fields.UInt32(AvpType.RemoteSessionId)),
        PhysicalChannelId = fields.OptionalUInt32(AvpType.PhysicalChannelId),
        Pseudowire = PseudowireOptionsV3.Read(fields),
    };

    public static void Write(ref AvpWriter writer, Ocrp message)
    {
        WriteIds(ref writer, message);
        PseudowireOptionsV3.WriteWithStatus(ref writer, message.Pseudowire);
        writer.UInt32(AvpType.PhysicalChannelId, message.PhysicalChannelId);
    }

    public static Cdn ReadCdn(in AvpFields fields) => new()
    {
        LocalSessionId = new(fields.UInt32(AvpType.LocalSessionId)),
        RemoteSessionId = new(fields.UInt32(AvpType.RemoteSessionId)),
        Result = AvpValueCodec.ReadResultCode(fields),
    };

    public static void Write(ref AvpWriter writer, Cdn message)
    {
        AvpValueCodec.WriteResultCode(ref writer, message.Result);
        WriteIds(ref writer, message);
    }

    public static Wen ReadWen(in AvpFields fields) => new()
    {
        LocalSessionId = new(fields.UInt32(AvpType.LocalSessionId)),
        RemoteSessionId = new(fields.UInt32(AvpType.RemoteSessionId)),
        CallErrors = AvpValueCodec.ReadCallErrors(fields)!,
    };

    public static void Write(ref AvpWriter writer, Wen message)
    {
        WriteIds(ref writer, message);
        AvpValueCodec.WriteCallErrors(ref writer, message.CallErrors);
    }

    public static Sli ReadSli(in AvpFields fields) => new()
    {
        LocalSessionId = new(fields.UInt32(AvpType.LocalSessionId)),
        RemoteSessionId = new(fields.UInt32(AvpType.RemoteSessionId)),
        CircuitStatus = (CircuitStatus?)fields.OptionalUInt16(AvpType.CircuitStatus),
    };

    public static void Write(ref AvpWriter writer, Sli message)
    {
        WriteIds(ref writer, message);
        writer.UInt16(AvpType.CircuitStatus, (ushort?)message.CircuitStatus);
    }

    public static Csun ReadCsun(in AvpFields fields)
    {
        var update = ReadConnectSpeedUpdate(fields);
        return new Csun { RemoteSessionId = update.RemoteSessionId, Update = update };
    }

    public static Csurq ReadCsurq(in AvpFields fields)
    {
        var update = ReadConnectSpeedUpdate(fields);
        return new Csurq { RemoteSessionId = update.RemoteSessionId, Update = update };
    }

    /// <summary>Connect Speed Update AVP 97 of v3: 32-bit session id, two 64-bit speeds.</summary>
    public static void WriteConnectSpeedUpdate(ref AvpWriter writer, ConnectSpeedUpdate update)
    {
        Span<byte> octets = stackalloc byte[20];
        BinaryPrimitives.WriteUInt32BigEndian(octets, update.RemoteSessionId.Value);
        BinaryPrimitives.WriteUInt64BigEndian(octets[4..], update.TxSpeed);
        BinaryPrimitives.WriteUInt64BigEndian(octets[12..], update.RxSpeed);
        writer.Octets(AvpType.ConnectSpeedUpdate, octets);
    }

    private static ConnectSpeedUpdate ReadConnectSpeedUpdate(in AvpFields fields)
    {
        var value = fields.Value(AvpType.ConnectSpeedUpdate);
        return new ConnectSpeedUpdate(
            new SessionId(BinaryPrimitives.ReadUInt32BigEndian(value)),
            BinaryPrimitives.ReadUInt64BigEndian(value[4..]),
            BinaryPrimitives.ReadUInt64BigEndian(value[12..]));
    }

    private static void WriteRequest(ref AvpWriter writer, CallRequest message)
    {
        WriteIds(ref writer, message);
        writer.UInt32(AvpType.CallSerialNumber, message.CallSerialNumber);
        writer.UInt16(AvpType.PseudowireType, (ushort?)message.PseudowireType);
        writer.Octets(AvpType.RemoteEndId, message.RemoteEndId);
        writer.Octets(AvpType.AttachmentGroupId, message.AttachmentGroupId);
        writer.Octets(AvpType.LocalEndId, message.LocalEndId);
        writer.UInt64(AvpType.TieBreaker, message.TieBreaker);
        PseudowireOptionsV3.WriteWithStatus(ref writer, message.Pseudowire);
    }

    private static void WriteIds(ref AvpWriter writer, SessionMessage message)
    {
        writer.UInt32(AvpType.LocalSessionId, message.LocalSessionId.Value);
        writer.UInt32(AvpType.RemoteSessionId, message.RemoteSessionId.Value);
    }
}
