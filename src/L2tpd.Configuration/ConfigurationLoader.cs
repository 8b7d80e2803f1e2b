using System.Text;
using L2tpd.Configuration.Sections;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration;

/// <summary>
/// Reads the configuration files into a <see cref="DaemonConfiguration"/>.
/// <para>It owns nothing and has no state: each call reads the files again, on the caller's thread. It asks the machine only through
/// <see cref="LoadEnvironment"/>, and knows no data plane.</para>
/// <para>Steps: each file is parsed to a tree with positions (<see cref="YamlReader"/>); the trees are merged (<see cref="YamlMerge"/>);
/// the sections (<c>Sections/</c>) read the tree through their schema (<see cref="YamlMapping"/>) and check what must fit together. Errors
/// go to <see cref="Diagnostics"/> and never stop the reading, so that one run reports all of them. The result has either a configuration
/// or errors.</para>
/// <para>Known races: a file may change while it is read. Each file is read once, so that a configuration never contains two versions of
/// one file; files are not locked against each other.</para>
/// </summary>
public static class ConfigurationLoader
{
    // Enough for tens of thousands of tunnels. A file that is not a configuration does not fill the memory.
    private const int LongestFile = 64 * 1024 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Reads the file at <paramref name="path"/> and the files <c>conf.d/*.yaml</c> in its directory. Never throws: the result lists all
    /// errors.
    /// </summary>
    public static LoadResult Load(string path, LoadEnvironment environment)
    {
        var diagnostics = new Diagnostics();
        var context = new LoadContext(environment, diagnostics);
        var configuration = ReadFiles(path, context) is { } root
            ? RootSection.Read(new YamlMapping(root, "", root.Position, RootSection.Schema, diagnostics), context) is { } read
                ? read with { MaskedYaml = diagnostics.HasErrors ? "" : MaskedYaml.Of(root) } : null
            : null;
        return new LoadResult(diagnostics.HasErrors ? null : configuration, diagnostics.Errors, diagnostics.Warnings)
        {
            Files = [.. context.Files.Distinct(StringComparer.Ordinal)],
        };
    }

    // If one file is not YAML, the others are still checked, so that all errors are reported at once.
    private static MappingNode? ReadFiles(string path, LoadContext context)
    {
        var root = ReadFile(path, context);
        foreach (var part in Parts(path, context))
        {
            var added = ReadFile(part, context);
            root = root is null || added is null ? root ?? added : YamlMerge.Merge(root, added, context.Diagnostics);
        }

        return root;
    }

    private static IEnumerable<string> Parts(string path, LoadContext context)
    {
        var directory = Path.Combine(Path.GetDirectoryName(path) ?? "", "conf.d");
        try
        {
            return Directory.Exists(directory)
                ? Directory.GetFiles(directory, "*.yaml")
                    .Where(static file => Path.GetFileName(file)[0] != '.')
                    .Order(StringComparer.Ordinal)
                : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            context.Diagnostics.Error(new Position(directory, 0, 0), "", "cannot be read: " + exception.Message.TrimEnd('.'));
            return [];
        }
    }

    private static MappingNode? ReadFile(string path, LoadContext context)
    {
        context.Files.Add(path);
        if (FileText.TryRead(path, LongestFile, out var octets) is { } problem)
        {
            context.Diagnostics.Error(new Position(path, 0, 0), "", "cannot be read: " + problem);
            return null;
        }

        try
        {
            return YamlReader.Read(path, Utf8.GetString(octets), context.Diagnostics);
        }
        catch (DecoderFallbackException exception)
        {
            context.Diagnostics.Error(PlaceOf(path, octets.AsSpan(0, Math.Clamp(exception.Index, 0, octets.Length))), "",
                "is not UTF-8 text: the octet here does not begin a character");
            return null;
        }
    }

    // The position after the part that could be read.
    private static Position PlaceOf(string path, ReadOnlySpan<byte> before)
    {
        var line = before[(before.LastIndexOf((byte)'\n') + 1)..];
        return new Position(path, before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(line) + 1);
    }
}
