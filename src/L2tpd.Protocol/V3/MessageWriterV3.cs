using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol.V3;

/// <summary>Writes the AVPs of an L2TPv3 message after Message Type and Message Digest.</summary>
internal static class MessageWriterV3
{
    public static void Write(ref AvpWriter writer, ControlMessage message)
    {
        switch (message)
        {
            case Sccrq sccrq: TunnelMessagesV3.Write(ref writer, sccrq); break;
            case Sccrp sccrp: TunnelMessagesV3.Write(ref writer, sccrp); break;
            case StopCcn stopCcn: TunnelMessagesV3.Write(ref writer, stopCcn); break;
            case Fsq fsq: AvpValueCodec.WriteFailoverSessions(ref writer, fsq.Sessions); break;
            case Fsr fsr: AvpValueCodec.WriteFailoverSessions(ref writer, fsr.Sessions); break;
            case Ocrq ocrq: SessionMessagesV3.Write(ref writer, ocrq); break;
            case Ocrp ocrp: SessionMessagesV3.Write(ref writer, ocrp); break;
            case Icrq icrq: SessionMessagesV3.Write(ref writer, icrq); break;
            case Icrp icrp: SessionMessagesV3.Write(ref writer, icrp); break;
            case CallConnected connected: SessionMessagesV3.Write(ref writer, connected); break;
            case Cdn cdn: SessionMessagesV3.Write(ref writer, cdn); break;
            case Wen wen: SessionMessagesV3.Write(ref writer, wen); break;
            case Sli sli: SessionMessagesV3.Write(ref writer, sli); break;
            case Csun csun: SessionMessagesV3.WriteConnectSpeedUpdate(ref writer, csun.Update); break;
            case Csurq csurq: SessionMessagesV3.WriteConnectSpeedUpdate(ref writer, csurq.Update); break;
            default: break; // SCCCN, HELLO and ACK have no further AVPs.
        }
    }
}
