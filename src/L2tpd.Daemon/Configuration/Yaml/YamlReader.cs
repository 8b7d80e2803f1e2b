using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace L2tpd.Daemon.Configuration.Yaml;

/// <summary>
/// Makes a tree of one YAML file from the parser's events. Not YamlStream: that stops at the first key written twice, and
/// loses the place of aliases.
/// </summary>
internal sealed class YamlReader
{
    // Far deeper than any key of the schema; keeps a file of brackets from exhausting the stack.
    private const int MaximumDepth = 32;

    private readonly string _file;
    private readonly Parser _parser;
    private readonly Diagnostics _diagnostics;
    private readonly Dictionary<AnchorName, YamlNode> _anchors = [];

    private YamlReader(string file, string text, Diagnostics diagnostics)
    {
        _file = file;
        _parser = new Parser(new StringReader(text));
        _diagnostics = diagnostics;
    }

    /// <summary>The file's mapping; empty for an empty file; null when it is not YAML or not a mapping (then an error says so).</summary>
    public static MappingNode? Read(string file, string text, Diagnostics diagnostics)
    {
        var reader = new YamlReader(file, text, diagnostics);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException exception) when (MayBeOfTab(exception) && TabOf(text) is { } tab)
        {
            // The scanner says nothing of the place, or that of the value before.
            diagnostics.Error(tab with { File = file }, "", "not valid YAML: a tab in the indentation; indent with blanks");
        }
        catch (YamlException exception)
        {
            diagnostics.Error(PositionOf(file, exception.Start), "", "not valid YAML: " + Sentence(exception));
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException)
        {
            // YamlDotNet's scanner gives up so on some broken flow mappings (found by RobustnessTests).
            diagnostics.Error(PositionOf(file, reader._parser.Current?.End ?? Mark.Empty), "", "not valid YAML: cannot be read from here on");
        }
        return null;
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

    private static string Sentence(YamlException exception)
    {
        var message = exception.Message.TrimEnd('.');
        return message.Length == 0 ? "cannot be read" : char.ToLowerInvariant(message[0]) + message[1..];
    }

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
            return ReadSequence(PositionOf(_file, sequence.Start), path, depth);
        return ReadMapping(PositionOf(_file, _parser.Consume<MappingStart>().Start), path, depth);
    }

    // The alias is not named in the message: a secret that begins with an asterisk reads like one.
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
        var entries = new List<MappingEntry>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var keyNode = ReadNode(path, depth + 1);
            var key = (keyNode as ScalarNode)?.Text;
            var keyPath = key is null ? path : KeyPath.Of(path, key);
            var value = ReadNode(keyPath, depth + 1);
            if (key is null)
                _diagnostics.Error(keyNode.Position, path, $"a key is a single value, found {keyNode.Kind}");
            else if (entries.Find(entry => entry.Key == key) is { } first)
                _diagnostics.Error(keyNode.Position, keyPath, $"is already set at {first.Position}");
            else
                entries.Add(new MappingEntry(key, keyNode.Position, value));
        }
        return new MappingNode(position, entries);
    }
}
