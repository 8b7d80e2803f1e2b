using System.Text;

namespace L2tpd.Documents.Site;

/// <summary>The list of all pages, in groups; a long group is folded unless it holds the page that is shown.</summary>
/// <param name="titles">The title of each page, by its path in the repository.</param>
internal sealed class PageList(IReadOnlyDictionary<string, string> titles)
{
    private static readonly string[] Users =
    [
        "README", "docs/start-client", "docs/start-concentrator", "docs/vpn-concentrator", "docs/start-isp", "docs/start-site-to-site",
        "docs/coming-from", "docs/configuration", "docs/radius", "docs/ipv6", "docs/behaviour", "docs/known-limits", "CHANGELOG",
    ];

    private static readonly string[] Operators =
    [
        "docs/operations", "docs/container", "docs/troubleshooting", "docs/metrics", "docs/control-api", "docs/performance", "docs/interop",
        "docs/security", "SECURITY",
    ];

    /// <summary>The title of each page, by its path in the repository.</summary>
    public IReadOnlyDictionary<string, string> Titles => titles;

    /// <summary>The way from a page to the root of the site.</summary>
    public static string UpFrom(string page) => string.Concat(Enumerable.Repeat("../", page.Count(static c => c == '/')));

    /// <summary>The list as HTML, as it stands on a page.</summary>
    public string For(string page)
    {
        var text = new StringBuilder();
        foreach (var (group, isFolded, members) in Groups())
        {
            var open = !isFolded || members.Contains(page) ? " open" : "";
            text.Append("<details").Append(open).Append("><summary>").Append(group).Append("</summary>\n<ul>\n");
            foreach (var one in members)
            {
                text.Append(one == page ? "<li class=\"here\">" : "<li>")
                    .Append("<a href=\"").Append(UpFrom(page)).Append(SiteFiles.Html(one)).Append("\">")
                    .Append(SiteFiles.Escaped(titles[one])).Append("</a></li>\n");
            }

            text.Append("</ul>\n</details>\n");
        }

        return text.ToString();
    }

    // Every page is in one group: what is named in none is for contributors.
    private IEnumerable<(string Group, bool IsFolded, IReadOnlyList<string> Members)> Groups()
    {
        var rest = titles.Keys.Order(StringComparer.Ordinal).ToList();
        yield return ("Users", false, Take(Users.Select(static page => page + ".md")));
        yield return ("Operators", false, Take(Operators.Select(static page => page + ".md")));
        var decisions = Take(rest.Where(static page => page.StartsWith("docs/adr/0", StringComparison.Ordinal)));
        var protocol = Take(rest.Where(static page => page.StartsWith("docs/protocol/", StringComparison.Ordinal)));
        yield return ("Contributors", false, rest);
        yield return ("Decisions", true, decisions);
        yield return ("Protocol notes", true, protocol);

        IReadOnlyList<string> Take(IEnumerable<string> pages)
        {
            var taken = pages.Where(rest.Contains).ToArray();
            rest.RemoveAll(taken.Contains);
            return taken;
        }
    }
}
