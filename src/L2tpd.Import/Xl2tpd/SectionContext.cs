using System.Collections.Immutable;

namespace L2tpd.Import.Xl2tpd;

/// <summary>What the sections of one file share.</summary>
internal sealed class SectionContext(ImportLog log, YamlBlock root)
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public ImportLog Log => log;

    public YamlBlock Root => root;

    /// <summary>Whether there is a section that answers peers.</summary>
    public bool HasLns { get; init; }

    /// <summary>The address to listen on and to dial from; <c>null</c> for all.</summary>
    public string? ListenAddress { get; set; }

    public long Port { get; set; } = 1701;

    /// <summary>Whether only peers of a section's <c>lac</c> may connect.</summary>
    public bool AccessControl { get; set; }

    /// <summary>The file of tunnel secrets that [global] names.</summary>
    public string? AuthFile { get; set; }

    /// <summary>Whether every profile uses built-in PPP.</summary>
    public bool ForcesUserspace { get; set; }

    public bool UsesPppd { get; set; }

    /// <summary>Addresses that a pool must not have: those of ends, and those of pools that were written before.</summary>
    public AddressSet Taken { get; } = new();

    public ImmutableArray<TunnelSecret> Secrets { get; private set; } = [];

    /// <summary>Writes what follows from [global].</summary>
    public void Complete()
    {
        if (HasLns)
            root.Set("listen", $"\"{ListenAddress ?? "0.0.0.0"}:{Port}\"");
        var file = Xl2tpdImport.SecretsFileOf(log.Settings.L2tpSecretsPath, AuthFile);
        if (log.Settings.ReadFile(file) is { } text)
            Secrets = TunnelSecrets.Read(text);
        else if (AuthFile is not null || log.Settings.L2tpSecretsPath is not null)
            log.Lose(root, $"auth file = {file}", "it cannot be read");
    }

    public void Finish()
    {
        if (!ForcesUserspace)
            return;
        if (UsesPppd)
            log.Lose(root, "force userspace = yes", "pppd needs the kernel's data plane; try --ppp built-in");
        else
            root.Set("data-plane", "userspace");
    }

    /// <summary>A name that no other section has.</summary>
    public string Name(string wanted, string fallback)
    {
        var name = YamlBlock.NameOf(wanted, fallback);
        if (name == "none")
            name = fallback;
        var unique = name;
        for (var i = 2; !_names.Add(unique); i++)
            unique = $"{name}-{i}";
        return unique;
    }
}
