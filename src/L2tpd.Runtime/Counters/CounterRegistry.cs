using System.Collections.Immutable;
using System.Text.RegularExpressions;
using L2tpd.Engine;

namespace L2tpd.Runtime.Counters;

/// <summary>
/// All counters of the daemon by name. The code that counts keeps plain fields and adds, once at the start, a function that reads them:
/// counting costs no lock, no look-up and no allocation. The control API, <c>l2tpctl</c> and metrics read the registry, never the fields.
/// Everything happens on the loop's thread, except that families may be added before the loop runs.
/// </summary>
public sealed partial class CounterRegistry
{
    private readonly List<(CounterFamily Family, Action<CounterSamples> Read)> _families = [];
    private readonly List<Action> _preparations = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The families, in the order in which they were added.</summary>
    public IEnumerable<CounterFamily> Families => _families.Select(static entry => entry.Family);

    /// <summary>Adds a family without labels.</summary>
    /// <exception cref="ArgumentException">The name is in use, or breaks the convention.</exception>
    public void Add(CounterFamily family, Func<long> read) => Add(family, samples => samples.Add(read()));

    /// <summary>Adds a family.</summary>
    /// <param name="family">Name, unit, help and labels.</param>
    /// <param name="read">Adds the family's values, each with one value for each label.</param>
    /// <exception cref="ArgumentException">The name is in use, or the name or a label breaks the convention.</exception>
    public void Add(CounterFamily family, Action<CounterSamples> read)
    {
        if (!Name().IsMatch(family.Name))
        {
            throw new ArgumentException(
                $"{family.Name} is not a valid counter name: use l2tpd_ (or process_) and lower-case words", nameof(family));
        }

        if (family.Name.EndsWith("_total", StringComparison.Ordinal) != (family.Kind == CounterKind.Counter))
            throw new ArgumentException($"{family.Name}: the name of a counter ends in _total, no other name does", nameof(family));
        if (family.Labels.FirstOrDefault(static label => !Label().IsMatch(label)) is { } bad)
            throw new ArgumentException($"{family.Name}: {bad} is not a valid label name", nameof(family));
        if (family.Bounds.IsEmpty != (family.Kind != CounterKind.Histogram))
            throw new ArgumentException($"{family.Name}: a histogram has bounds, nothing else has", nameof(family));
        if (family.Decimals is < 0 or > 9)
            throw new ArgumentException($"{family.Name}: {family.Decimals} decimals are not within 0 to 9", nameof(family));
        if (!_names.Add(family.Name))
            throw new ArgumentException($"{family.Name} is already registered", nameof(family));
        _families.Add((family, read));
    }

    /// <summary>Adds a histogram without labels.</summary>
    /// <exception cref="ArgumentException">The name is in use, or breaks the convention.</exception>
    public void Add(CounterFamily family, Histogram histogram) => Add(family, samples => samples.Add(histogram));

    /// <summary>Calls a function before each reading, for families that are computed from one sum.</summary>
    public void BeforeReading(Action prepare) => _preparations.Add(prepare);

    /// <summary>Reads the current values.</summary>
    /// <param name="text">Only families whose name contains this text; <c>null</c> for all.</param>
    public IReadOnlyList<CounterReading> Read(string? text = null)
    {
        foreach (var prepare in _preparations)
            prepare();
        var readings = new List<CounterReading>(_families.Count);
        foreach (var (family, read) in _families)
        {
            if (text is not null && !family.Name.Contains(text, StringComparison.Ordinal))
                continue;
            var samples = new CounterSamples(family);
            read(samples);
            readings.Add(new CounterReading(family, samples.All));
        }

        return readings;
    }

    [GeneratedRegex("^(l2tpd|process)(_[a-z0-9]+)+$")]
    private static partial Regex Name();

    [GeneratedRegex("^[a-z]+(_[a-z]+)*$")]
    private static partial Regex Label();
}

/// <summary>Collects the values of one family.</summary>
public sealed class CounterSamples
{
    private readonly CounterFamily _family;
    private readonly List<CounterSample> _all = [];

    internal CounterSamples(CounterFamily family) => _family = family;

    internal IReadOnlyList<CounterSample> All => _all;

    /// <summary>Adds one value.</summary>
    /// <param name="value">The value; a value over <see cref="long.MaxValue"/> counts as <see cref="long.MaxValue"/>.</param>
    /// <param name="labels">One value for each label of the family.</param>
    public void Add(ulong value, params ImmutableArray<string> labels) => Add((long)Math.Min(value, long.MaxValue), labels);

    /// <inheritdoc cref="Add(ulong, ImmutableArray{string})"/>
    public void Add(long value, params ImmutableArray<string> labels) => Add(new CounterSample(labels, value));

    /// <summary>Adds a histogram's observations.</summary>
    /// <param name="histogram">With the family's bounds.</param>
    /// <param name="labels">One value for each label of the family.</param>
    public void Add(Histogram histogram, params ImmutableArray<string> labels) =>
        Add(new CounterSample(labels, histogram.Count) { Buckets = [.. histogram.Buckets], Sum = histogram.Sum });

    private void Add(in CounterSample sample)
    {
        if (sample.LabelValues.Length != _family.Labels.Length)
        {
            throw new ArgumentException(
                $"{_family.Name} has {_family.Labels.Length} labels, not {sample.LabelValues.Length}", nameof(sample));
        }

        if (sample.Buckets.Length != (_family.Bounds.IsEmpty ? 0 : _family.Bounds.Length + 1))
            throw new ArgumentException($"{_family.Name}: {sample.Buckets.Length} buckets do not fit its bounds", nameof(sample));
        _all.Add(sample);
    }
}
