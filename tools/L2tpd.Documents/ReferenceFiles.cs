using L2tpd.Configuration.Reference;
using L2tpd.Documents.Api;

namespace L2tpd.Documents;

/// <summary>The documents that are made of <see cref="ConfigurationReference"/> and <see cref="ApiOperation"/>.</summary>
public static class ReferenceFiles
{
    public const string Reference = "docs/configuration.md";
    public const string ManualPage = "docs/man/l2tpd.yaml.5";
    public const string Schema = "config/l2tpd.schema.json";
    public const string OpenApi = "docs/openapi.json";

    /// <summary>Each file by its path, with the text that it must have; the prose around the tables is taken from the file.</summary>
    /// <param name="root">The root of the repository.</param>
    public static IEnumerable<(string Path, string Text)> Make(string root)
    {
        yield return (Reference, MarkdownTables.Renew(File.ReadAllText(Path.Combine(root, Reference))));
        yield return (ManualPage, ManualLists.Renew(File.ReadAllText(Path.Combine(root, ManualPage))));
        yield return (Schema, JsonSchema.Write());
        yield return (OpenApi, OpenApiDocument.Write());
    }

    /// <summary>The section of a name; <c>null</c> for one that is prose.</summary>
    internal static SectionReference? Find(string name) => ConfigurationReference.Sections.FirstOrDefault(one => one.Name == name);
}
