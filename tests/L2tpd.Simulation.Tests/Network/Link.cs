namespace L2tpd.Simulation.Tests.Network;

/// <summary>The effect of a link on datagrams. Times in ms.</summary>
public sealed class Link
{
    public double Loss { get; set; }

    public double Duplication { get; set; }

    public int MinDelay { get; set; } = 1;

    /// <summary>Above <see cref="MinDelay"/> it reorders.</summary>
    public int MaxDelay { get; set; } = 1;

    public bool IsCut { get; set; }

    /// <summary>A link of random quality, from perfect to very bad.</summary>
    public static Link Random(SeededRandom random, double mostLoss) => new()
    {
        Loss = random.Chance(0.2) ? 0 : random.Below(1000) / 1000.0 * mostLoss,
        Duplication = random.Chance(0.5) ? 0 : random.Below(300) / 1000.0,
        MinDelay = 1 + random.Below(20),
        MaxDelay = 21 + random.Below(random.Chance(0.3) ? 1500 : 80),
    };
}
