namespace L2tpd.Documents.Site;

/// <summary>The stylesheet of the site.</summary>
internal static class Style
{
    // On a narrow screen the list of pages is below the text; tables and code scroll by themselves.
    public const string Text = """
        :root { color-scheme: light dark; --line: #8884; --link: #06c; --code: #8881; }
        @media (prefers-color-scheme: dark) { :root { --link: #6af; } }
        body { margin: 0; display: flex; font: 16px/1.5 system-ui, sans-serif; }
        nav { flex: 0 0 17rem; box-sizing: border-box; padding: 1rem; border-right: 1px solid var(--line); font-size: 0.9rem;
          position: sticky; top: 0; height: 100vh; overflow-y: auto; }
        nav ul { list-style: none; margin: 0.2rem 0 1rem; padding: 0; }
        nav li { margin: 0.2rem 0; line-height: 1.3; }
        nav summary { font-weight: bold; cursor: pointer; }
        nav .here a { font-weight: bold; color: inherit; }
        .to-pages { display: none; }
        main { flex: 1 1 auto; min-width: 0; max-width: 60rem; padding: 1rem 2rem 4rem; overflow-wrap: anywhere; }
        a { color: var(--link); text-decoration: none; }
        a:hover { text-decoration: underline; }
        h1, h2, h3 { line-height: 1.25; }
        h2 { border-bottom: 1px solid var(--line); padding-bottom: 0.2rem; }
        img { max-width: 100%; height: auto; }
        table { border-collapse: collapse; display: block; overflow-x: auto; overflow-wrap: normal; }
        th, td { border: 1px solid var(--line); padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; min-width: 4rem; }
        pre { overflow-x: auto; padding: 0.8rem; border: 1px solid var(--line); border-radius: 4px; line-height: 1.4; }
        code { font: 0.9em ui-monospace, monospace; }
        :not(pre) > code { background: var(--code); border-radius: 3px; padding: 0 0.2em; }
        @media (max-width: 50rem) {
          body { flex-direction: column; }
          .to-pages { display: block; order: 0; margin: 0; padding: 0.6rem 1rem; border-bottom: 1px solid var(--line); }
          main { order: 1; padding: 0.5rem 1rem; max-width: 100%; box-sizing: border-box; }
          nav { order: 2; flex: none; position: static; height: auto; border: 0; border-top: 1px solid var(--line); }
          td code { overflow-wrap: anywhere; }
        }

        """;
}
