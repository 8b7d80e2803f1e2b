namespace L2tpd.DataPlanes.Userspace;

/// <summary>Takes what the peer sends on one session: an Ethernet interface, or PPP. Loop thread only.</summary>
public interface ISessionPort
{
    /// <summary>
    /// One frame, without any L2TP header: an Ethernet frame, or a PPP frame as it was sent, with FF 03 or without. Valid during the call.
    /// Nothing it may say can make this throw.
    /// </summary>
    void Receive(ReadOnlySpan<byte> payload);
}
