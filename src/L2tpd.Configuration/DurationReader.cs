using L2tpd.Configuration.Scalars;

namespace L2tpd.Configuration;

/// <summary>Durations outside of the configuration, in the same notation: <c>30s</c>, <c>1h30m</c>, <c>never</c>.</summary>
public static class DurationReader
{
    /// <summary>Reads a duration up to 30 days; <c>never</c> is zero.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The duration.</param>
    /// <param name="problem">What is wrong with the text; <c>null</c> if nothing is.</param>
    /// <returns>Whether it is a duration.</returns>
    public static bool TryRead(string text, out TimeSpan duration, out string? problem)
    {
        var parsed = DurationText.OrNever.Parse(text);
        (duration, problem) = (parsed.Value, parsed.Problem);
        return problem is null;
    }
}
