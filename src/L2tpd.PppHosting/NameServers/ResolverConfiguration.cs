using System.ComponentModel;
using System.Diagnostics;
using L2tpd.Configuration;

namespace L2tpd.PppHosting.NameServers;

/// <summary>
/// The three ways to change this machine's name servers, and the notes by which a later run undoes what a killed one did: resolvconf's
/// records in a file of one line each; the former /etc/resolv.conf in a copy. What systemd-resolved knows of an interface goes with the
/// interface. One thread at a time.
/// </summary>
internal sealed class ResolverConfiguration(string stateFile)
{
    private static readonly TimeSpan ProgramTimeout = TimeSpan.FromSeconds(10);

    private readonly string _recordsPath = stateFile + ".resolvconf";
    private readonly SortedSet<string> _records = new(StringComparer.Ordinal);
    private readonly ResolvConfFile _file = new("/etc/resolv.conf", stateFile + ".resolv.conf");

    /// <summary>Adds or changes the name servers of an interface.</summary>
    /// <param name="use">How.</param>
    /// <param name="network">Name of the interface.</param>
    /// <param name="servers">Addresses.</param>
    /// <param name="isDefault">Everything is routed through the interface: all names are to be asked there.</param>
    /// <returns>What went wrong, in words; null: nothing.</returns>
    public string? Set(NameServerUse use, string network, string[] servers, bool isDefault) => use switch
    {
        NameServerUse.Resolved => Run("resolvectl", ["dns", network, .. servers], null)
            ?? Run("resolvectl", ["domain", network, isDefault ? "~." : ""], null),
        NameServerUse.Resolvconf => Note(network)
            ?? Run("resolvconf", ["-a", RecordOf(network)], string.Concat(servers.Select(static server => $"nameserver {server}\n"))),
        NameServerUse.File => _file.Set(network, servers),
        _ => null,
    };

    /// <summary>Takes the name servers of an interface back.</summary>
    /// <returns>What went wrong, in words; null: nothing.</returns>
    public string? Remove(NameServerUse use, string network)
    {
        switch (use)
        {
            case NameServerUse.Resolved:
                // Mostly the interface has ended, and what resolved knew of it with it.
                return Directory.Exists($"/sys/class/net/{network}") ? Run("resolvectl", ["revert", network], null) : null;
            case NameServerUse.Resolvconf:
                var problem = Run("resolvconf", ["-d", RecordOf(network)], null);
                _records.Remove(RecordOf(network));
                return problem ?? WriteRecords();
            case NameServerUse.File:
                return _file.Remove(network);
            default:
                return null;
        }
    }

    /// <summary>Undoes what an earlier run did that was killed.</summary>
    /// <returns>What went wrong, in words; null: nothing, or there was nothing.</returns>
    public string? RemoveLeftovers()
    {
        var problem = _file.Restore();
        try
        {
            if (!File.Exists(_recordsPath))
                return problem;
            foreach (var record in File.ReadAllLines(_recordsPath).Where(static line => line.EndsWith(".l2tpd", StringComparison.Ordinal)))
                problem = Run("resolvconf", ["-d", record], null) ?? problem;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"cannot read {_recordsPath}: {error.Message}";
        }

        return WriteRecords() ?? problem;
    }

    private static string RecordOf(string network) => $"{network}.l2tpd";

    /// <summary>Noted before resolvconf is asked, so that a daemon killed in between leaves no record behind.</summary>
    private string? Note(string network) => _records.Add(RecordOf(network)) ? WriteRecords() : null;

    private string? WriteRecords()
    {
        try
        {
            if (_records.Count == 0)
                File.Delete(_recordsPath);
            else
                File.WriteAllLines(_recordsPath, _records);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"cannot write {_recordsPath}: {error.Message}";
        }
    }

    private static string? Run(string program, string[] arguments, string? input)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true,
            })!;
            process.StandardInput.Write(input ?? "");
            process.StandardInput.Close();
            _ = process.StandardOutput.ReadToEndAsync();
            var said = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(ProgramTimeout))
            {
                process.Kill();
                return $"{program} did not end within {ProgramTimeout.TotalSeconds} s and was killed";
            }

            return process.ExitCode == 0 ? null
                : $"{program} {arguments[0]} ended with {process.ExitCode}: {said.GetAwaiter().GetResult().Trim()}";
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            return $"cannot run {program}: {error.Message}. Install it, or set another `dns` in the PPP profile";
        }
    }
}
