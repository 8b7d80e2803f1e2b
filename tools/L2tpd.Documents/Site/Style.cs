namespace L2tpd.Documents.Site;

/// <summary>The stylesheet of the site.</summary>
internal static class Style
{
    public const string Text = """
        :root { color-scheme: light dark; --line: #8884; --link: #06c; }
        @media (prefers-color-scheme: dark) { :root { --link: #6af; } }
        body { margin: 0; display: flex; font: 16px/1.5 system-ui, sans-serif; }
        nav { flex: 0 0 17rem; padding: 1rem; border-right: 1px solid var(--line); font-size: 0.9rem; }
        nav ul { list-style: none; margin: 0; padding: 0; position: sticky; top: 1rem; }
        nav .here a { font-weight: bold; color: inherit; }
        main { flex: 1 1 auto; min-width: 0; max-width: 60rem; padding: 1rem 2rem 4rem; }
        a { color: var(--link); text-decoration: none; }
        a:hover { text-decoration: underline; }
        h2 { border-bottom: 1px solid var(--line); padding-bottom: 0.2rem; }
        table { border-collapse: collapse; display: block; overflow-x: auto; }
        th, td { border: 1px solid var(--line); padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }
        pre { overflow-x: auto; padding: 0.8rem; border: 1px solid var(--line); border-radius: 4px; }
        code { font: 0.9em ui-monospace, monospace; }
        @media (max-width: 50rem) { body { display: block; } nav { border: 0; } main { padding: 1rem; } }

        """;
}
