namespace L2tpd.Engine.Reliability;

/// <summary>
/// What the channel wants sent. Ns and Nr are to be written into the message, which is then signed if need be, and sent.
/// Must not call the channel back.
/// </summary>
public interface IReliableSender
{
    /// <summary>A message, first time or again. The array is the channel's; the sender may patch Ns, Nr and digest in place.</summary>
    void Transmit(byte[] message, ushort ns, ushort nr, bool isRetransmission);

    /// <summary>An acknowledgement by itself: a ZLB, or an ACK where authentication is on.</summary>
    void Acknowledge(ushort ns, ushort nr);
}
