namespace L2tpd.DataPlanes.Userspace;

/// <summary>
/// Limits the packets that each interface may deliver per turn, so that a turn stays short however many interfaces are ready: control
/// messages wait until the turn is over. The rest is read in the next turn. Loop thread only.
/// </summary>
public sealed class TurnBudget
{
    /// <summary>Packets per turn of all interfaces together, about: some milliseconds of work.</summary>
    private const int PacketsATurn = 1_024;

    private const int Most = 64;
    private const int Least = 4;

    private int _ready;

    /// <summary>Packets that an interface may deliver per turn.</summary>
    public int Share { get; private set; } = Most;

    /// <summary>An interface is ready: it counts for the share of the next turn.</summary>
    /// <returns><see cref="Share"/>.</returns>
    public int Take()
    {
        _ready++;
        return Share;
    }

    /// <summary>To be called at the end of a turn.</summary>
    public void EndTurn()
    {
        Share = Math.Clamp(PacketsATurn / Math.Max(_ready, 1), Least, Most);
        _ready = 0;
    }
}
