using System.Text;

namespace L2tpd.Import;

/// <summary>What an import gathers besides the YAML: how many keys are lost, and the secrets.</summary>
internal sealed class ImportLog(ImportSettings settings)
{
    // The longest secret and password that l2tpd takes.
    private const int LongestSecret = 255;

    private readonly List<SecretFile> _files = [];
    private int _inline;
    private int _hidden;

    public ImportSettings Settings => settings;

    public int Lost { get; private set; }

    /// <summary>A comment for a key that could not be carried over.</summary>
    public void Lose(YamlBlock block, string what, string why)
    {
        Lost++;
        block.Comment($"NOT CARRIED OVER: {what}: {why}");
    }

    /// <summary>The same for a line of a section.</summary>
    public void Lose(YamlBlock block, IniEntry entry, string why) => Lose(block, $"{entry.Written} (line {entry.Line})", why);

    /// <summary>A secret under <paramref name="key"/>, where the settings want it.</summary>
    /// <param name="block">The mapping that has the key.</param>
    /// <param name="key"><c>secret</c> or <c>password</c>.</param>
    /// <param name="secret">The secret; nothing is written for one that l2tpd does not take.</param>
    /// <param name="name">The name of its file.</param>
    public void Secret(YamlBlock block, string key, string secret, string name)
    {
        if (secret.Length == 0 || secret.Any(char.IsControl) || Encoding.UTF8.GetByteCount(secret) > LongestSecret)
        {
            Lose(block, key, $"a secret is 1 to {LongestSecret} octets without control characters");
            return;
        }

        switch (settings.Secrets)
        {
            case SecretPlace.Files:
                block.Text(key + "-file", $"{settings.SecretsDirectory.TrimEnd('/')}/{FileOf(secret, name)}");
                break;
            case SecretPlace.Hidden:
                _hidden++;
                block.Comment($"The {key} is not shown on a terminal: use --output FILE or --secrets-directory DIRECTORY.");
                block.Set(key, "\"***\"");
                break;
            default:
                _inline++;
                block.Text(key, secret);
                break;
        }
    }

    public ImportResult Result(YamlBlock root, string program)
    {
        var head = new YamlBlock();
        head.Comment($"Made by `l2tpctl import {program}` from {settings.FileName}. Check it with `l2tpd --check FILE`.");
        head.Comment(Lost == 0
            ? "Everything was carried over."
            : $"{Lost} {(Lost == 1 ? "key was" : "keys were")} not carried over: look for NOT CARRIED OVER.");
        if (_inline > 0)
            head.Comment("WARNING: there are secrets in this file. Keep it readable by root only (chmod 600).");
        return new ImportResult(head + "\n" + root, [.. _files], Lost) { InlineSecrets = _inline, HiddenSecrets = _hidden };
    }

    private string FileOf(string secret, string name)
    {
        var wanted = YamlBlock.NameOf(name, "secret");
        var file = wanted;
        for (var i = 2; _files.Find(one => one.Name == file) is { } taken; i++)
        {
            if (taken.Secret == secret)
                return file;
            file = $"{wanted}-{i}";
        }

        _files.Add(new SecretFile(file, secret));
        return file;
    }
}
