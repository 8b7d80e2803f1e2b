using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Reliability;

/// <summary>
/// How many messages may be unacknowledged on the wire: the peer's Receive Window Size, and slow start and congestion
/// avoidance below it (RFC 2661 appendix A).
/// </summary>
internal struct CongestionWindow
{
    /// <summary>Ns comparison is unambiguous for half the number space only.</summary>
    private const int Largest = 32767;

    /// <summary>RFC 2661 section 4.4.3: assumed until the peer's Receive Window Size is known, and when it sends none.</summary>
    private const int DefaultPeerWindow = 4;

    private int _peerWindow;
    private int _slowStartThreshold;

    /// <summary>Acknowledgements since the window last grew in congestion avoidance: the numerator of "1/cwnd per acknowledgement".</summary>
    private int _acksTowardsGrowth;

    public CongestionWindow()
    {
        Size = 1;
        _peerWindow = DefaultPeerWindow;
        _slowStartThreshold = DefaultPeerWindow;
    }

    public CongestionWindow(WindowSnapshot snapshot)
    {
        Size = snapshot.Size;
        _peerWindow = snapshot.PeerWindow;
        _slowStartThreshold = snapshot.SlowStartThreshold;
        _acksTowardsGrowth = snapshot.AcksTowardsGrowth;
    }

    /// <summary>The window, messages: never below 1, never above the peer's.</summary>
    public int Size { get; private set; }

    public readonly WindowSnapshot ToSnapshot() => new(Size, _peerWindow, _slowStartThreshold, _acksTowardsGrowth);

    /// <summary>The peer's window as it is now known; the threshold starts from it (appendix A).</summary>
    public void SetPeerWindow(int window)
    {
        _peerWindow = Math.Clamp(window, 1, Largest);
        _slowStartThreshold = _peerWindow;
        Size = Math.Min(Size, _peerWindow);
    }

    /// <summary>An acknowledgement released at least one message.</summary>
    public void OnAcknowledged()
    {
        if (Size < _slowStartThreshold)
        {
            Size = Math.Min(Size + 1, _peerWindow);
        }
        else if (++_acksTowardsGrowth >= Size)
        {
            _acksTowardsGrowth = 0;
            Size = Math.Min(Size + 1, _peerWindow);
        }
    }

    /// <summary>A retransmission timeout: back to slow start, up to half of what was too much.</summary>
    public void OnTimeout()
    {
        _slowStartThreshold = Math.Max(Size / 2, 1);
        _acksTowardsGrowth = 0;
        Size = 1;
    }
}
