using L2tpd.Configuration;
using L2tpd.Import;
using L2tpd.Import.Xl2tpd;
using L2tpd.Unit.Tests.Configuration;

namespace L2tpd.Unit.Tests.Import;

/// <summary>Imports with files in a directory of their own; what comes out is loaded by the daemon's loader.</summary>
internal sealed class ImportRun : IDisposable
{
    private readonly TemporaryConfiguration _files = new();

    public string Directory => _files.Directory;

    public PppChoice Ppp { get; init; }

    public SecretPlace Secrets { get; init; }

    public Func<string, ImportSettings, ImportResult> Importer { get; init; } = Xl2tpdImport.Convert;

    /// <summary>Adds a file; texts of files and configurations name the directory as <c>DIR</c>.</summary>
    public ImportRun With(string name, string text)
    {
        _files.Write(name, text.Replace("DIR", Directory, StringComparison.Ordinal));
        return this;
    }

    public ImportResult Convert(string text) => Importer(text.Replace("DIR", Directory, StringComparison.Ordinal), new ImportSettings
    {
        FileName = "the file",
        HostName = "machine",
        ReadFile = Read,
        ChapSecretsPath = Path.Combine(Directory, "chap-secrets"),
        Secrets = Secrets,
        SecretsDirectory = Path.Combine(Directory, "secrets"),
        Ppp = Ppp,
    });

    /// <summary>The YAML, with <c>DIR</c> for the directory; the test fails if the daemon would not take it.</summary>
    public (string Yaml, DaemonConfiguration Configuration) Good(string text)
    {
        var result = Convert(text);
        foreach (var secret in result.Files)
            _files.Write(Path.Combine("secrets", secret.Name), secret.Secret);
        _files.Write(TemporaryConfiguration.Main, result.Yaml);
        var loaded = _files.Load();
        Assert.True(loaded.Errors.IsEmpty, string.Join('\n', _files.Lines(loaded.Errors)) + "\n" + result.Yaml);
        return (result.Yaml.Replace(Directory, "DIR", StringComparison.Ordinal), loaded.Configuration!);
    }

    public void Dispose() => _files.Dispose();

    private static string? Read(string path) => File.Exists(path) ? File.ReadAllText(path) : null;
}
