namespace L2tpd.DataPlanes.Userspace;

/// <summary>Takes the frames that the peer sends on one session: an Ethernet interface, or PPP. Loop thread only.</summary>
public interface ISessionPort
{
    /// <summary>
    /// Takes one frame without L2TP header: an Ethernet frame, or a PPP frame with or without FF 03. Valid during the call. Must not throw,
    /// whatever the frame contains.
    /// </summary>
    void Receive(ReadOnlySpan<byte> payload);
}
