using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using L2tpd.Linux.Processes;

namespace L2tpd.Daemon.Hosting;

/// <summary>
/// Restarts the program in the same process if the way it was started makes it open to other users or fragile: with the sockets of .NET's
/// debugger and profiler, which no runtimeconfig.json can turn off (the native program has none), or with descriptor 0, 1 or 2 closed, so
/// that the runtime has opened files of its own under these numbers. To be called before anything else.
/// </summary>
public static class CleanStart
{
    private const string Diagnostics = "DOTNET_EnableDiagnostics";
    private const int StandardDescriptors = 3;

    /// <summary>Restarts the program if necessary. Returns if it is not necessary, or not possible.</summary>
    public static void Ensure()
    {
        var opensSockets = RuntimeFeature.IsDynamicCodeSupported && Environment.GetEnvironmentVariable(Diagnostics) is null;
        var closed = Enumerable.Range(0, StandardDescriptors).Where(n => !ProcessImage.IsInherited(n)).ToArray();
        if ((!opensSockets && closed.Length == 0) || !File.Exists("/proc/self/exe"))
            return;
        var arguments = Split(File.ReadAllBytes("/proc/self/cmdline"));
        if (arguments.Count == 0)
            return;
        if (opensSockets)
        {
            Environment.SetEnvironmentVariable(Diagnostics, "0");
            RemoveDiagnosticSockets();
        }

        var environment = new List<string>();
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
            environment.Add($"{entry.Key}={entry.Value}");
        // If it fails, the program continues as it is.
        _ = ProcessImage.Replace("/proc/self/exe", arguments, environment, closed);
    }

    private static void RemoveDiagnosticSockets()
    {
        var process = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        try
        {
            foreach (var pattern in new[] { $"dotnet-diagnostic-{process}-*-socket", $"clr-debug-pipe-{process}-*" })
            {
                foreach (var file in Directory.GetFiles(Path.GetTempPath(), pattern))
                    File.Delete(file);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A directory that we cannot read has no socket of ours.
        }
    }

    private static List<string> Split(byte[] zeroTerminated) =>
        [.. Encoding.UTF8.GetString(zeroTerminated).Split('\0')[..^1]];
}
