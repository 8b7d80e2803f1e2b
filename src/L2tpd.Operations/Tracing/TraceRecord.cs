using L2tpd.Engine.Addressing;

namespace L2tpd.Operations.Tracing;

/// <summary>A copy of one message or frame, secrets included: it does not leave the daemon as it is (<see cref="TraceViews"/>).</summary>
internal sealed record TraceRecord
{
    public required DateTimeOffset At { get; init; }

    public required bool IsSent { get; init; }

    /// <summary>A frame of PPP; otherwise a control message.</summary>
    public required bool IsFrame { get; init; }

    public required Endpoint Local { get; init; }

    public required Endpoint Remote { get; init; }

    public string? Tunnel { get; init; }

    public string? Session { get; init; }

    public string? User { get; init; }

    /// <summary>The header of a data message with this frame, a cookie of zeros in it; empty for control messages.</summary>
    public byte[] Header { get; init; } = [];

    public required byte[] Octets { get; init; }
}
