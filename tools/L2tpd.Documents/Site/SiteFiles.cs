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
/// side. Links between documents lead to pages; other files of the repository that they name are pages too. Each is under the path that it
/// has in the repository.
/// </summary>
public static partial class SiteFiles
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).UseAutoLinks().Build();

    /// <summary>Writes the site.</summary>
    /// <param name="root">The root of the repository.</param>
    /// <param name="output">The directory of the site; it is made.</param>
    /// <returns>How many pages there are.</returns>
    public static int Write(string root, string output)
    {
        var pages = Pages(root).ToArray();
        var titles = pages.ToDictionary(static page => page, page => TitleOf(File.ReadAllText(Path.Combine(root, page)), page));
        var list = new PageList(titles);
        foreach (var page in pages)
        {
            var target = Path.Combine(output, Html(page));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, Page(root, output, page, list));
        }

        File.WriteAllText(Path.Combine(output, "style.css"), Style.Text);
        File.Copy(Path.Combine(output, "README.html"), Path.Combine(output, "index.html"), overwrite: true);
        return pages.Length;
    }

    private static IEnumerable<string> Pages(string root)
    {
        var docs = Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories);
        return Directory.EnumerateFiles(root, "*.md").Concat(docs).Select(file => Path.GetRelativePath(root, file))
            .Order(StringComparer.Ordinal);
    }

    private static string Page(string root, string output, string page, PageList list)
    {
        var document = Markdown.Parse(File.ReadAllText(Path.Combine(root, page)), Pipeline);
        foreach (var link in document.Descendants<LinkInline>())
            link.Url = Target(root, output, page, link.Url ?? "", list);
        using var body = new StringWriter();
        var renderer = new HtmlRenderer(body);
        Pipeline.Setup(renderer);
        renderer.Render(document);
        return Template(list.Titles[page], page, list, body.ToString());
    }

    /// <summary>Where a link leads in the site.</summary>
    private static string Target(string root, string output, string page, string url, PageList list)
    {
        if (url.Length == 0 || url.StartsWith('#') || url.Contains(':', StringComparison.Ordinal))
            return url;
        var parts = url.Split('#', 2);
        var file = Path.GetRelativePath(root, Path.GetFullPath(Path.Combine(root, Path.GetDirectoryName(page) ?? "", parts[0])));
        if (Directory.Exists(Path.Combine(root, file)) && list.Titles.ContainsKey(file + "/README.md"))
            (file, parts[0]) = (file + "/README.md", parts[0].TrimEnd('/') + "/README.md");
        if (list.Titles.ContainsKey(file))
            return Html(parts[0]) + (parts.Length > 1 ? "#" + parts[1] : "");
        return CopyOf(root, output, file, parts[0], list);
    }

    // A directory becomes a list of its files, a text a page, since browsers save YAML and manual pages instead of showing them; a picture
    // is copied.
    private static string CopyOf(string root, string output, string file, string url, PageList list)
    {
        var from = Path.Combine(root, file);
        if (Directory.Exists(from))
        {
            var files = Directory.GetFiles(from).Select(static one => Path.GetFileName(one)).Order(StringComparer.Ordinal).ToArray();
            var links = files.Select(one =>
                $"<li><a href=\"{Escaped(CopyOf(root, output, Path.Combine(file, one), one, list))}\">{Escaped(one)}</a></li>\n");
            WritePage(output, Path.Combine(file, "index.md"), file, $"<ul>\n{string.Concat(links)}</ul>\n", list);
            return url.TrimEnd('/') + "/index.html";
        }

        if (!File.Exists(from))
            return url;
        if (Path.GetExtension(file) is not (".svg" or ".png"))
        {
            var text = System.Net.WebUtility.HtmlEncode(File.ReadAllText(from));
            WritePage(output, file + ".md", file, $"<pre><code>{text}</code></pre>\n", list);
            return url + ".html";
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(output, file))!);
        File.Copy(from, Path.Combine(output, file), overwrite: true);
        return url;
    }

    private static void WritePage(string output, string page, string title, string body, PageList list)
    {
        var target = Path.Combine(output, Html(page));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllText(target, Template(title, page, list, $"<h1>{Escaped(title)}</h1>\n{body}"));
    }

    /// <summary>The file of a page in the site.</summary>
    internal static string Html(string page) => page[..^3] + ".html";

    private static string TitleOf(string text, string page) => Heading().Match(text) is { Success: true } heading
        ? heading.Groups[1].Value.Trim() : Path.GetFileNameWithoutExtension(page);

    /// <summary>Text of a document as HTML, without the marks of code.</summary>
    internal static string Escaped(string text) => System.Net.WebUtility.HtmlEncode(text.Replace("`", "", StringComparison.Ordinal));

    private static string Template(string title, string page, PageList list, string body) => new StringBuilder()
        .Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
        .Append(Escaped(title)).Append("</title>\n")
        .Append("<link rel=\"stylesheet\" href=\"").Append(PageList.UpFrom(page)).Append("style.css\">\n</head>\n<body>\n")
        .Append("<p class=\"to-pages\"><a href=\"#pages\">All pages</a></p>\n")
        .Append("<nav id=\"pages\">\n").Append(list.For(page)).Append("</nav>\n")
        .Append("<main>\n").Append(body).Append("</main>\n</body>\n</html>\n").ToString();

    [GeneratedRegex(@"^# (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
