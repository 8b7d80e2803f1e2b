using System.Buffers.Binary;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol.V2;

/// <summary>
/// The messages about a session in L2TPv2 (RFC 2661 sections 6.6 to 6.14 and RFC 3573, 5515), with reader and writer next to each other.
/// The session id of a reader is the header's: the receiver's id.
/// </summary>
internal static class SessionMessagesV2
{
    public static Icrq ReadIcrq(in AvpFields fields, SessionId sessionId) => new()
    {
        RemoteSessionId = sessionId,
        LocalSessionId = new(fields.UInt16(AvpType.AssignedSessionId)),
        CallSerialNumber = fields.UInt32(AvpType.CallSerialNumber),
        BearerType = (BearerTypes?)fields.OptionalUInt32(AvpType.BearerType),
        PhysicalChannelId = fields.OptionalUInt32(AvpType.PhysicalChannelId),
        CallingNumber = fields.Latin1(AvpType.CallingNumber),
        CalledNumber = fields.Latin1(AvpType.CalledNumber),
        SubAddress = fields.Latin1(AvpType.SubAddress),
        SessionDs = fields.OptionalUInt16(AvpType.SessionDs),
        Atm = ReadAtmService(fields),
        ConnectSpeedUpdateEnable = fields.Has(AvpType.ConnectSpeedUpdateEnable),
        ModemOnHoldCapable = fields.Octets(AvpType.ModemOnHoldCapable),
        DslLine = DslLineCodec.Read(fields),
    };

    public static void Write(ref AvpWriter writer, Icrq message)
    {
        writer.UInt16(AvpType.AssignedSessionId, (ushort)message.LocalSessionId.Value);
        writer.UInt32(AvpType.CallSerialNumber, message.CallSerialNumber);
        writer.UInt32(AvpType.BearerType, (uint?)message.BearerType);
        writer.UInt32(AvpType.PhysicalChannelId, message.PhysicalChannelId);
        writer.Latin1(AvpType.CallingNumber, message.CallingNumber);
        writer.Latin1(AvpType.CalledNumber, message.CalledNumber);
        writer.Latin1(AvpType.SubAddress, message.SubAddress);
        writer.UInt16(AvpType.SessionDs, message.SessionDs);
        WriteAtmService(ref writer, message.Atm);
        writer.Flag(AvpType.ConnectSpeedUpdateEnable, message.ConnectSpeedUpdateEnable);
        writer.Octets(AvpType.ModemOnHoldCapable, message.ModemOnHoldCapable);
        DslLineCodec.Write(ref writer, message.DslLine);
    }

    public static Icrp ReadIcrp(in AvpFields fields, SessionId sessionId) => new()
    {
        RemoteSessionId = sessionId,
        LocalSessionId = new(fields.UInt16(AvpType.AssignedSessionId)),
        SessionDs = fields.OptionalUInt16(AvpType.SessionDs),
    };

    public static void Write(ref AvpWriter writer, Icrp message)
    {
        writer.UInt16(AvpType.AssignedSessionId, (ushort)message.LocalSessionId.Value);
        writer.UInt16(AvpType.SessionDs, message.SessionDs);
    }

    public static Iccn ReadIccn(in AvpFields fields, SessionId sessionId) => new()
    {
        RemoteSessionId = sessionId,
        TxConnectSpeed = fields.UInt32(AvpType.TxConnectSpeed),
        FramingType = (FramingTypes)fields.UInt32(AvpType.FramingType),
        RxConnectSpeed = fields.OptionalUInt32(AvpType.RxConnectSpeed),
        SequencingRequired = fields.Has(AvpType.SequencingRequired),
        PrivateGroupId = fields.Octets(AvpType.PrivateGroupId),
        ProxyLcp = ReadProxyLcp(fields),
        ProxyAuthentication = ReadProxyAuthentication(fields),
        LcpWantOptions = fields.Octets(AvpType.LcpWantOptions),
        LcpAllowOptions = fields.Octets(AvpType.LcpAllowOptions),
    };

    public static void Write(ref AvpWriter writer, Iccn message)
    {
        WriteConnected(ref writer, message);
        writer.Octets(AvpType.PrivateGroupId, message.PrivateGroupId);
        WriteProxyLcp(ref writer, message.ProxyLcp);
        WriteProxyAuthentication(ref writer, message.ProxyAuthentication);
    }

    public static Ocrq ReadOcrq(in AvpFields fields, SessionId sessionId) => new()
    {
        RemoteSessionId = sessionId,
        LocalSessionId = new(fields.UInt16(AvpType.AssignedSessionId)),
        CallSerialNumber = fields.UInt32(AvpType.CallSerialNumber),
        MinimumBps = fields.UInt32(AvpType.MinimumBps),
        MaximumBps = fields.UInt32(AvpType.MaximumBps),
        BearerType = (BearerTypes?)fields.OptionalUInt32(AvpType.BearerType),
        FramingType = (FramingTypes)fields.UInt32(AvpType.FramingType),
        CalledNumber = fields.Latin1(AvpType.CalledNumber),
        SubAddress = fields.Latin1(AvpType.SubAddress),
        SessionDs = fields.OptionalUInt16(AvpType.SessionDs),
        RxMinimumBps = fields.OptionalUInt32(AvpType.RxMinimumBps),
        RxMaximumBps = fields.OptionalUInt32(AvpType.RxMaximumBps),
        Atm = ReadAtmService(fields),
    };

    public static void Write(ref AvpWriter writer, Ocrq message)
    {
        writer.UInt16(AvpType.AssignedSessionId, (ushort)message.LocalSessionId.Value);
        writer.UInt32(AvpType.CallSerialNumber, message.CallSerialNumber);
        writer.UInt32(AvpType.MinimumBps, message.MinimumBps);
        writer.UInt32(AvpType.MaximumBps, message.MaximumBps);
        // v2 requires Bearer Type and Called Number, even if the caller has not set them.
        writer.UInt32(AvpType.BearerType, (uint)(message.BearerType ?? BearerTypes.None));
        writer.UInt32(AvpType.FramingType, (uint)message.FramingType);
        writer.Latin1(AvpType.CalledNumber, message.CalledNumber ?? "");
        writer.Latin1(AvpType.SubAddress, message.SubAddress);
        writer.UInt16(AvpType.SessionDs, message.SessionDs);
        writer.UInt32(AvpType.RxMinimumBps, message.RxMinimumBps);
        writer.UInt32(AvpType.RxMaximumBps, message.RxMaximumBps);
        WriteAtmService(ref writer, message.Atm);
    }

    public static Ocrp ReadOcrp(in AvpFields fields, SessionId sessionId) => new()
    {
        RemoteSessionId = sessionId,
        LocalSessionId = new(fields.UInt16(AvpType.AssignedSessionId)),
        PhysicalChannelId = fields.OptionalUInt32(AvpType.PhysicalChannelId),
        SessionDs = fields.OptionalUInt16(AvpType.SessionDs),
    };

    public static void Write(ref AvpWriter writer, Ocrp message)
    {
        writer.UInt16(AvpType.AssignedSessionId, (ushort)message.LocalSessionId.Value);
        writer.UInt32(AvpType.PhysicalChannelId, message.PhysicalChannelId);
        writer.UInt16(AvpType.SessionDs, message.SessionDs);
    }

    public static Occn ReadOccn(in AvpFields fields, SessionId sessionId) => new()
    {
        RemoteSessionId = sessionId,
        TxConnectSpeed = fields.UInt32(AvpType.TxConnectSpeed),
        FramingType = (FramingTypes)fields.UInt32(AvpType.FramingType),
        RxConnectSpeed = fields.OptionalUInt32(AvpType.RxConnectSpeed),
        SequencingRequired = fields.Has(AvpType.SequencingRequired),
        LcpWantOptions = fields.Octets(AvpType.LcpWantOptions),
        LcpAllowOptions = fields.Octets(AvpType.LcpAllowOptions),
    };

    public static void Write(ref AvpWriter writer, Occn message) => WriteConnected(ref writer, message);

    public static Cdn ReadCdn(in AvpFields fields, SessionId sessionId) => new()
    {
        RemoteSessionId = sessionId,
        Result = AvpValueCodec.ReadResultCode(fields),
        LocalSessionId = new(fields.UInt16(AvpType.AssignedSessionId)),
        Q931Cause = AvpValueCodec.ReadQ931Cause(fields),
        PppDisconnectCause = AvpValueCodec.ReadPppDisconnectCause(fields),
    };

    public static void Write(ref AvpWriter writer, Cdn message)
    {
        AvpValueCodec.WriteResultCode(ref writer, message.Result);
        writer.UInt16(AvpType.AssignedSessionId, (ushort)message.LocalSessionId.Value);
        AvpValueCodec.WriteQ931Cause(ref writer, message.Q931Cause);
        AvpValueCodec.WritePppDisconnectCause(ref writer, message.PppDisconnectCause);
    }

    public static Wen ReadWen(in AvpFields fields, SessionId sessionId) =>
        new() { RemoteSessionId = sessionId, CallErrors = AvpValueCodec.ReadCallErrors(fields)! };

    public static Sli ReadSli(in AvpFields fields, SessionId sessionId) => new()
    {
        RemoteSessionId = sessionId,
        Accm = AvpValueCodec.ReadAccm(fields),
        LnsLastSentLcpConfReq = fields.Octets(AvpType.LnsLastSentLcpConfReq),
        LnsLastReceivedLcpConfReq = fields.Octets(AvpType.LnsLastReceivedLcpConfReq),
    };

    public static void Write(ref AvpWriter writer, Sli message)
    {
        AvpValueCodec.WriteAccm(ref writer, message.Accm);
        writer.Octets(AvpType.LnsLastSentLcpConfReq, message.LnsLastSentLcpConfReq);
        writer.Octets(AvpType.LnsLastReceivedLcpConfReq, message.LnsLastReceivedLcpConfReq);
    }

    public static Mdmst ReadMdmst(in AvpFields fields, SessionId sessionId) =>
        new() { RemoteSessionId = sessionId, ModemOnHoldStatus = fields.Octets(AvpType.ModemOnHoldStatus)! };

    public static Csun ReadCsun(in AvpFields fields, SessionId sessionId)
    {
        var update = ReadConnectSpeedUpdate(fields);
        return new Csun { RemoteSessionId = SessionOf(update, sessionId), Update = update };
    }

    public static Csurq ReadCsurq(in AvpFields fields, SessionId sessionId)
    {
        var update = ReadConnectSpeedUpdate(fields);
        return new Csurq { RemoteSessionId = SessionOf(update, sessionId), Update = update };
    }

    /// <summary>Connect Speed Update AVP 97 of v2: reserved, session id, two 32-bit speeds.</summary>
    public static void WriteConnectSpeedUpdate(ref AvpWriter writer, ConnectSpeedUpdate update)
    {
        Span<byte> octets = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(octets, (ushort)update.RemoteSessionId.Value);
        BinaryPrimitives.WriteUInt32BigEndian(octets[4..], Saturate(update.TxSpeed));
        BinaryPrimitives.WriteUInt32BigEndian(octets[8..], Saturate(update.RxSpeed));
        writer.Octets(AvpType.ConnectSpeedUpdate, octets);
    }

    private static ConnectSpeedUpdate ReadConnectSpeedUpdate(in AvpFields fields)
    {
        var value = fields.Value(AvpType.ConnectSpeedUpdate);
        return new ConnectSpeedUpdate(
            new SessionId(BinaryPrimitives.ReadUInt16BigEndian(value[2..])),
            BinaryPrimitives.ReadUInt32BigEndian(value[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(value[8..]));
    }

    /// <summary>The AVP has the session id too, so that the header's may be 0.</summary>
    private static SessionId SessionOf(ConnectSpeedUpdate update, SessionId headerSessionId) =>
        !headerSessionId.IsNone ? headerSessionId : update.RemoteSessionId;

    private static uint Saturate(ulong speed) => (uint)Math.Min(speed, uint.MaxValue);

    private static void WriteConnected(ref AvpWriter writer, CallConnected message)
    {
        writer.UInt32(AvpType.TxConnectSpeed, message.TxConnectSpeed);
        writer.UInt32(AvpType.FramingType, (uint)message.FramingType);
        writer.UInt32(AvpType.RxConnectSpeed, message.RxConnectSpeed);
        writer.Flag(AvpType.SequencingRequired, message.SequencingRequired);
        writer.Octets(AvpType.LcpWantOptions, message.LcpWantOptions);
        writer.Octets(AvpType.LcpAllowOptions, message.LcpAllowOptions);
    }

    private static AtmService? ReadAtmService(in AvpFields fields)
    {
        var isPresent = fields.Has(AvpType.ServiceCategory) || fields.Has(AvpType.ServiceName)
            || fields.Has(AvpType.CallingSubAddress) || fields.Has(AvpType.VpiVciIdentifier);
        return !isPresent ? null : new AtmService(
            fields.OptionalUInt16(AvpType.ServiceCategory),
            fields.Latin1(AvpType.ServiceName),
            fields.Latin1(AvpType.CallingSubAddress),
            fields.Octets(AvpType.VpiVciIdentifier));
    }

    private static void WriteAtmService(ref AvpWriter writer, AtmService? service)
    {
        if (service is null)
            return;
        writer.UInt16(AvpType.ServiceCategory, service.ServiceCategory);
        writer.Latin1(AvpType.ServiceName, service.ServiceName);
        writer.Latin1(AvpType.CallingSubAddress, service.CallingSubAddress);
        writer.Octets(AvpType.VpiVciIdentifier, service.VpiVci);
    }

    private static ProxyLcp? ReadProxyLcp(in AvpFields fields)
    {
        var isPresent = fields.Has(AvpType.InitialReceivedLcpConfReq) || fields.Has(AvpType.LastSentLcpConfReq)
            || fields.Has(AvpType.LastReceivedLcpConfReq);
        return !isPresent ? null : new ProxyLcp(
            fields.Octets(AvpType.InitialReceivedLcpConfReq),
            fields.Octets(AvpType.LastSentLcpConfReq),
            fields.Octets(AvpType.LastReceivedLcpConfReq));
    }

    private static void WriteProxyLcp(ref AvpWriter writer, ProxyLcp? lcp)
    {
        if (lcp is null)
            return;
        writer.Octets(AvpType.InitialReceivedLcpConfReq, lcp.InitialReceivedConfReq);
        writer.Octets(AvpType.LastSentLcpConfReq, lcp.LastSentConfReq);
        writer.Octets(AvpType.LastReceivedLcpConfReq, lcp.LastReceivedConfReq);
    }

    private static ProxyAuthentication? ReadProxyAuthentication(in AvpFields fields)
    {
        var isPresent = fields.Has(AvpType.ProxyAuthenType) || fields.Has(AvpType.ProxyAuthenName)
            || fields.Has(AvpType.ProxyAuthenChallenge) || fields.Has(AvpType.ProxyAuthenId) || fields.Has(AvpType.ProxyAuthenResponse);
        return !isPresent ? null : new ProxyAuthentication(
            (ProxyAuthenticationType?)fields.OptionalUInt16(AvpType.ProxyAuthenType),
            fields.Octets(AvpType.ProxyAuthenName),
            fields.Octets(AvpType.ProxyAuthenChallenge),
            (byte?)fields.OptionalUInt16(AvpType.ProxyAuthenId),
            fields.Octets(AvpType.ProxyAuthenResponse));
    }

    private static void WriteProxyAuthentication(ref AvpWriter writer, ProxyAuthentication? authentication)
    {
        if (authentication is null)
            return;
        writer.UInt16(AvpType.ProxyAuthenType, (ushort?)authentication.Type);
        writer.Octets(AvpType.ProxyAuthenName, authentication.Name);
        writer.Octets(AvpType.ProxyAuthenChallenge, authentication.Challenge);
        writer.UInt16(AvpType.ProxyAuthenId, authentication.Id);
        writer.Octets(AvpType.ProxyAuthenResponse, authentication.Response);
    }
}
