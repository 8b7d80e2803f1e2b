using System.Text.RegularExpressions;
using L2tpd.Runtime.Counters;

namespace L2tpd.Unit.Tests.Operations.Metrics;

/// <summary>
/// What a PromQL expression asks for, compared with the daemon's registry. Prometheus answers a query for a name or a label that does not
/// exist with nothing, so that only a test notices.
/// </summary>
internal static partial class PromQuery
{
    private static readonly string[] OfPrometheus = ["job", "instance", "le"];

    /// <summary>What is wrong with an expression; empty: all names and labels exist.</summary>
    public static IEnumerable<string> Objections(string expression, IReadOnlyList<CounterReading> readings)
    {
        var selectors = Selector().Matches(expression).Where(static match => match.Groups["name"].Value != "up").ToList();
        var known = new HashSet<string>(OfPrometheus);
        foreach (var selector in selectors)
        {
            var name = selector.Groups["name"].Value;
            if (Find(name, readings) is not { } family)
            {
                yield return $"{name} is not a metric of the daemon";
                continue;
            }

            known.UnionWith(family.Labels);
            foreach (Match matcher in Matcher().Matches(selector.Groups["matchers"].Value))
            {
                var (label, value) = (matcher.Groups["label"].Value, matcher.Groups["value"].Value);
                if (!family.Labels.Contains(label) && !OfPrometheus.Contains(label))
                {
                    yield return $"{name} has no label {label}";
                }
                else if (label == family.Labels.LastOrDefault() && !family.LastLabelValues.IsEmpty)
                {
                    foreach (var word in value.Split('|').Where(word => !family.LastLabelValues.Contains(word) && word is not [.., '*']))
                        yield return $"{name}: {label} is never {word}";
                }
            }
        }

        if (selectors.Count == 0 && !expression.Contains("up{", StringComparison.Ordinal))
            yield return $"{expression} asks for no metric";
        foreach (Match grouping in Grouping().Matches(expression))
        {
            foreach (var label in grouping.Groups["labels"].Value.Split(',', StringSplitOptions.TrimEntries))
            {
                if (!known.Contains(label))
                    yield return $"{expression}: no metric in it has the label {label}";
            }
        }
    }

    private static CounterFamily? Find(string name, IReadOnlyList<CounterReading> readings)
    {
        if (readings.FirstOrDefault(reading => reading.Family.Name == name) is { } found)
            return found.Family.Kind == CounterKind.Histogram ? null : found.Family;
        var bare = HistogramSuffix().Replace(name, "");
        return readings.FirstOrDefault(reading => reading.Family.Name == bare && reading.Family.Kind == CounterKind.Histogram)?.Family;
    }

    [GeneratedRegex(@"\b(?<name>(l2tpd|process)_[a-z0-9_]+|up)\b(\{(?<matchers>[^}]*)\})?")]
    private static partial Regex Selector();

    [GeneratedRegex("(?<label>[a-z_]+)(=~|!~|!=|=)\"(?<value>[^\"]*)\"")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\b(by|without|on|ignoring) \((?<labels>[^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramSuffix();
}
