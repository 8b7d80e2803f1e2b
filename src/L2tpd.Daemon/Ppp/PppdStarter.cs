using System.IO.Pipes;
using System.Text;
using L2tpd.Daemon.Configuration;
using L2tpd.Linux;
using L2tpd.Linux.Processes;

namespace L2tpd.Daemon.Ppp;

/// <summary>Starts a pppd: arguments, environment, inherited descriptors. Any thread.</summary>
internal static class PppdStarter
{
    private const int OptionsInChild = 4;

    /// <summary>Starts it.</summary>
    public static LinuxError TryStart(
        PppProfile profile, PppdSession session, PppdFacts facts, FileDescriptor socket, out ChildProcess? child)
    {
        child = null;
        using var secrets = SecretOptions(PppdArguments.OptionsText(profile));
        var described = secrets is null ? session : session with { OptionsPath = $"/proc/self/fd/{OptionsInChild}" };
        List<DescriptorMapping> descriptors = [new(socket, PppdProcess.SocketInChild)];
        if (secrets is not null)
            descriptors.Add(new(secrets, OptionsInChild));
        try
        {
            return ChildProcess.TryStart(new ChildProcessOptions
            {
                Executable = profile.Program,
                Arguments = [.. PppdArguments.For(profile, described), .. ForScripts(facts)],
                Environment = EnvironmentOf(facts),
                Descriptors = descriptors,
                WorkingDirectory = "/",
            }, out child);
        }
        catch (ObjectDisposedException)
        {
            // The session ended between the decision and now, and its socket with it.
            return new LinuxError(Errno.EBADF, "posix_spawn", "the session has ended");
        }
    }

    /// <summary>Why it could not be started, and what to do.</summary>
    public static string Explain(PppProfile profile, LinuxError error) => error.Errno switch
    {
        Errno.ENOENT => $"there is no {profile.Program}: install pppd (package ppp), or set 'program' of PPP profile {profile.Name}",
        Errno.EACCES => $"{profile.Program} may not be executed",
        Errno.EMFILE or Errno.ENFILE => "no descriptors left to start pppd",
        Errno.EAGAIN => "the limit on processes is reached, pppd cannot be started",
        _ => $"pppd cannot be started: {error}",
    };

    private static IEnumerable<string> ForScripts(PppdFacts facts)
    {
        foreach (var variable in facts.ForScripts)
        {
            yield return "set";
            yield return variable;
        }
    }

    private static Dictionary<string, string> EnvironmentOf(PppdFacts facts)
    {
        var environment = new Dictionary<string, string> { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin", ["LANG"] = "C" };
        foreach (var variable in facts.ForItself)
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            environment[variable[..equals]] = variable[(equals + 1)..];
        }

        return environment;
    }

    /// <summary>A pipe that holds the text to be read once by the child; null: there is none. The text is far smaller than a pipe.</summary>
    private static FileDescriptor? SecretOptions(string text)
    {
        if (text.Length == 0)
            return null;
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        pipe.Write(Encoding.UTF8.GetBytes(text));
        pipe.Flush();
        using var read = new FileDescriptor((int)pipe.ClientSafePipeHandle.DangerousGetHandle());
        var kept = read.Duplicate();
        read.SetHandleAsInvalid();
        return kept;
    }
}
