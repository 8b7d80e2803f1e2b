using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol.V2;

/// <summary>Builds L2TPv2 messages from collected AVPs.</summary>
internal static class MessageReaderV2
{
    /// <summary>Builds the message; all required AVPs are known to be present.</summary>
    public static ControlMessage? Read(MessageType type, in AvpFields fields, SessionId sessionId) => type switch
    {
        MessageType.Sccrq => TunnelMessagesV2.ReadSccrq(fields),
        MessageType.Sccrp => TunnelMessagesV2.ReadSccrp(fields),
        MessageType.Scccn => TunnelMessagesV2.ReadScccn(fields),
        MessageType.StopCcn => TunnelMessagesV2.ReadStopCcn(fields),
        MessageType.Hello => Hello.Instance,
        MessageType.Fsq => TunnelMessagesV2.ReadFsq(fields),
        MessageType.Fsr => TunnelMessagesV2.ReadFsr(fields),
        MessageType.Srrq => TunnelMessagesV2.ReadSrrq(fields),
        MessageType.Srrp => TunnelMessagesV2.ReadSrrp(fields),
        MessageType.Ocrq => SessionMessagesV2.ReadOcrq(fields, sessionId),
        MessageType.Ocrp => SessionMessagesV2.ReadOcrp(fields, sessionId),
        MessageType.Occn => SessionMessagesV2.ReadOccn(fields, sessionId),
        MessageType.Icrq => SessionMessagesV2.ReadIcrq(fields, sessionId),
        MessageType.Icrp => SessionMessagesV2.ReadIcrp(fields, sessionId),
        MessageType.Iccn => SessionMessagesV2.ReadIccn(fields, sessionId),
        MessageType.Cdn => SessionMessagesV2.ReadCdn(fields, sessionId),
        MessageType.Wen => SessionMessagesV2.ReadWen(fields, sessionId),
        MessageType.Sli => SessionMessagesV2.ReadSli(fields, sessionId),
        MessageType.Mdmst => SessionMessagesV2.ReadMdmst(fields, sessionId),
        MessageType.Csun => SessionMessagesV2.ReadCsun(fields, sessionId),
        MessageType.Csurq => SessionMessagesV2.ReadCsurq(fields, sessionId),
        _ => null,
    };
}
