namespace L2tpd.Engine.ControlConnections;

/// <summary>Counters of one control connection.</summary>
public sealed class TunnelCounters
{
    /// <summary>Messages given to the reliable channel, HELLO included, ZLBs and retransmissions not.</summary>
    public long MessagesSent { get; internal set; }

    /// <summary>Messages processed in order.</summary>
    public long MessagesReceived { get; internal set; }

    public long Retransmissions { get; internal set; }

    public long Duplicates { get; internal set; }

    public long OutOfOrder { get; internal set; }

    public long ZlbsSent { get; internal set; }

    /// <summary>
    /// Messages of 12 or 13 octets (ZLBs) received over UDP since the data plane has the tunnel. Kernels before 6.11 count them as invalid
    /// data.
    /// </summary>
    public long ZlbsReceived { get; internal set; }

    public long HellosSent { get; internal set; }

    /// <summary>Datagrams that were dropped because they came from another address or port than the peer's.</summary>
    public long WrongSource { get; internal set; }

    /// <summary>L2TPv3 messages that were dropped for a wrong or missing digest.</summary>
    public long DigestFailures { get; internal set; }

    /// <summary>Messages whose sequence numbers or AVPs could not be used.</summary>
    public long Malformed { get; internal set; }
}
