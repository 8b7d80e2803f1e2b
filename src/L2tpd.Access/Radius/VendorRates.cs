using System.Globalization;
using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>The texts in which vendors write rates. Each reader takes any text of up to 253 octets and never throws.</summary>
internal static class VendorRates
{
    private const int LongestPrefix = 64;
    private const double LongestBurst = 60;

    private static readonly char[] Blanks = [' ', '\t'];

    /// <summary>
    /// Mikrotik-Rate-Limit: <c>rx[/tx] [rx-burst[/tx-burst] [rx-threshold[/tx-threshold] [rx-time[/tx-time] [priority
    /// [rx-minimum[/tx-minimum]]]]]]</c>. A burst is a rate there, which may last until the average over the time reaches the threshold:
    /// the octets that pass above the limit in that time are the burst of our bucket. Priority and minimum are checked and mean nothing.
    /// </summary>
    public static bool TryMikrotik(string text, out RateLimit receive, out RateLimit transmit)
    {
        (receive, transmit) = (RateLimit.Unlimited, RateLimit.Unlimited);
        var words = text.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is 0 or > 6 || !TryPair(words[0], out var rate))
            return false;

        var (burst, threshold, time) = ((First: 0ul, Second: 0ul), rate, (First: 1ul, Second: 1ul));
        if (words.Length > 1 && !TryPair(words[1], out burst))
            return false;
        if (words.Length > 2 && !TryPair(words[2], out threshold))
            return false;
        if (words.Length > 3 && !TryPair(words[3].Replace("s", "", StringComparison.Ordinal), out time))
            return false;
        if (words.Length > 4 && !(int.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out var priority)
            && priority is >= 1 and <= 8))
        {
            return false;
        }

        if (words.Length > 5 && !TryPair(words[5], out _))
            return false;

        receive = new RateLimit(rate.First, BurstOf(rate.First, burst.First, threshold.First, time.First));
        transmit = new RateLimit(rate.Second, BurstOf(rate.Second, burst.Second, threshold.Second, time.Second));
        return true;
    }

    /// <summary>
    /// Cisco's <c>rate-limit input|output [access-group N] RATE BURST [MAXIMUM] ...</c> anywhere in the text: bit/s and octets.
    /// </summary>
    public static bool TryCisco(string text, out bool input, out RateLimit limit)
    {
        (input, limit) = (false, RateLimit.Unlimited);
        var words = text[text.IndexOf("rate-limit", StringComparison.Ordinal)..].Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 3 || words[0] != "rate-limit" || words[1] is not ("input" or "output"))
            return false;

        input = words[1] == "input";
        var at = words[2] is "access-group" or "dscp" or "qos-group" ? 4 : 2;
        if (at >= words.Length || !ulong.TryParse(words[at], NumberStyles.None, CultureInfo.InvariantCulture, out var rate)
            || rate > RateText.Largest)
        {
            return false;
        }

        var burst = 0u;
        if (at + 1 < words.Length && char.IsAsciiDigit(words[at + 1][0])
            && !uint.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out burst))
        {
            return false;
        }

        limit = new RateLimit(rate, burst);
        return true;
    }

    /// <summary>
    /// Cisco's <c>ip:sub-qos-policy-in=NAME</c>, <c>-out=NAME</c> and <c>service-policy input|output NAME</c>: true for input; <c>null</c>:
    /// the text is something else.
    /// </summary>
    public static bool? CiscoPolicyDirection(string text, out string name)
    {
        foreach (var (prefix, isInput) in (ReadOnlySpan<(string, bool)>)
        [
            ("sub-qos-policy-in=", true), ("sub-qos-policy-out=", false),
            ("service-policy input ", true), ("service-policy output ", false),
        ])
        {
            var at = text.IndexOf(prefix, StringComparison.Ordinal);
            if (at < 0 || at > LongestPrefix)
                continue;
            name = text[(at + prefix.Length)..];
            return isInput;
        }

        name = "";
        return null;
    }

    /// <summary>
    /// Nokia's Alc-Subscriber-QoS-Override: <c>e:r:rate=800000</c>, <c>i:q:1:pir=20000,cir=1000</c>; e is to the user, i is from the user;
    /// kbit/s.
    /// </summary>
    public static bool TryNokia(string text, out bool ingress, out RateLimit limit)
    {
        (ingress, limit) = (text.StartsWith("i:", StringComparison.OrdinalIgnoreCase), RateLimit.Unlimited);
        if (!ingress && !text.StartsWith("e:", StringComparison.OrdinalIgnoreCase))
            return false;

        foreach (var word in text[(text.LastIndexOf(':') + 1)..].Split(','))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || word[..equals] is not ("rate" or "pir"))
                continue;
            if (!TryKilobits(word.AsSpan(equals + 1), out var rate))
                return false;
            limit = new RateLimit(rate, 0);
            return true;
        }

        return false;
    }

    /// <summary><c>digits/digits</c>, kbit/s.</summary>
    public static bool TryKilobitPair(string text, out ulong first, out ulong second)
    {
        (first, second) = (0, 0);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && TryKilobits(text.AsSpan(0, slash), out first) && TryKilobits(text.AsSpan(slash + 1), out second);
    }

    /// <summary>
    /// The number with a suffix in a name: <c>limit-20M</c>, <c>POLICE_512k_IN</c>, Juniper's <c>T02 10m</c>; a name that is a number is
    /// bit/s.
    /// </summary>
    public static bool TryName(string name, out ulong rate)
    {
        if (RateText.TryParse(name, out rate))
            return true;

        for (var start = 0; start < name.Length; start++)
        {
            if (!char.IsAsciiDigit(name[start]) || (start > 0 && char.IsAsciiLetterOrDigit(name[start - 1])))
                continue;
            var end = start;
            while (end < name.Length && (char.IsAsciiDigit(name[end]) || name[end] == '.'))
                end++;
            if (end < name.Length && "kKmMgG".Contains(name[end], StringComparison.Ordinal)
                && (end + 1 == name.Length || !char.IsAsciiLetterOrDigit(name[end + 1]))
                && RateText.TryParse(name.AsSpan(start, end + 1 - start), out rate))
            {
                return true;
            }

            start = end;
        }

        return false;
    }

    private static bool TryPair(string word, out (ulong First, ulong Second) pair)
    {
        pair = default;
        var slash = word.IndexOf('/', StringComparison.Ordinal);
        if (!RateText.TryParse(slash < 0 ? word : word.AsSpan(0, slash), out pair.First))
            return false;

        pair.Second = pair.First;
        return slash < 0 || RateText.TryParse(word.AsSpan(slash + 1), out pair.Second);
    }

    private static bool TryKilobits(ReadOnlySpan<char> text, out ulong rate)
    {
        rate = 0;
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > RateText.Largest / 1_000)
            return false;

        rate = number * 1_000;
        return true;
    }

    private static uint BurstOf(ulong rate, ulong burst, ulong threshold, ulong seconds)
    {
        if (burst <= rate)
            return 0;

        var duration = Math.Min((double)seconds * threshold / burst, LongestBurst);
        return (uint)Math.Min((burst - rate) * duration / 8, uint.MaxValue);
    }
}
