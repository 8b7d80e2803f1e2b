namespace L2tpd.DataPlanes.Userspace;

/// <summary>Counters of one session or tunnel, counted as the kernel does: octets include the L2TP header, without UDP and IP.</summary>
public struct DataCounters
{
    public ulong TransmitPackets;
    public ulong TransmitBytes;
    public ulong TransmitErrors;
    public ulong ReceivePackets;
    public ulong ReceiveBytes;
    public ulong ReceiveErrors;
    public ulong SequenceDiscards;
    public ulong OutOfOrder;
    public ulong CookieDiscards;
    public ulong Invalid;

    public readonly TrafficCounters Snapshot() => new(
        TransmitPackets, TransmitBytes, TransmitErrors, ReceivePackets, ReceiveBytes, ReceiveErrors, SequenceDiscards, OutOfOrder,
        CookieDiscards, Invalid);

    public void CountSent(int octets)
    {
        TransmitPackets++;
        TransmitBytes += (ulong)octets;
    }

    /// <summary>Moves one packet from the sent to the refused ones: the kernel refused it after it was counted.</summary>
    public void CountRefused(int octets)
    {
        TransmitPackets--;
        TransmitBytes -= (ulong)octets;
        TransmitErrors++;
    }

    public void CountReceived(int octets)
    {
        ReceivePackets++;
        ReceiveBytes += (ulong)octets;
    }
}
