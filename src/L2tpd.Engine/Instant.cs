using System.Globalization;

namespace L2tpd.Engine;

/// <summary>
/// A point in time of the engine's clock, which is any monotonic one. It is a count of milliseconds, so that a deadline is one comparison.
/// Arithmetic saturates: nothing here overflows or throws.
/// </summary>
/// <param name="Milliseconds">
/// Since the clock began. A time before that is negative: a restored engine may have one. <see cref="long.MaxValue"/> is <see
/// cref="Never"/>.
/// </param>
public readonly record struct Instant(long Milliseconds) : IComparable<Instant>
{
    private const long MostMilliseconds = long.MaxValue / TimeSpan.TicksPerMillisecond;

    /// <summary>
    /// Later than any other instant: the deadline of what is not planned. Adding to it or subtracting from it changes nothing.
    /// </summary>
    public static Instant Never => new(long.MaxValue);

    public static Instant FromMilliseconds(long milliseconds) => new(milliseconds);

    /// <summary>The earlier one.</summary>
    public static Instant Min(Instant one, Instant other) => one.Milliseconds <= other.Milliseconds ? one : other;

    /// <summary>The later one.</summary>
    public static Instant Max(Instant one, Instant other) => one.Milliseconds >= other.Milliseconds ? one : other;

    public static bool operator <(Instant left, Instant right) => left.Milliseconds < right.Milliseconds;

    public static bool operator <=(Instant left, Instant right) => left.Milliseconds <= right.Milliseconds;

    public static bool operator >(Instant left, Instant right) => left.Milliseconds > right.Milliseconds;

    public static bool operator >=(Instant left, Instant right) => left.Milliseconds >= right.Milliseconds;

    /// <summary>Fractions of a millisecond are cut off. <see cref="Never"/> if the sum is too large.</summary>
    public static Instant operator +(Instant instant, TimeSpan span) =>
        instant == Never ? Never : new Instant(Sum(instant.Milliseconds, span.Ticks / TimeSpan.TicksPerMillisecond));

    /// <summary>Fractions of a millisecond are cut off. <see cref="Never"/> if the difference is too large.</summary>
    public static Instant operator -(Instant instant, TimeSpan span) =>
        instant == Never ? Never : new Instant(Sum(instant.Milliseconds, -(span.Ticks / TimeSpan.TicksPerMillisecond)));

    /// <summary>The time from the right one to the left one; the longest <see cref="TimeSpan"/> if it does not fit one.</summary>
    public static TimeSpan operator -(Instant left, Instant right)
    {
        if (left == right)
            return TimeSpan.Zero;

        // The difference of a long and a long: it has the sign of the comparison, or it has overflowed.
        var difference = unchecked(left.Milliseconds - right.Milliseconds);
        if (left > right)
            return difference is < 0 or > MostMilliseconds ? TimeSpan.MaxValue : new TimeSpan(difference * TimeSpan.TicksPerMillisecond);
        return difference is > 0 or < -MostMilliseconds ? TimeSpan.MinValue : new TimeSpan(difference * TimeSpan.TicksPerMillisecond);
    }

    public int CompareTo(Instant other) => Milliseconds.CompareTo(other.Milliseconds);

    public override string ToString() => this == Never ? "never" : string.Create(CultureInfo.InvariantCulture, $"{Milliseconds} ms");

    private static long Sum(long milliseconds, long span)
    {
        var sum = unchecked(milliseconds + span);
        // Both have the sign that the sum has not: it has overflowed.
        if (((milliseconds ^ sum) & (span ^ sum)) >= 0)
            return sum;
        return span > 0 ? long.MaxValue : long.MinValue;
    }
}
