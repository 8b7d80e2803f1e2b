using System.CommandLine;
using L2tpd.Import;
using L2tpd.Import.AccelPpp;
using L2tpd.Import.Xl2tpd;

namespace L2tpd.Cli;

/// <summary><c>import xl2tpd FILE</c>, <c>import accel-ppp FILE</c>: another daemon's configuration as YAML. Asks no daemon.</summary>
internal static class ImportCommand
{
    private const string ChapSecrets = "/etc/ppp/chap-secrets";

    private static readonly Dictionary<string, PppChoice> Choices = new(StringComparer.Ordinal)
    {
        ["auto"] = PppChoice.Auto,
        ["pppd"] = PppChoice.Pppd,
        ["built-in"] = PppChoice.BuiltIn,
    };

    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where it prints.</param>
    public static Command Build(Screen screen) => new("import", "Print the configuration of another daemon as that of l2tpd.")
    {
        One(screen, "xl2tpd", "From xl2tpd.conf, with the files that it names.", Xl2tpdImport.Convert,
            [Path("--l2tp-secrets", "The file of tunnel secrets, in place of the one that FILE names.")], Choice()),
        One(screen, "accel-ppp", "From accel-ppp.conf: what concerns L2TP.", AccelPppImport.Convert, [], null),
    };

    private static Command One(Screen screen, string name, string description, Func<string, ImportSettings, ImportResult> convert,
        Option<string?>[] own, Option<string>? choice)
    {
        var file = new Argument<string>("FILE") { Description = "The configuration of the other daemon." };
        var chapSecrets = Path("--chap-secrets", $"pppd's file of users; {ChapSecrets} by default.");
        var root = Path("--root", "The directory that absolute paths in FILE start at: a copy of another machine's files.", "DIRECTORY");
        var secrets = Path("--secrets-directory", "Write each secret to a file in this directory, and name it in the YAML.", "DIRECTORY");
        var output = Path("--output", "Write the YAML to this file, which must not exist, readable by its owner only.");
        var command = new Command(name, description) { file, chapSecrets, root, secrets, output };
        foreach (var option in own)
            command.Add(option);
        if (choice is not null)
            command.Add(choice);
        command.SetAction((parsed, cancellation) =>
        {
            var files = new ImportFiles(parsed.GetRequiredValue(file), parsed.GetValue(root),
                [parsed.GetValue(chapSecrets), .. own.Select(parsed.GetValue)]);
            var settings = new ImportSettings
            {
                FileName = parsed.GetRequiredValue(file),
                HostName = Environment.MachineName,
                ReadFile = files.Read,
                ChapSecretsPath = parsed.GetValue(chapSecrets) is { } users ? System.IO.Path.GetFullPath(users) : ChapSecrets,
                L2tpSecretsPath = own.Select(parsed.GetValue).FirstOrDefault(),
                Secrets = parsed.GetValue(secrets) is not null ? SecretPlace.Files
                    : screen.IsTerminal && parsed.GetValue(output) is null ? SecretPlace.Hidden : SecretPlace.Inline,
                SecretsDirectory = System.IO.Path.GetFullPath(parsed.GetValue(secrets) ?? "."),
                Ppp = choice is null ? PppChoice.Auto : Choices[parsed.GetRequiredValue(choice)],
            };
            return RunAsync(screen, files, text => convert(text, settings), settings, parsed.GetValue(output), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(Screen screen, ImportFiles files, Func<string, ImportResult> convert, ImportSettings settings,
        string? output, CancellationToken cancellation)
    {
        if (files.ReadMain(out var problem) is not { } text)
            return await FailedAsync(screen, $"cannot read {settings.FileName}: {problem}");
        var result = convert(text);
        try
        {
            foreach (var secret in result.Files)
                ImportFiles.WriteSecret(settings.SecretsDirectory, secret.Name, secret.Secret);
            if (output is null)
                await screen.Out.WriteAsync(result.Yaml.AsMemory(), cancellation);
            else
                ImportFiles.WriteNew(output, result.Yaml);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && (output is not null || result.Files.Length > 0))
        {
            return await FailedAsync(screen, e.Message.TrimEnd('.'));
        }

        await screen.Error.WriteLineAsync($"l2tpctl: {Summary(result)}");
        return ExitCodes.Ok;
    }

    private static string Summary(ImportResult result)
    {
        var lost = result.Lost == 0 ? "everything was carried over" : $"{result.Lost} not carried over: look for NOT CARRIED OVER";
        var secrets = result.InlineSecrets > 0 ? $"; secrets in the output: {result.InlineSecrets}"
            : result.HiddenSecrets > 0 ? $"; secrets that are not shown on a terminal: {result.HiddenSecrets}"
            : "";
        return lost + secrets;
    }

    private static async Task<int> FailedAsync(Screen screen, string message)
    {
        await screen.Error.WriteLineAsync($"l2tpctl: {DisplayText.Clean(message)}");
        return ExitCodes.Refused;
    }

    private static Option<string?> Path(string name, string description, string help = "FILE") =>
        new(name) { Description = description, HelpName = help };

    private static Option<string> Choice()
    {
        var option = new Option<string>("--ppp")
        {
            Description = "Who speaks PPP: auto (built-in PPP if it can do all that is asked for), pppd, built-in.",
            HelpName = "WHO",
            DefaultValueFactory = static _ => "auto",
        };
        option.Validators.Add(static result =>
        {
            foreach (var token in result.Tokens.Where(static token => !Choices.ContainsKey(token.Value)))
                result.AddError($"--ppp: \"{token.Value}\" is not auto, pppd or built-in");
        });
        return option;
    }
}
