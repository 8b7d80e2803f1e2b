using System.Text;
using L2tpd.Configuration;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Processes;

namespace L2tpd.PppHosting.Pppd;

/// <summary>Starts a pppd: arguments, environment, inherited descriptors. Any thread.</summary>
internal static class PppdStarter
{
    private const int OptionsInChild = 4;

    /// <summary>The number in <see cref="PppdSession.NamePath"/>.</summary>
    private const int NameInChild = 5;

    private static readonly Dictionary<string, string> CleanEnvironment =
        new() { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin", ["LANG"] = "C" };

    public static LinuxError TryStart(
        PppProfile profile, PppdSession session, FileDescriptor socket, out ChildProcess? child)
    {
        child = null;
        var error = MemoryFile.TryCreate("ipparam", Encoding.UTF8.GetBytes(PppdArguments.NameText(session)), out var name);
        if (!error.IsNone)
            return error;
        using var heldName = name;
        FileDescriptor? options = null;
        var text = PppdArguments.OptionsText(profile, session);
        if (text.Length > 0)
            error = MemoryFile.TryCreate("options", Encoding.UTF8.GetBytes(text), out options);
        if (!error.IsNone)
            return error;
        using var heldOptions = options;
        var described = options is null ? session : session with { OptionsPath = $"/proc/self/fd/{OptionsInChild}" };
        List<DescriptorMapping> descriptors = [new(socket, PppdProcess.SocketInChild), new(name!, NameInChild)];
        if (options is not null)
            descriptors.Add(new(options, OptionsInChild));
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
            // The session ended meanwhile, and its socket with it.
            return new LinuxError(Errno.EBADF, "posix_spawn", "the session has ended");
        }
    }

    /// <summary>Why pppd could not be started, and what to do.</summary>
    public static string Explain(PppProfile profile, LinuxError error) => error.Errno switch
    {
        Errno.ENOENT => $"there is no {profile.Program}: install pppd (package ppp), or set 'program' of PPP profile {profile.Name}",
        Errno.EACCES => $"{profile.Program} may not be executed",
        Errno.EMFILE or Errno.ENFILE => "no descriptors left to start pppd",
        Errno.EAGAIN => "the limit on processes is reached, pppd cannot be started",
        _ => $"pppd cannot be started: {error}",
    };
}
