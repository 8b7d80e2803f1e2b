using L2tpd.Documents;

// Makes documents of the code. `reference ROOT`: the generated parts of the reference below the root of the repository.
if (args is not ["reference", var root])
{
    Console.Error.WriteLine("usage: L2tpd.Documents reference ROOT");
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
