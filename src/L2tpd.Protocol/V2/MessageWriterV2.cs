using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol.V2;

/// <summary>Writes the AVPs of an L2TPv2 message after Message Type.</summary>
internal static class MessageWriterV2
{
    public static void Write(ref AvpWriter writer, ControlMessage message)
    {
        switch (message)
        {
            case Icrq icrq: SessionMessagesV2.Write(ref writer, icrq); break;
            case Icrp icrp: SessionMessagesV2.Write(ref writer, icrp); break;
            case Iccn iccn: SessionMessagesV2.Write(ref writer, iccn); break;
            case Cdn cdn: SessionMessagesV2.Write(ref writer, cdn); break;
            case Sccrq sccrq: TunnelMessagesV2.Write(ref writer, sccrq); break;
            case Sccrp sccrp: TunnelMessagesV2.Write(ref writer, sccrp); break;
            case Scccn scccn: TunnelMessagesV2.Write(ref writer, scccn); break;
            case StopCcn stopCcn: TunnelMessagesV2.Write(ref writer, stopCcn); break;
            case Fsq fsq: AvpValueCodec.WriteFailoverSessions(ref writer, fsq.Sessions); break;
            case Fsr fsr: AvpValueCodec.WriteFailoverSessions(ref writer, fsr.Sessions); break;
            case Srrq srrq: writer.Octets(AvpType.PppoeRelay, srrq.PppoeRelay); break;
            case Srrp srrp: writer.Octets(AvpType.PppoeRelay, srrp.PppoeRelay); break;
            case Ocrq ocrq: SessionMessagesV2.Write(ref writer, ocrq); break;
            case Ocrp ocrp: SessionMessagesV2.Write(ref writer, ocrp); break;
            case Occn occn: SessionMessagesV2.Write(ref writer, occn); break;
            case Wen wen: AvpValueCodec.WriteCallErrors(ref writer, wen.CallErrors); break;
            case Sli sli: SessionMessagesV2.Write(ref writer, sli); break;
            case Mdmst mdmst: writer.Octets(AvpType.ModemOnHoldStatus, mdmst.ModemOnHoldStatus); break;
            case Csun csun: SessionMessagesV2.WriteConnectSpeedUpdate(ref writer, csun.Update); break;
            case Csurq csurq: SessionMessagesV2.WriteConnectSpeedUpdate(ref writer, csurq.Update); break;
            default: break; // HELLO has no further AVPs.
        }
    }
}
