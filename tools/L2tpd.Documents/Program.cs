using L2tpd.Documents;
using L2tpd.Documents.Site;

// Makes documents. `reference ROOT`: the parts of the reference that are made of the code. `site ROOT OUTPUT`: the documents as HTML.
// `panels RECORDED PICTURE`: the dashboard of a bench run as SVG.
if (args is ["site", var source, var output])
{
    Console.WriteLine($"wrote {SiteFiles.Write(source, output)} pages to {output}");
    return 0;
}

if (args is ["panels", var recorded, var picture])
{
    File.WriteAllText(picture, PanelPicture.Draw(File.ReadAllText(recorded)));
    Console.WriteLine($"wrote {picture}");
    return 0;
}

if (args is not ["reference", var root])
{
    Console.Error.WriteLine("usage: L2tpd.Documents reference ROOT | site ROOT OUTPUT | panels RECORDED PICTURE");
    return 2;
}

foreach (var (path, text) in ReferenceFiles.Make(root))
{
    var file = Path.Combine(root, path);
    if (File.Exists(file) && File.ReadAllText(file) == text)
        continue;
    File.WriteAllText(file, text);
    Console.WriteLine($"wrote {path}");
}

return 0;
