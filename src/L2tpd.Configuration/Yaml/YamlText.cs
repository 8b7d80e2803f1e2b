using YamlDotNet.Core;

namespace L2tpd.Configuration.Yaml;

/// <summary>Examines the text of a file that is not YAML, to explain what the parser's message does not.</summary>
internal static class YamlText
{
    /// <summary>The closing bracket of `[` or `{`.</summary>
    public static char ClosingOf(char open) => open == '[' ? ']' : '}';

    /// <summary>
    /// The bracket at an index if it is not closed in the rest of the text; <c>null</c> if it is closed, or if there is none at the index.
    /// </summary>
    /// <remarks>Quotes and comments are skipped.</remarks>
    public static char? BracketThatIsOpen(string text, int index)
    {
        if (index >= text.Length || text[index] is not ('[' or '{'))
            return null;
        var open = new Stack<char>();
        for (var i = index; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '[' or '{':
                    open.Push(text[i]);
                    break;
                case ']' or '}' when text[i] != ClosingOf(open.Pop()):
                    return text[index];
                case ']' or '}' when open.Count == 0:
                    return null;
                case '"' or '\'' when IsFirstOfValue(text, i):
                    i = EndOfQuote(text, i);
                    break;
                case '#' when char.IsWhiteSpace(text[i - 1]):
                    i = text.IndexOf('\n', i) is >= 0 and var end ? end : text.Length;
                    break;
            }
        }

        return text[index];
    }

    /// <summary>The opening quote of a text without an end, if the parser failed there; otherwise <c>null</c>.</summary>
    public static string? QuoteThatIsOpen(string text, YamlException exception)
    {
        var index = (int)exception.Start.Index;
        return index < text.Length && text[index] is '"' or '\'' && EndOfQuote(text, index) >= text.Length
            ? text[index] == '"' ? "`\"`" : "`'`"
            : null;
    }

    /// <summary>The parser's message as a part of a sentence, with advice for common mistakes.</summary>
    public static string Problem(string text, YamlException exception)
    {
        var message = exception.Message.TrimEnd('.');
        if (message.Length == 0)
            return "cannot be read";
        var index = (int)exception.Start.Index;
        if (index < text.Length && text[index] is '%' or '@' or '`')
            return $"a text that begins with {text[index]} needs quotes";
        if (message.Contains("multiline plain scalar", StringComparison.Ordinal))
        {
            return HasNoBlankBehindColon(LineBefore(text, index))
                ? "the line before is not a key with a value: a blank belongs between its `:` and the value"
                : "the value of the line before continues here: check the indentation";
        }

        if (message.Contains("found invalid mapping", StringComparison.Ordinal))
            return "the line has a second `: `: quote a text that contains one";
        return message.Contains("did not find expected key", StringComparison.Ordinal)
            ? "a key is expected here: check the indentation, which must be that of the keys it belongs to"
            : char.ToLowerInvariant(message[0]) + message[1..];
    }

    private static bool HasNoBlankBehindColon(ReadOnlySpan<char> line)
    {
        var colon = line.IndexOf(':');
        return colon > 0 && colon < line.Length - 1 && !char.IsWhiteSpace(line[colon + 1]);
    }

    // The last line before the line of the index that is not empty.
    private static ReadOnlySpan<char> LineBefore(string text, int index)
    {
        var end = index == 0 ? 0 : text.LastIndexOf('\n', Math.Min(index, text.Length) - 1);
        while (end > 0 && char.IsWhiteSpace(text[end - 1]))
            end--;
        if (end <= 0)
            return [];
        var start = text.LastIndexOf('\n', end - 1) + 1;
        return text.AsSpan(start, end - start);
    }

    private static bool IsFirstOfValue(string text, int index) => index == 0 || char.IsWhiteSpace(text[index - 1])
        || text[index - 1] is '[' or '{' or ',' or ':';

    // The index of the closing quote, or the length of the text.
    private static int EndOfQuote(string text, int start)
    {
        var quote = text[start];
        for (var i = start + 1; i < text.Length; i++)
        {
            if (quote == '"' && text[i] == '\\')
                i++;
            else if (text[i] == quote && quote == '\'' && i + 1 < text.Length && text[i + 1] == '\'')
                i++;
            else if (text[i] == quote)
                return i;
        }

        return text.Length;
    }
}
