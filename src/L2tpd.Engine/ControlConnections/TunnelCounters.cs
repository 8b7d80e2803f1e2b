using System.Text.Json.Serialization;

namespace L2tpd.Engine.ControlConnections;

/// <summary>Counters of one control connection. A snapshot takes a copy of them.</summary>
public sealed record TunnelCounters
{
    /// <summary>Messages given to the reliable channel, HELLO included, ZLBs and retransmissions not.</summary>
    [JsonInclude]
    public long MessagesSent { get; internal set; }

    /// <summary>Messages processed in order.</summary>
    [JsonInclude]
    public long MessagesReceived { get; internal set; }

    [JsonInclude]
    public long Retransmissions { get; internal set; }

    [JsonInclude]
    public long Duplicates { get; internal set; }

    [JsonInclude]
    public long OutOfOrder { get; internal set; }

    [JsonInclude]
    public long ZlbsSent { get; internal set; }

    /// <summary>
    /// Messages of 12 or 13 octets (ZLBs) received over UDP since the data plane has the tunnel. Kernels before 6.11 count them as invalid
    /// data.
    /// </summary>
    [JsonInclude]
    public long ZlbsReceived { get; internal set; }

    [JsonInclude]
    public long HellosSent { get; internal set; }

    /// <summary>Datagrams that were dropped because they came from another address or port than the peer's.</summary>
    [JsonInclude]
    public long WrongSource { get; internal set; }

    /// <summary>L2TPv3 messages that were dropped for a wrong or missing digest.</summary>
    [JsonInclude]
    public long DigestFailures { get; internal set; }

    /// <summary>Messages whose sequence numbers or AVPs could not be used.</summary>
    [JsonInclude]
    public long Malformed { get; internal set; }
}
