using System.ComponentModel;
using System.Diagnostics;
using L2tpd.Configuration;

namespace L2tpd.PppHosting.NameServers;

/// <summary>
/// The three ways to change this machine's name servers, and the notes by which a later run restores what a killed one changed: a file with
/// one resolvconf record per line, and a copy of the former /etc/resolv.conf. Settings of systemd-resolved end with their interface and
/// need no note. One thread at a time.
/// </summary>
internal sealed class ResolverConfiguration(string stateFile)
{
    private static readonly TimeSpan ProgramTimeout = TimeSpan.FromSeconds(10);

    private readonly string _recordsPath = stateFile + ".resolvconf";
    private readonly SortedSet<string> _records = new(StringComparer.Ordinal);
    private readonly ResolvConfFile _file = new("/etc/resolv.conf", stateFile + ".resolv.conf");

    /// <summary>Adds or changes the name servers of an interface.</summary>
    /// <param name="use">The way to do it.</param>
    /// <param name="network">Name of the interface.</param>
    /// <param name="servers">Addresses.</param>
    /// <param name="isDefault">Whether the interface has the default route, so that its servers resolve all names.</param>
    /// <returns>The error; <c>null</c> if there is none.</returns>
    public string? Set(NameServerUse use, string network, string[] servers, bool isDefault) => use switch
    {
        NameServerUse.Resolved => Run("resolvectl", ["dns", network, .. servers], null)
            ?? Run("resolvectl", ["domain", network, isDefault ? "~." : ""], null),
        NameServerUse.Resolvconf => Note(network)
            ?? Run("resolvconf", ["-a", RecordOf(network)], string.Concat(servers.Select(static server => $"nameserver {server}\n"))),
        NameServerUse.File => _file.Set(network, servers),
        _ => null,
    };

    /// <summary>Removes the name servers of an interface.</summary>
    /// <returns>The error; <c>null</c> if there is none.</returns>
    public string? Remove(NameServerUse use, string network)
    {
        switch (use)
        {
            case NameServerUse.Resolved:
                // Most often the interface no longer exists, and its settings in systemd-resolved ended with it.
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

    /// <summary>Restores what a killed run changed.</summary>
    /// <returns>The error; <c>null</c> if there is none, or there was nothing to do.</returns>
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

    /// <summary>Writes the note before resolvconf runs, so that a daemon killed in between leaves no record without a note.</summary>
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
                : $"{program} {arguments[0]} exited with status {process.ExitCode}: {said.GetAwaiter().GetResult().Trim()}";
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            return $"cannot run {program}: {error.Message}. Install it, or set another `dns` in the PPP profile";
        }
    }
}
