using System.CommandLine;
using System.Globalization;

namespace L2tpd.Cli;

/// <summary>An option whose value is a duration: "90", "90s", "10m", "2h".</summary>
internal static class DurationOption
{
    public static Option<TimeSpan?> Make(string name, string description, TimeSpan longest)
    {
        var option = new Option<TimeSpan?>(name) { Description = description, HelpName = "TIME" };
        option.CustomParser = result =>
        {
            if (Parse(result.Tokens[0].Value) is { } value && value > TimeSpan.Zero && value <= longest)
                return value;
            result.AddError($"{name}: \"{result.Tokens[0].Value}\" is not a time from 1s to {longest.TotalHours:0}h, as 90s, 10m or 2h");
            return null;
        };
        return option;
    }

    public static TimeSpan? Parse(string text)
    {
        var unit = text is [.., 's' or 'm' or 'h'] ? text[^1] : 's';
        var digits = text.AsSpan(0, text is [.., 's' or 'm' or 'h'] ? text.Length - 1 : text.Length);
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        return unit switch
        {
            'h' => TimeSpan.FromHours(number),
            'm' => TimeSpan.FromMinutes(number),
            _ => TimeSpan.FromSeconds(number),
        };
    }
}
