using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>The options of <c>show sessions</c> about columns, order and repetition.</summary>
internal sealed class SessionListOptions
{
    private readonly Option<ImmutableArray<SessionColumn>?> _columns = new("--columns")
    {
        HelpName = "LIST",
        Description = $"Columns, separated by commas: {string.Join(", ", SessionColumns.All.Select(static column => column.Name))}.",
        CustomParser = static result =>
        {
            var columns = new List<SessionColumn>();
            var words = result.Tokens[0].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            foreach (var word in words)
            {
                if (SessionColumns.Find(word) is { } column)
                    columns.Add(column);
                else
                    result.AddError(Unknown("--columns", word));
            }

            if (words.Length == 0)
                result.AddError("--columns: no column is named");
            return columns.ToImmutableArray();
        },
    };

    private readonly Option<(SessionColumn Column, bool Descending)?> _sort = new("--sort")
    {
        HelpName = "COLUMN",
        Description = "Sort by this column; with a minus before it, the largest first. By id otherwise.",
        CustomParser = static result =>
        {
            var word = result.Tokens[0].Value;
            var descending = word.StartsWith('-');
            if (SessionColumns.Find(descending ? word[1..] : word) is { } column)
                return (column, descending);
            result.AddError(Unknown("--sort", word));
            return null;
        },
    };

    private readonly Option<SessionSelector?> _filter = new("--filter")
    {
        HelpName = "KEY=VALUE",
        Description = $"Only sessions with this value; may be repeated. Keys: {string.Join(", ", SessionSelector.Keys)}.",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = static result =>
        {
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var token in result.Tokens)
            {
                var equals = token.Value.IndexOf('=', StringComparison.Ordinal);
                var key = equals < 0 ? token.Value : token.Value[..equals];
                if (!SessionSelector.Keys.Contains(key))
                    result.AddError($"--filter: unknown key \"{key}\"; there are {string.Join(", ", SessionSelector.Keys)}");
                else if (equals < 0 || equals == token.Value.Length - 1)
                    result.AddError($"--filter: \"{key}\" has no value: write {key}=VALUE");
                else if (!values.TryAdd(key, token.Value[(equals + 1)..]))
                    result.AddError($"--filter: \"{key}\" is given twice");
            }

            return SessionSelector.From(values.GetValueOrDefault);
        },
    };

    private readonly Option<bool> _wide = new("--wide") { Description = "All columns that are usually asked for." };

    private readonly Option<double?> _watch = new("--watch")
    {
        HelpName = "SECONDS",
        Description = "Print again and again, every 2 seconds or as often as given, until it is interrupted.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = static result =>
        {
            if (result.Tokens.Count == 0)
                return 2;
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
                && seconds is >= 0.1 and <= 86_400)
            {
                return seconds;
            }

            result.AddError($"--watch: \"{result.Tokens[0].Value}\" is not a number of seconds from 0.1 to 86400");
            return null;
        },
    };

    /// <summary>Adds them to the command.</summary>
    public void AddTo(Command command)
    {
        _columns.CompletionSources.Add([.. SessionColumns.All.Select(static column => column.Name)]);
        _sort.CompletionSources.Add([.. SessionColumns.All.SelectMany(static column => (string[])[column.Name, "-" + column.Name])]);
        _filter.CompletionSources.Add([.. SessionSelector.Keys.Select(static key => key + "=")]);
        foreach (var option in (Option[])[_columns, _sort, _filter, _wide, _watch])
            command.Options.Add(option);
    }

    /// <summary>How often the list is repeated; <c>null</c>: it is printed once.</summary>
    public TimeSpan? Watch(ParseResult parsed) =>
        parsed.GetResult(_watch) is null ? null : TimeSpan.FromSeconds(parsed.GetValue(_watch) ?? 2);

    /// <summary>What is asked for.</summary>
    public SessionListing Read(ParseResult parsed, string? name, SessionSelector selector, int? limit)
    {
        var sort = parsed.GetValue(_sort);
        return new SessionListing(name, selector.And(parsed.GetValue(_filter)), limit)
        {
            Columns = parsed.GetValue(_columns) ?? (parsed.GetValue(_wide) ? SessionColumns.Wide : SessionColumns.Default),
            Sort = sort?.Column,
            Descending = sort?.Descending ?? false,
        };
    }

    private static string Unknown(string option, string word)
    {
        var near = NearestWords.Of(word.TrimStart('-'), SessionColumns.All.Select(static column => column.Name), completes: true);
        var hint = near.Count > 0 ? $"did you mean \"{near[0]}\"?" : "l2tpctl show sessions --help lists them";
        return $"{option}: there is no column \"{word}\"; {hint}";
    }
}
