namespace L2tpd.Operations.Tracing;

/// <summary>What to trace, and how much of it.</summary>
/// <param name="Name">A peer profile, tunnel, session, user or address of a peer.</param>
/// <param name="For">Its longest duration, at most <see cref="LongestFor"/>.</param>
/// <param name="Count">The largest number of messages and frames, at most <see cref="LargestCount"/>.</param>
public sealed record TraceRequest(string Name, TimeSpan For, int Count)
{
    /// <summary>The longest duration of a trace.</summary>
    public static readonly TimeSpan LongestFor = TimeSpan.FromHours(24);

    /// <summary>The largest number of messages and frames in one trace.</summary>
    public const int LargestCount = 10_000_000;

    /// <summary>The duration if the client names none.</summary>
    public static readonly TimeSpan DefaultFor = TimeSpan.FromMinutes(10);

    /// <summary>The number if the client names none.</summary>
    public const int DefaultCount = 10_000;
}
