using L2tpd.Configuration;
using L2tpd.Linux;

namespace L2tpd.PppHosting.Filters;

/// <summary>
/// The operator's nftables table: sessions become elements of its sets, marked by a comment, and leave them again. The sets themselves and
/// the rules that use them are the operator's. One thread, the worker's.
/// </summary>
/// <param name="nft">Runs a script in one transaction.</param>
/// <param name="list">Lists a table; true: without elements.</param>
/// <param name="now">Milliseconds.</param>
internal sealed class FilterTable(
    Func<string, LinuxError> nft, Func<FilterSettings, bool, (LinuxError Error, string Listing)> list, Func<long> now)
{
    private const int LeastBetweenListings = 5_000;

    private readonly HashSet<FilterMember> _members = [];
    private FilterSettings? _settings;
    private Dictionary<string, FilterKind> _sets = [];
    private LinuxError _listed;
    private long _nextListing = long.MinValue;

    /// <summary>
    /// Uses a table from now on: removes what a killed daemon left in its sets, and adds all members again.
    /// </summary>
    /// <returns>Why the table cannot be used; it is tried again with the next member.</returns>
    public LinuxError Use(FilterSettings? settings)
    {
        if (_settings is { } former && settings?.Table != former.Table)
            Run([.. _members.SelectMany(member => Changes(former, "delete", member))]);
        (_settings, _sets) = (settings, []);
        _nextListing = long.MinValue;
        if (settings is null)
            return LinuxError.None;
        var (error, listing) = list(settings, false);
        if (!error.IsNone)
            return error;
        Run([.. FilterListing.Own(listing).Select(own =>
            $"delete element {settings.Family} {settings.Table} {own.Set} {{ {own.Element} }}\n")]);
        foreach (var member in _members)
            Add(member);
        return LinuxError.None;
    }

    /// <summary>Adds and removes members, in this order of the list, in one transaction where that is possible.</summary>
    /// <returns>For each change the reason why it was not made; <c>null</c>: it was made.</returns>
    public string?[] Apply(IReadOnlyList<(FilterMember Member, bool Add)> changes)
    {
        var problems = new string?[changes.Count];
        var scripts = new string[changes.Count];
        for (var i = 0; i < changes.Count; i++)
            scripts[i] = Prepare(changes[i].Member, changes[i].Add, out problems[i]);
        if (nft.Invoke(string.Concat(scripts)).IsNone)
            return problems;
        for (var i = 0; i < changes.Count; i++)
        {
            // An element that somebody else removed is no failure.
            if (scripts[i].Length > 0 && nft(scripts[i]) is { IsNone: false } error && changes[i].Add)
            {
                problems[i] = error.ToString();
                _members.Remove(changes[i].Member);
            }
        }

        return problems;
    }

    /// <summary>The daemon ends: removes all members.</summary>
    public void RemoveAll()
    {
        if (_settings is { } settings && _members.Count > 0)
            Run([.. _members.SelectMany(member => Changes(settings, "delete", member))]);
        _members.Clear();
    }

    private string Prepare(FilterMember member, bool add, out string? problem)
    {
        problem = null;
        if (!add)
            return _members.Remove(member) && _settings is { } used ? string.Concat(Changes(used, "delete", member)) : "";
        problem = Objection(member);
        if (problem is not null || _settings is not { } settings)
            return "";
        _members.Add(member);
        return string.Concat(Changes(settings, "add", member));
    }

    private string? Objection(FilterMember member)
    {
        if (_settings is not { } settings)
            return null;
        var place = $"table {settings.Family} {settings.Table}";
        if (!_sets.ContainsKey(member.Set))
            List(settings);
        if (!_sets.TryGetValue(member.Set, out var kind))
            return _listed.IsNone ? $"there is no set of this name in {place}" : $"{place} cannot be read: {_listed}";
        member.Elements = member.Subject.ElementsOf(kind, out var objection);
        return objection;
    }

    /// <summary>Once per five seconds: names that do not exist must not make a program run for each session.</summary>
    private void List(FilterSettings settings)
    {
        if (now() < _nextListing)
            return;
        _nextListing = now() + LeastBetweenListings;
        (_listed, var listing) = list(settings, true);
        _sets = _listed.IsNone ? FilterListing.Sets(listing) : [];
    }

    private void Add(FilterMember member)
    {
        if (Objection(member) is null && _settings is { } settings)
            nft(string.Concat(Changes(settings, "add", member)));
    }

    /// <summary>Runs commands in one transaction, or one by one if that fails.</summary>
    private void Run(string[] commands)
    {
        if (commands.Length == 0 || nft(string.Concat(commands)).IsNone)
            return;
        foreach (var command in commands)
            nft(command);
    }

    private static IEnumerable<string> Changes(FilterSettings settings, string verb, FilterMember member)
    {
        var mark = verb == "add" ? $" comment \"{FilterListing.Comment}\"" : "";
        foreach (var element in member.Elements)
            yield return $"{verb} element {settings.Family} {settings.Table} {member.Set} {{ {element}{mark} }}\n";
    }
}
