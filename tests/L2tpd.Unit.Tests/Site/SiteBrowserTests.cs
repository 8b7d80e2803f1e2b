using System.Text.Json.Nodes;
using L2tpd.Documents.Site;

namespace L2tpd.Unit.Tests.Site;

/// <summary>
/// The documents as a reader sees them: every page of the site in a headless Chromium, on a wide screen and at 400 pixels. Where Chromium
/// is absent nothing is checked, which is a failure in CI.
/// </summary>
public sealed class SiteBrowserTests(ITestOutputHelper output)
{
    // Of elements beyond the right edge only the outermost are named; what scrolls by itself may hold wider ones.
    private const string Question = """
        (() => {
          const scrolls = e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX);
          const edge = document.documentElement.clientWidth;
          const wide = [];
          const walk = e => {
            for (const child of e.children) {
              if (child.getBoundingClientRect().right > edge + 1) wide.push(child.outerHTML.slice(0, 120));
              else if (!scrolls(child)) walk(child);
            }
          };
          walk(document.body);
          return {
            links: [...document.querySelectorAll('a[href]')].map(e => e.href),
            ids: [...document.querySelectorAll('[id]')].map(e => e.id),
            pictures: [...document.images].filter(e => !e.complete || e.naturalWidth === 0).map(e => e.src),
            text: document.querySelector('main')?.innerText.length ?? 0,
            styled: document.querySelector('link[rel=stylesheet]')?.sheet != null,
            scrolls: document.documentElement.scrollWidth > edge,
            wide,
          };
        })()
        """;

    [Fact]
    public async Task Every_page_opens_in_a_browser_and_every_link_and_anchor_of_it_leads_somewhere()
    {
        using var site = new SiteDirectory();
        var pages = SiteFiles.Write(RepositoryFiles.Root, site.Path);
        await using var browser = await Browser.OpenAsync(output);
        if (browser is null)
            return;
        var (opened, problems) = await ReadAsync(browser, site.Path);
        Assert.True(opened >= pages, $"{pages} pages were written, {opened} opened");
        Assert.Empty(problems);
    }

    [Fact]
    public async Task A_fault_of_a_page_is_found()
    {
        using var site = new SiteDirectory();
        const string Good = "<!doctype html><link rel=stylesheet href=style.css><main>text ";
        site.Write("style.css", "pre { overflow-x: auto }");
        site.Write("good.html", Good + "<a href=good.html#here id=here>here</a><pre>" + new string('x', 500) + "</pre>");
        site.Write("link.html", Good + "<a href=none.html>none</a>");
        site.Write("anchor.html", Good + "<a href=good.html#none>none</a>");
        site.Write("picture.html", Good + "<img src=none.svg>");
        site.Write("error.html", Good + "<script>console.error('bad')</script>");
        site.Write("exception.html", Good + "<script>none()</script>");
        site.Write("wide.html", Good + "<p>" + new string('x', 500) + "</p>");
        site.Write("outside.html", Good + "<img src=http://127.0.0.1:9/x.png>");
        site.Write("saved.html", Good + "<a href=file.bin>file</a>");
        File.WriteAllBytes(Path.Combine(site.Path, "file.bin"), [0, 1, 2, 3, 255, 254, 0, 0]);
        site.Write("empty.html", "<!doctype html>");
        await using var browser = await Browser.OpenAsync(output);
        if (browser is null)
            return;
        var (_, problems) = await ReadAsync(browser, site.Path);
        Assert.Equal(
            [
                "anchor.html", "empty.html", "error.html", "exception.html", "link.html", "outside.html", "picture.html", "saved.html",
                "wide.html",
            ],
            problems.Select(static problem => problem.Split(": ")[0]).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains(
            problems, static problem => problem.StartsWith("wide.html: at 400 pixels: wider than the page", StringComparison.Ordinal));
    }

    /// <summary>Opens every page of a directory at both widths.</summary>
    private static async Task<(int Opened, List<string> Problems)> ReadAsync(Browser browser, string directory)
    {
        var problems = new List<string>();
        var anchors = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var links = new List<(string Page, Uri Link)>();
        var files = Directory.GetFiles(directory, "*.html", SearchOption.AllDirectories);
        foreach (var file in files)
        {
            var page = Path.GetRelativePath(directory, file);
            await browser.ResizeAsync(1280);
            foreach (var problem in await browser.NavigateAsync(new Uri(file).AbsoluteUri))
                problems.Add($"{page}: {problem}");
            var seen = await browser.EvaluateAsync(Question);
            problems.AddRange(Problems(seen, at: 1280).Select(problem => $"{page}: {problem}"));
            anchors[file] = [.. Texts(seen["ids"])];
            links.AddRange(Texts(seen["links"]).Select(link => (page, new Uri(link))));
            await browser.ResizeAsync(400);
            problems.AddRange(Problems(await browser.EvaluateAsync(Question), at: 400).Select(problem => $"{page}: {problem}"));
        }

        foreach (var (page, link) in links.DistinctBy(static one => one.Link))
        {
            if (link.IsFile && !anchors.ContainsKey(link.LocalPath) && File.Exists(link.LocalPath))
                problems.AddRange((await browser.NavigateAsync(link.AbsoluteUri)).Select(problem => $"{page}: {link}: {problem}"));
        }

        problems.AddRange(
            links.Distinct().Where(one => IsBroken(one.Link, anchors)).Select(static one => $"{one.Page}: broken: {one.Link}"));
        return (files.Length, problems);
    }

    private static IEnumerable<string> Problems(JsonNode seen, int at)
    {
        if ((int)seen["text"]! == 0)
            yield return $"at {at} pixels: no text";
        if (!(bool)seen["styled"]!)
            yield return $"at {at} pixels: no style";
        if ((bool)seen["scrolls"]!)
            yield return $"at {at} pixels: wider than the page: {string.Join(", ", Texts(seen["wide"]))}";
        foreach (var picture in Texts(seen["pictures"]))
            yield return $"at {at} pixels: not shown: {picture}";
    }

    // Pages of other hosts are not asked: the test is offline.
    private static bool IsBroken(Uri link, Dictionary<string, HashSet<string>> anchors)
    {
        if (!link.IsFile)
            return link.Scheme is not ("https" or "http" or "mailto");
        if (!anchors.TryGetValue(link.LocalPath, out var ids))
            return !File.Exists(link.LocalPath);
        return link.Fragment.Length > 1 && !ids.Contains(Uri.UnescapeDataString(link.Fragment[1..]));
    }

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(static one => (string)one!);

    private sealed class SiteDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("l2tpd-site-").FullName;

        public void Write(string name, string text) => File.WriteAllText(System.IO.Path.Combine(Path, name), text);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
