namespace L2tpd.Engine.Reliability;

/// <summary>
/// Sends for the channel: writes Ns and Nr into the message, signs it where messages are signed, and transmits it.
/// Must not call the channel back.
/// </summary>
public interface IReliableSender
{
    /// <summary>A message, first time or again. The array is the channel's; the sender may patch Ns, Nr and digest in place.</summary>
    void Transmit(byte[] message, ushort ns, ushort nr, bool isRetransmission);

    /// <summary>An acknowledgement by itself: a ZLB, or an ACK where authentication is on.</summary>
    void Acknowledge(ushort ns, ushort nr);
}
