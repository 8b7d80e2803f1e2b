using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace L2tpd.Daemon.Hosting;

/// <summary>
/// Starts the program again, in the same process, where the way it was started leaves it open to others or makes it fragile: with the sockets of .NET's debugger and profiler, which no
/// runtimeconfig.json can turn off (the native program has none), or with descriptors 0, 1 or 2 closed, whose numbers the runtime has by now given to files of its own. To be called first of all.
/// </summary>
public static partial class CleanStart
{
    private const string Diagnostics = "DOTNET_EnableDiagnostics";
    private const int GetDescriptorFlags = 1;
    private const int CloseOnExec = 1;
    private const int ReadAndWrite = 2;
    private const int StandardDescriptors = 3;

    /// <summary>The shell's exit status for a program that cannot be executed.</summary>
    private const int CannotExecute = 126;

    /// <summary>Does it if need be; returns where there is no need, or where it cannot be done.</summary>
    public static unsafe void Ensure()
    {
        var opensSockets = RuntimeFeature.IsDynamicCodeSupported && Environment.GetEnvironmentVariable(Diagnostics) is null;
        var closed = Enumerable.Range(0, StandardDescriptors).Where(IsNotInherited).ToArray();
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
        var argv = Vector(arguments);
        var envp = Vector(environment);
        // Last of all: one of the descriptors may be the runtime's source of random numbers, which it would read for ever.
        foreach (var number in closed)
            OpenNull(number);
        _ = execve("/proc/self/exe", argv, envp);
        // It failed. Without the runtime's own descriptors nothing goes on.
        if (closed.Length > 0)
            _exit(CannotExecute);
        Free(argv);
        Free(envp);
    }

    /// <summary>Closed when the program was started: still so, or taken by the runtime, whose files all close on exec; what was inherited does not.</summary>
    private static bool IsNotInherited(int number) => fcntl(number, GetDescriptorFlags) is var flags && (flags < 0 || (flags & CloseOnExec) != 0);

    private static void OpenNull(int number)
    {
        var opened = open("/dev/null", ReadAndWrite);
        if (opened < 0 || opened == number)
            return;
        _ = dup2(opened, number);
        if (opened >= StandardDescriptors)
            _ = close(opened);
    }

    private static void RemoveDiagnosticSockets()
    {
        var process = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        try
        {
            foreach (var pattern in new[] { $"dotnet-diagnostic-{process}-*-socket", $"clr-debug-pipe-{process}-*" })
                foreach (var file in Directory.GetFiles(Path.GetTempPath(), pattern))
                    File.Delete(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A directory that cannot be read has none of ours in it.
        }
    }

    private static List<string> Split(byte[] zeroTerminated) =>
        [.. Encoding.UTF8.GetString(zeroTerminated).Split('\0')[..^1]];

    private static unsafe byte** Vector(List<string> texts)
    {
        var vector = (byte**)NativeMemory.AllocZeroed((nuint)(texts.Count + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < texts.Count; i++)
            vector[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        return vector;
    }

    private static unsafe void Free(byte** vector)
    {
        for (var i = 0; vector[i] != null; i++)
            Marshal.FreeCoTaskMem((nint)vector[i]);
        NativeMemory.Free(vector);
    }

    [LibraryImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fcntl(int descriptor, int command);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int dup2(int from, int to);

    [LibraryImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int execve(string path, byte** arguments, byte** environment);

    [LibraryImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void _exit(int status);
}
