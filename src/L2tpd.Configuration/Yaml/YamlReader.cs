using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace L2tpd.Configuration.Yaml;

/// <summary>
/// Makes a tree of one YAML file from the parser's events. YamlStream is not used: it stops at the first duplicate key and loses the
/// positions of aliases.
/// </summary>
internal sealed class YamlReader
{
    // Far deeper than any key of the schema. Keeps a file of brackets from exhausting the stack.
    private const int MaximumDepth = 32;

    // A feature of YAML 1.1; YAML 1.2 has none.
    private const string MergeKey = "<<";

    private readonly string _file;
    private readonly Parser _parser;
    private readonly Diagnostics _diagnostics;
    private readonly Dictionary<AnchorName, YamlNode> _anchors = [];
    private readonly Stack<Mark> _brackets = new();

    private YamlReader(string file, string text, Diagnostics diagnostics)
    {
        _file = file;
        _parser = new Parser(new StringReader(text));
        _diagnostics = diagnostics;
    }

    /// <summary>
    /// The file's mapping; empty for an empty file; <c>null</c> if it is not YAML or not a mapping, which is reported as an error.
    /// </summary>
    public static MappingNode? Read(string file, string text, Diagnostics diagnostics)
    {
        var reader = new YamlReader(file, text, diagnostics);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException exception) when (MayBeOfTab(exception) && TabOf(text) is { } tab)
        {
            // The scanner reports no position, or that of the value before.
            diagnostics.Error(tab with { File = file }, "", "not valid YAML: a tab in the indentation; indent with blanks");
        }
        catch (YamlException exception)
        {
            var (place, problem) = reader.Explain(text, exception.Start, exception);
            diagnostics.Error(place, "", "not valid YAML: " + problem);
        }
        catch (Exception exception) when (
            exception is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException)
        {
            // YamlDotNet's scanner fails like this on some broken flow mappings (found by RobustnessTests).
            var (place, problem) = reader.Explain(text, reader._parser.Current?.End ?? Mark.Empty, null);
            diagnostics.Error(place, "", "not valid YAML: " + problem);
        }

        return null;
    }

    // The parser stops far behind a bracket or quote that is not closed, often at the end of the file. The error is reported at the
    // opening one.
    private (Position Place, string Problem) Explain(string text, Mark stopped, YamlException? exception)
    {
        // If the parser stops at once, the bracket is not on the stack yet.
        foreach (var bracket in _brackets.Reverse().Append(stopped))
        {
            if (YamlText.BracketThatIsOpen(text, (int)bracket.Index) is { } open)
                return (PositionOf(_file, bracket), $"the `{open}` here is not closed: a `{YamlText.ClosingOf(open)}` is missing");
        }

        if (exception is not null && YamlText.QuoteThatIsOpen(text, exception) is { } quote)
        {
            return (PositionOf(_file, exception.Start),
                $"the text that begins with {quote} here is not closed: another {quote} is missing");
        }

        return (PositionOf(_file, stopped), exception is null ? "cannot be read from here on" : YamlText.Problem(text, exception));
    }

    private static bool MayBeOfTab(YamlException exception) =>
        exception.Start.Equals(Mark.Empty) || exception.Message.Contains("tab", StringComparison.OrdinalIgnoreCase);

    private static Position? TabOf(string text)
    {
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            var indentation = line[..^line.TrimStart(" \t").Length];
            if (indentation.Length < line.Length && indentation.IndexOf('\t') is >= 0 and var column)
                return new Position("", number, column + 1);
        }

        return null;
    }

    private static Position PositionOf(string file, Mark mark) => new(file, (int)mark.Line, (int)mark.Column);

    private MappingNode? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        var start = new Position(_file, 1, 1);
        if (_parser.Accept<StreamEnd>(out _))
            return new MappingNode(start, []);
        _parser.Consume<DocumentStart>();
        var root = ReadNode("", 0);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
            _diagnostics.Error(PositionOf(_file, second.Start), "", "a second document: a configuration file holds only one");
        switch (root)
        {
            case MappingNode mapping:
                return mapping;
            case ScalarNode { IsMissing: true } or FaultyNode:
                return new MappingNode(start, []);
            default:
                _diagnostics.Error(root.Position, "", $"expected keys with values, found {root.Kind}");
                return null;
        }
    }

    private YamlNode ReadNode(string path, int depth)
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
            return Resolve(alias, path);
        if (depth > MaximumDepth && _parser.Current is { } deepest)
            throw new YamlException(deepest.Start, deepest.End, "Nested too deeply");
        var anchor = (_parser.Current as NodeEvent)?.Anchor ?? AnchorName.Empty;
        var node = ReadOwn(path, depth);
        if (!anchor.IsEmpty)
            _anchors[anchor] = node;
        return node;
    }

    private YamlNode ReadOwn(string path, int depth)
    {
        if (_parser.TryConsume<Scalar>(out var scalar))
            return new ScalarNode(PositionOf(_file, scalar.Start), scalar.Value, scalar.Style == ScalarStyle.Plain);
        if (_parser.TryConsume<SequenceStart>(out var sequence))
            return InBrackets(sequence.Style == SequenceStyle.Flow, sequence.Start, at => ReadSequence(at, path, depth));
        var mapping = _parser.Consume<MappingStart>();
        return InBrackets(mapping.Style == MappingStyle.Flow, mapping.Start, at => ReadMapping(at, path, depth));
    }

    private YamlNode InBrackets(bool isFlow, Mark start, Func<Position, YamlNode> read)
    {
        if (isFlow)
            _brackets.Push(start);
        var node = read(PositionOf(_file, start));
        if (isFlow)
            _brackets.Pop();
        return node;
    }

    // The message does not quote the alias: a secret that begins with an asterisk looks like one.
    private YamlNode Resolve(AnchorAlias alias, string path)
    {
        var position = PositionOf(_file, alias.Start);
        if (_anchors.TryGetValue(alias.Value, out var node))
            return node;
        _diagnostics.Error(position, path, "refers to an anchor that is not set before it; quote a text that begins with *");
        return new FaultyNode(position);
    }

    private SequenceNode ReadSequence(Position position, string path, int depth)
    {
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(ReadNode($"{path}[{items.Count}]", depth + 1));
        return new SequenceNode(position, items);
    }

    private MappingNode ReadMapping(Position position, string path, int depth)
    {
        var entries = new OrderedDictionary<string, MappingEntry>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var keyNode = ReadNode(path, depth + 1);
            var key = (keyNode as ScalarNode)?.Text;
            var keyPath = key is null ? path : KeyPath.Of(path, key);
            var value = ReadNode(keyPath, depth + 1);
            if (key is null)
            {
                _diagnostics.Error(keyNode.Position, path, $"a key is a single value, found {keyNode.Kind}");
            }
            else if (key == MergeKey)
            {
                _diagnostics.Error(keyNode.Position, keyPath,
                    "merge keys are not supported: write the keys out, put what is shared at the top level (`timers`, `lns`), or name a "
                    + "profile (`ppp: NAME`, `peer: NAME`)");
            }
            else if (!entries.TryAdd(key, new MappingEntry(key, keyNode.Position, value), out var first))
            {
                _diagnostics.Error(keyNode.Position, keyPath, $"is already set at {entries.GetAt(first).Value.Position}");
            }
        }

        return new MappingNode(position, [.. entries.Values]);
    }
}
