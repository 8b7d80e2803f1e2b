using System.Collections.Immutable;

namespace L2tpd.Configuration.Yaml;

/// <summary>Collects errors and warnings, so that all of them are reported at once.</summary>
public sealed class Diagnostics
{
    // Longer than any path of the schema with names of 64 characters.
    private const int LongestKey = 256;

    private readonly List<ConfigurationError> _errors = [];
    private readonly List<ConfigurationError> _warnings = [];

    public bool HasErrors => _errors.Count > 0;

    /// <summary>Number of errors so far: a section that adds none was read completely.</summary>
    public int ErrorCount => _errors.Count;

    public ImmutableArray<ConfigurationError> Errors => Sorted(_errors);

    public ImmutableArray<ConfigurationError> Warnings => Sorted(_warnings);

    public void Error(Position position, string key, string message) => _errors.Add(At(position, key, message));

    public void Warning(Position position, string key, string message) => _warnings.Add(At(position, key, message));

    private static ConfigurationError At(Position position, string key, string message) =>
        new(position.File, position.Line, position.Column, Excerpt.Of(key, LongestKey), message);

    // A value that is read twice (by an alias, or as a default of several sections) is reported once.
    private static ImmutableArray<ConfigurationError> Sorted(IEnumerable<ConfigurationError> found) =>
    [
        .. found.Distinct()
            .OrderBy(static error => error.File, StringComparer.Ordinal)
            .ThenBy(static error => error.Line)
            .ThenBy(static error => error.Column)
            .ThenBy(static error => error.Key, StringComparer.Ordinal)
            .ThenBy(static error => error.Message, StringComparer.Ordinal),
    ];
}
