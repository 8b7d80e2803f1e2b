using System.Text;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace L2tpd.Documents.Site;

/// <summary>
/// The documents as static HTML: one page for each Markdown file of the repository's root and of docs, with a list of all pages at its
/// side. Links between documents lead to pages; other files of the repository that they name are copied into the site, each under the
/// path that it has in the repository.
/// </summary>
public static partial class SiteFiles
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).UseAutoLinks().Build();

    // The order of the list; what is not named here comes behind it.
    private static readonly string[] Order =
    [
        "README", "docs/start-client", "docs/start-concentrator", "docs/vpn-concentrator", "docs/start-isp", "docs/start-site-to-site",
        "docs/coming-from", "docs/configuration", "docs/radius", "docs/ipv6", "docs/operations", "docs/troubleshooting", "docs/interop",
        "docs/behaviour", "docs/known-limits", "docs/security", "docs/control-api", "docs/performance",
    ];

    /// <summary>Writes the site.</summary>
    /// <param name="root">The root of the repository.</param>
    /// <param name="output">The directory of the site; it is made.</param>
    /// <returns>How many pages there are.</returns>
    public static int Write(string root, string output)
    {
        var pages = Pages(root).ToArray();
        var titles = pages.ToDictionary(static page => page, page => TitleOf(File.ReadAllText(Path.Combine(root, page)), page));
        foreach (var page in pages)
        {
            var target = Path.Combine(output, Html(page));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, Page(root, output, page, titles));
        }

        File.WriteAllText(Path.Combine(output, "style.css"), Style.Text);
        File.WriteAllText(Path.Combine(output, "index.html"), Template("l2tpd", "", "", "<p><a href=\"README.html\">l2tpd</a></p>"));
        return pages.Length;
    }

    private static IEnumerable<string> Pages(string root)
    {
        var docs = Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories);
        return Directory.EnumerateFiles(root, "*.md").Concat(docs).Select(file => Path.GetRelativePath(root, file))
            .OrderBy(static page => Array.IndexOf(Order, page[..^3]) is var at && at < 0 ? int.MaxValue : at).ThenBy(static page => page);
    }

    private static string Page(string root, string output, string page, Dictionary<string, string> titles)
    {
        var document = Markdown.Parse(File.ReadAllText(Path.Combine(root, page)), Pipeline);
        foreach (var link in document.Descendants<LinkInline>())
            link.Url = Target(root, output, page, link.Url ?? "", titles);
        using var body = new StringWriter();
        var renderer = new HtmlRenderer(body);
        Pipeline.Setup(renderer);
        renderer.Render(document);
        var up = string.Concat(Enumerable.Repeat("../", page.Count(static c => c == '/')));
        var list = string.Concat(titles.Select(one =>
            $"<li{(one.Key == page ? " class=\"here\"" : "")}><a href=\"{up}{Html(one.Key)}\">{Escaped(one.Value)}</a></li>\n"));
        return Template(titles[page], up, list, body.ToString());
    }

    /// <summary>Where a link leads in the site.</summary>
    private static string Target(string root, string output, string page, string url, Dictionary<string, string> titles)
    {
        if (url.Length == 0 || url.StartsWith('#') || url.Contains(':', StringComparison.Ordinal))
            return url;
        var parts = url.Split('#', 2);
        var file = Path.GetRelativePath(root, Path.GetFullPath(Path.Combine(root, Path.GetDirectoryName(page) ?? "", parts[0])));
        if (Directory.Exists(Path.Combine(root, file)) && titles.ContainsKey(file + "/README.md"))
            (file, parts[0]) = (file + "/README.md", parts[0].TrimEnd('/') + "/README.md");
        if (titles.ContainsKey(file))
            return Html(parts[0]) + (parts.Length > 1 ? "#" + parts[1] : "");
        return CopyOf(root, output, file, parts[0]);
    }

    // A directory becomes a list of its files; a file is shown as text.
    private static string CopyOf(string root, string output, string file, string url)
    {
        var (from, to) = (Path.Combine(root, file), Path.Combine(output, file));
        if (Directory.Exists(from))
        {
            Directory.CreateDirectory(to);
            var files = Directory.GetFiles(from).Select(static one => Path.GetFileName(one)).Order(StringComparer.Ordinal).ToArray();
            foreach (var one in files)
                File.Copy(Path.Combine(from, one), Path.Combine(to, one), overwrite: true);
            var links = string.Concat(files.Select(static one => $"<li><a href=\"{Escaped(one)}\">{Escaped(one)}</a></li>\n"));
            File.WriteAllText(Path.Combine(to, "index.html"), $"<!doctype html>\n<title>{Escaped(file)}</title>\n<ul>\n{links}</ul>\n");
            return url.TrimEnd('/') + "/index.html";
        }

        if (File.Exists(from))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(from, to, overwrite: true);
        }

        return url;
    }

    private static string Html(string page) => page[..^3] + ".html";

    private static string TitleOf(string text, string page) => Heading().Match(text) is { Success: true } heading
        ? heading.Groups[1].Value.Trim() : Path.GetFileNameWithoutExtension(page);

    private static string Escaped(string text) => System.Net.WebUtility.HtmlEncode(text.Replace("`", "", StringComparison.Ordinal));

    private static string Template(string title, string up, string list, string body) => new StringBuilder()
        .Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
        .Append(Escaped(title)).Append("</title>\n")
        .Append("<link rel=\"stylesheet\" href=\"").Append(up).Append("style.css\">\n</head>\n<body>\n")
        .Append(list.Length == 0 ? "" : $"<nav>\n<ul>\n{list}</ul>\n</nav>\n")
        .Append("<main>\n").Append(body).Append("</main>\n</body>\n</html>\n").ToString();

    [GeneratedRegex(@"^# (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
