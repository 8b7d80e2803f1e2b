namespace L2tpd.DataPlanes.Userspace;

/// <summary>
/// How many packets each interface may hand in within one turn of the loop: so few that a turn stays short however many interfaces have
/// something, for control messages wait until it is over. What an interface may not hand in now it may in the next turn. Loop thread only.
/// </summary>
public sealed class TurnBudget
{
    /// <summary>Packets of all interfaces in a turn, about: some milliseconds.</summary>
    private const int PacketsATurn = 1_024;

    private const int Most = 64;
    private const int Least = 4;

    private int _ready;

    /// <summary>Packets an interface may hand in now.</summary>
    public int Share { get; private set; } = Most;

    /// <summary>An interface has something: it counts for the next turn's share.</summary>
    /// <returns><see cref="Share"/>.</returns>
    public int Take()
    {
        _ready++;
        return Share;
    }

    /// <summary>The turn is over.</summary>
    public void EndTurn()
    {
        Share = Math.Clamp(PacketsATurn / Math.Max(_ready, 1), Least, Most);
        _ready = 0;
    }
}
