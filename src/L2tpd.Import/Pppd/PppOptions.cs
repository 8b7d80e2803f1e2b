using System.Buffers;
using System.Globalization;

namespace L2tpd.Import.Pppd;

/// <summary>The options of one section: what its own keys say, then what its file of options says. The later one counts.</summary>
internal sealed class PppOptions
{
    private static readonly SearchValues<char> NeedsQuotes = SearchValues.Create(" \t\"'\\#");

    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private readonly List<string> _required = [];

    /// <summary>Whether the peer must authenticate; <c>null</c> if nothing says so.</summary>
    public bool? Authenticates { get; private set; }

    /// <summary>Protocols that the peer must use, those of pppd's names.</summary>
    public IReadOnlyList<string> Required => _required;

    /// <summary>Protocols by which we do not authenticate ourselves.</summary>
    public IReadOnlySet<string> Refused => _refused;

    /// <summary>The last value of each option with one argument.</summary>
    public Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

    public List<string> NameServers { get; } = [];

    public List<string> NetbiosServers { get; } = [];

    /// <summary>Options without arguments that l2tpd has keys for.</summary>
    public HashSet<string> Flags { get; } = new(StringComparer.Ordinal);

    /// <summary>The options that pppd gets as they are, each with what becomes of it without pppd.</summary>
    public List<(string Text, OptionRule Rule)> ForPppd { get; } = [];

    /// <summary>Options that need no key, by their reason.</summary>
    public SortedDictionary<string, List<string>> Needless { get; } = new(StringComparer.Ordinal);

    /// <summary>Options that nothing can be done with, and why.</summary>
    public List<(string Text, string Why)> Lost { get; } = [];

    public void Authenticate(bool required) => Authenticates = required;

    public void Require(string protocol)
    {
        Authenticates = true;
        if (!_required.Contains(protocol))
            _required.Add(protocol);
    }

    public void Refuse(string protocol) => _refused.Add(protocol);

    /// <summary>Notes an option that needs no key.</summary>
    public void AddNeedless(string text, string why)
    {
        if (!Needless.TryGetValue(why, out var others))
            Needless[why] = others = [];
        others.Add(text);
    }

    /// <summary>What a section [lac] says itself, where the file of options says nothing else.</summary>
    public void TakeOwn(string? local, string? remote, bool defaultRoute)
    {
        if (local is not null)
            Values.TryAdd("local", local);
        if (remote is not null)
            Values.TryAdd("remote", remote);
        if (defaultRoute)
            Flags.Add("defaultroute");
    }

    /// <summary>Reads a file of options.</summary>
    public void ReadFile(string text)
    {
        var words = Words.Read(text).ToArray();
        for (var at = 0; at < words.Length;)
            at += Read(words, at);
    }

    /// <summary>One option.</summary>
    /// <returns>How many words it has.</returns>
    private int Read(Word[] words, int at)
    {
        var option = words[at].Text;
        if (option.Contains(':', StringComparison.Ordinal) && TryAddresses(option))
            return 1;
        if (OptionTable.Find(option) is not { } rule)
        {
            var rest = words.Skip(at).TakeWhile(word => word.Line == words[at].Line).ToArray();
            Lost.Add((Written(rest), "pppd has no such option of its own"));
            return rest.Length;
        }

        var all = words.AsSpan(at, Math.Min(rule.Arguments + 1, words.Length - at)).ToArray();
        if (all.Length <= rule.Arguments)
            Lost.Add((Written(all), "its value is missing"));
        else
            Take(option, all, rule);
        return all.Length;
    }

    private void Take(string option, Word[] words, OptionRule rule)
    {
        var text = Written(words);
        switch (rule.Use)
        {
            case OptionUse.Key:
                TakeKey(option, words);
                break;
            case OptionUse.Needless:
                AddNeedless(text, rule.Why);
                break;
            case OptionUse.Refused:
                Lost.Add((text, rule.Why));
                break;
            default:
                ForPppd.Add((text, rule));
                break;
        }
    }

    private void TakeKey(string option, Word[] words)
    {
        if (words.Length > 1)
            TakeValue(option, words[1].Text);
        else if (option is "auth" or "noauth")
            Authenticates = option == "auth";
        else if (option.StartsWith("require-", StringComparison.Ordinal) || (option[0] == '+' && option != "+ipv6"))
            Require(option[(option[0] == '+' ? 1 : 8)..]);
        else if (option.StartsWith("refuse-", StringComparison.Ordinal) || option[0] == '-')
            Refuse(option[(option[0] == '-' ? 1 : 7)..]);
        else
            Flags.Add(option);
    }

    private void TakeValue(string option, string value)
    {
        switch (option)
        {
            case "ms-dns" or "dns-addr":
                NameServers.Add(value);
                break;
            case "ms-wins" or "wins-addr":
                NetbiosServers.Add(value);
                break;
            case "ipv6":
                Flags.Add("+ipv6");
                break;
            default:
                Values[option] = value;
                break;
        }
    }

    private bool TryAddresses(string text)
    {
        var ends = text.Split(':');
        if (ends.Length != 2 || ends.Any(static end => end.Length > 0 && !Ipv4.TryRead(end, out _)))
            return false;
        if (ends[0].Length > 0)
            Values["local"] = ends[0];
        if (ends[1].Length > 0)
            Values["remote"] = ends[1];
        return true;
    }

    /// <summary>A number of an option; <c>null</c> if there is none.</summary>
    public long? Number(string option) =>
        Values.TryGetValue(option, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value : null;

    // As pppd writes them: a word with blanks or quotes is in quotes.
    private static string Written(IEnumerable<Word> words) => string.Join(' ', words.Select(static word =>
        word.Quoted || word.Text.Length == 0 || word.Text.AsSpan().ContainsAny(NeedsQuotes)
            ? $"\"{word.Text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
            : word.Text));
}
