using System.Collections.Immutable;
using System.Text;
using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>One line of a secrets file, or one user of the daemon's own configuration.</summary>
/// <param name="Client">The name of the user; <c>*</c>: any.</param>
/// <param name="Server">Our name; <c>*</c>: any.</param>
/// <param name="Secret">The secret in clear.</param>
/// <param name="Addresses">Addresses the client may use, as written; empty if the line has none.</param>
public sealed record SecretEntry(string Client, string Server, string Secret, ImmutableArray<string> Addresses)
{
    /// <summary>Matches any name.</summary>
    public const string Any = "*";

    /// <summary>The pool that the user's address is taken from; <c>null</c>: the profile's.</summary>
    public string? Pool { get; init; }

    /// <summary>Networks behind the user.</summary>
    public ImmutableArray<FramedRoute> Routes { get; init; } = [];

    /// <summary>Names of filters.</summary>
    public ImmutableArray<string> Filters { get; init; } = [];

    /// <summary>The line of the file, from 1; 0: not from a file.</summary>
    public int Line { get; init; }

    /// <summary>Largest rate from the user; <c>null</c>: the profile's.</summary>
    public RateLimit? RateFromPeer { get; init; }

    /// <summary>Largest rate to the user; <c>null</c>: the profile's.</summary>
    public RateLimit? RateToPeer { get; init; }

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"SecretEntry {{ Client = {Client}, Server = {Server} }}";
}

/// <summary>A line that cannot be used.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Text">What is wrong; never the secret.</param>
public sealed record SecretsProblem(int Line, string Text);

/// <summary>pppd's chap-secrets and pap-secrets (pppd(8), AUTHENTICATION), read from text: words, quotes, backslashes, comments.</summary>
/// <param name="Entries">The usable lines, in order.</param>
/// <param name="Problems">The others.</param>
public sealed record SecretsFile(ImmutableArray<SecretEntry> Entries, ImmutableArray<SecretsProblem> Problems)
{
    /// <summary>
    /// Reads a file's text. Options after <c>--</c> are left out. A secret written <c>@/path</c> is the first word of that file.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="read">Reads such a file: its text, or in <c>Problem</c> why it cannot be read; <c>null</c>: none can be read.</param>
    public static SecretsFile Parse(string text, Func<string, (string Text, string? Problem)>? read = null)
    {
        var entries = ImmutableArray.CreateBuilder<SecretEntry>();
        var problems = ImmutableArray.CreateBuilder<SecretsProblem>();
        var scanner = new Scanner(text);
        while (scanner.NextLine(out var words, out var line, out var error))
        {
            if (error is null)
                error = Check(words) ?? Follow(words, read);

            if (error is not null)
            {
                problems.Add(new SecretsProblem(line, error));
            }
            else if (words.Count > 0)
            {
                ImmutableArray<string> addresses = [.. words.Skip(3).TakeWhile(w => w.Quoted || w.Text != "--").Select(w => w.Text)];
                entries.Add(new SecretEntry(words[0].Text, words[1].Text, words[2].Text, addresses) { Line = line });
            }
        }

        return new SecretsFile(entries.ToImmutable(), problems.ToImmutable());
    }

    private static string? Check(List<Word> words) => words.Count switch
    {
        0 => null,
        < 3 => "a line needs client, server and secret",
        _ => null,
    };

    // As in pppd: @ and an absolute path, in quotes or not. Any other word with @ is a secret.
    private static string? Follow(List<Word> words, Func<string, (string Text, string? Problem)>? read)
    {
        if (words.Count < 3 || !words[2].Text.StartsWith("@/", StringComparison.Ordinal))
            return null;

        var path = words[2].Text[1..];
        (var text, var problem) = read?.Invoke(path) ?? (string.Empty, "it is not read here");
        var scanner = new Scanner(text);
        List<Word> found = [];
        while (problem is null && found.Count == 0 && scanner.NextLine(out found, out _, out problem))
        {
        }

        if (problem is null && found.Count == 0)
            problem = "there is no secret in it";

        words[2] = found.Count > 0 ? found[0] : words[2];
        return problem is null ? null : $"the secret's file {path}: {problem}";
    }

    private readonly record struct Word(string Text, bool Quoted);

    private sealed class Scanner(string text)
    {
        private int _at;
        private int _line = 1;

        internal bool NextLine(out List<Word> words, out int line, out string? error)
        {
            words = [];
            error = null;
            line = _line;
            if (_at >= text.Length)
                return false;

            while (_at < text.Length && text[_at] != '\n')
            {
                var c = text[_at];
                if (c == '#')
                {
                    SkipComment();
                }
                else if (char.IsWhiteSpace(c))
                {
                    _at++;
                }
                else if (IsContinuation())
                {
                    _at += 2;
                    _line++;
                }
                else
                {
                    words.Add(ReadWord(ref error));
                }
            }

            _at++;
            _line++;
            return true;
        }

        private bool IsContinuation() => text[_at] == '\\' && _at + 1 < text.Length && text[_at + 1] == '\n';

        private void SkipComment()
        {
            while (_at < text.Length && text[_at] != '\n')
                _at++;
        }

        private Word ReadWord(ref string? error)
        {
            var word = new StringBuilder();
            var quote = text[_at] is '"' or '\'' ? text[_at] : '\0';
            _at += quote == '\0' ? 0 : 1;
            while (_at < text.Length && text[_at] != '\n')
            {
                var c = text[_at];
                if (quote != '\0' ? c == quote : char.IsWhiteSpace(c) || c == '#')
                {
                    _at += quote == '\0' ? 0 : 1;
                    return new Word(word.ToString(), quote != '\0');
                }

                if (c == '\\' && _at + 1 < text.Length)
                {
                    ReadEscape(word);
                }
                else
                {
                    word.Append(c);
                    _at++;
                }
            }

            if (quote != '\0')
                error = "a quote is not closed";

            return new Word(word.ToString(), quote != '\0');
        }

        // pppd reads \a \b \f \n \r \s \t, up to three octal digits, \x with up to two digits, and itself for anything else.
        private void ReadEscape(StringBuilder word)
        {
            var c = text[_at + 1];
            _at += 2;
            switch (c)
            {
                case '\n':
                    _line++;
                    break;
                case 'x':
                    word.Append((char)ReadDigits(16, 2));
                    break;
                case >= '0' and <= '7':
                    _at--;
                    word.Append((char)ReadDigits(8, 3));
                    break;
                default:
                    var known = "abfnrst".IndexOf(c, StringComparison.Ordinal);
                    word.Append(known < 0 ? c : "\a\b\f\n\r \t"[known]);
                    break;
            }
        }

        private int ReadDigits(int radix, int most)
        {
            var value = 0;
            for (var i = 0; i < most && _at < text.Length; i++)
            {
                var digit = char.IsAsciiHexDigit(text[_at]) ? Convert.ToInt32(text[_at].ToString(), 16) : int.MaxValue;
                if (digit >= radix)
                    break;

                value = (value * radix) + digit;
                _at++;
            }

            return value & 0xff;
        }
    }
}
