using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol.V3;

/// <summary>Builds L2TPv3 messages from collected AVPs.</summary>
internal static class MessageReaderV3
{
    /// <summary>Builds the message; all required AVPs are known to be present.</summary>
    public static ControlMessage? Read(MessageType type, in AvpFields fields) => type switch
    {
        MessageType.Sccrq => TunnelMessagesV3.ReadSccrq(fields),
        MessageType.Sccrp => TunnelMessagesV3.ReadSccrp(fields),
        MessageType.Scccn => new Scccn(),
        MessageType.StopCcn => TunnelMessagesV3.ReadStopCcn(fields),
        MessageType.Hello => Hello.Instance,
        MessageType.Ack => Ack.Instance,
        MessageType.Fsq => TunnelMessagesV3.ReadFsq(fields),
        MessageType.Fsr => TunnelMessagesV3.ReadFsr(fields),
        MessageType.Ocrq => SessionMessagesV3.ReadOcrq(fields),
        MessageType.Ocrp => SessionMessagesV3.ReadOcrp(fields),
        MessageType.Occn => SessionMessagesV3.ReadOccn(fields),
        MessageType.Icrq => SessionMessagesV3.ReadIcrq(fields),
        MessageType.Icrp => SessionMessagesV3.ReadIcrp(fields),
        MessageType.Iccn => SessionMessagesV3.ReadIccn(fields),
        MessageType.Cdn => SessionMessagesV3.ReadCdn(fields),
        MessageType.Wen => SessionMessagesV3.ReadWen(fields),
        MessageType.Sli => SessionMessagesV3.ReadSli(fields),
        MessageType.Csun => SessionMessagesV3.ReadCsun(fields),
        MessageType.Csurq => SessionMessagesV3.ReadCsurq(fields),
        _ => null,
    };
}
