namespace L2tpd.Access;

/// <summary>A prefix that a user had, for the next run of the daemon.</summary>
/// <param name="Pool">Name of the pool.</param>
/// <param name="Range">The prefix.</param>
/// <param name="User">The user.</param>
/// <param name="ReleasedAt">End of its use, or the time of writing while it is in use; seconds since 1970.</param>
public readonly record struct PrefixRecord(string Pool, PrefixRange Range, string User, long ReleasedAt);
