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

    /// <summary>What a pipe holds at the least, so that writing it never waits for the reader.</summary>
    private const int MostOptions = 60_000;

    private static readonly Dictionary<string, string> CleanEnvironment = new() { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin", ["LANG"] = "C" };

    /// <summary>Starts it.</summary>
    public static LinuxError TryStart(
        PppProfile profile, PppdSession session, FileDescriptor socket, out ChildProcess? child)
    {
        child = null;
        using var secrets = SecretOptions(PppdArguments.OptionsText(profile, session));
        var described = secrets is null ? session : session with { OptionsPath = $"/proc/self/fd/{OptionsInChild}" };
        List<DescriptorMapping> descriptors = [new(socket, PppdProcess.SocketInChild)];
        if (secrets is not null)
            descriptors.Add(new(secrets, OptionsInChild));
        try
        {
            return ChildProcess.TryStart(new ChildProcessOptions
            {
                Executable = profile.Program,
                Arguments = PppdArguments.For(profile, described),
                Environment = CleanEnvironment,
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

    /// <summary>A pipe that holds the text to be read once by the child; null: there is none. The text is far smaller than a pipe.</summary>
    private static FileDescriptor? SecretOptions(string text)
    {
        if (text.Length == 0)
            return null;
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        pipe.Write(Encoding.UTF8.GetBytes(text).AsSpan(0, Math.Min(Encoding.UTF8.GetByteCount(text), MostOptions)));
        pipe.Flush();
        using var read = new FileDescriptor((int)pipe.ClientSafePipeHandle.DangerousGetHandle());
        var kept = read.Duplicate();
        read.SetHandleAsInvalid();
        // Once its handle was looked at, the stream no longer closes this end by itself.
        pipe.DisposeLocalCopyOfClientHandle();
        return kept;
    }
}
