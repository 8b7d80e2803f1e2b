using System.Collections;
using System.Runtime.InteropServices;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Processes;

/// <summary>The arguments of one posix_spawn: file actions, attributes, argument and environment vectors.</summary>
internal sealed unsafe class SpawnPlan : IDisposable
{
    /// <summary>The lowest number of a mapping in the child.</summary>
    public const int FirstFree = 3;

    private readonly byte* _actions = (byte*)NativeMemory.AllocZeroed(Native.SpawnFileActionsSize);
    private readonly byte* _attributes = (byte*)NativeMemory.AllocZeroed(Native.SpawnAttributesSize);
    private readonly StringVector _arguments;
    private readonly StringVector _environment;
    private readonly List<FileDescriptor> _copies = [];

    public SpawnPlan(ChildProcessOptions options, FileDescriptor output, FileDescriptor? input = null)
    {
        _arguments = new StringVector([options.Executable, .. options.Arguments]);
        _environment = new StringVector(Environment(options.Environment));
        _ = Native.posix_spawn_file_actions_init(_actions);
        _ = Native.posix_spawnattr_init(_attributes);
        AddDescriptors(options.Descriptors, output, input);
        if (options.WorkingDirectory is { Length: > 0 } directory)
            Check(Native.posix_spawn_file_actions_addchdir_np(_actions, directory));
        AddSignals();
    }

    /// <summary>The first error of the preparation (no memory); 0 if none.</summary>
    public int Errno { get; private set; }

    /// <returns>0 or errno, including errors of exec in the child.</returns>
    public int Spawn(string executable, out int pid)
    {
        pid = 0;
        if (Errno != 0)
            return Errno;
        var number = 0;
        var errno = Native.posix_spawn(&number, executable, _actions, _attributes, _arguments.Start, _environment.Start);
        if (errno == 0)
            pid = number;
        return errno;
    }

    public void Dispose()
    {
        _ = Native.posix_spawn_file_actions_destroy(_actions);
        _ = Native.posix_spawnattr_destroy(_attributes);
        NativeMemory.Free(_actions);
        NativeMemory.Free(_attributes);
        _arguments.Dispose();
        _environment.Dispose();
        foreach (var copy in _copies)
            copy.Dispose();
    }

    private static List<string> Environment(IReadOnlyDictionary<string, string>? given)
    {
        var list = new List<string>();
        if (given is not null)
        {
            foreach (var (name, value) in given)
                list.Add($"{name}={value}");
            return list;
        }

        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            list.Add($"{entry.Key}={entry.Value}");
        return list;
    }

    /// <summary>
    /// Maps 0 to /dev/null or the input, 1 and 2 to the pipe, and the mappings; closes everything else. Sources are first copied to numbers
    /// above all targets: otherwise a target could overwrite a source that is not copied yet.
    /// </summary>
    private void AddDescriptors(IReadOnlyList<DescriptorMapping> mappings, FileDescriptor output, FileDescriptor? input)
    {
        var end = FirstFree;
        foreach (var mapping in mappings)
            end = Math.Max(end, mapping.Theirs + 1);
        var pipe = Copy(output, end);
        var sources = new int[mappings.Count];
        for (var i = 0; i < sources.Length; i++)
            sources[i] = Copy(mappings[i].Ours, end);
        if (input is null)
            Check(Native.posix_spawn_file_actions_addopen(_actions, 0, "/dev/null", LibC.O_RDONLY, 0));
        else
            Check(Native.posix_spawn_file_actions_adddup2(_actions, Copy(input, end), 0));
        Check(Native.posix_spawn_file_actions_adddup2(_actions, pipe, 1));
        Check(Native.posix_spawn_file_actions_adddup2(_actions, pipe, 2));
        var kept = new HashSet<int>();
        for (var i = 0; i < sources.Length; i++)
        {
            Check(Native.posix_spawn_file_actions_adddup2(_actions, sources[i], mappings[i].Theirs));
            kept.Add(mappings[i].Theirs);
        }

        for (var number = FirstFree; number < end; number++)
        {
            if (!kept.Contains(number))
                Check(Native.posix_spawn_file_actions_addclose(_actions, number));
        }

        Check(Native.posix_spawn_file_actions_addclosefrom_np(_actions, end));
    }

    /// <summary>
    /// No blocked or ignored signals (the runtime ignores SIGPIPE), and a new session, away from the signals of our terminal.
    /// </summary>
    private void AddSignals()
    {
        sigset_t set;
        _ = LibC.sigemptyset(&set);
        Check(Native.posix_spawnattr_setsigmask(_attributes, &set));
        // sigfillset leaves out two signals of the C library; posix_spawn would then make the child ignore them.
        new Span<byte>(&set, sizeof(sigset_t)).Fill(0xff);
        Check(Native.posix_spawnattr_setsigdefault(_attributes, &set));
        const short flags = Native.POSIX_SPAWN_SETSIGDEF | Native.POSIX_SPAWN_SETSIGMASK | Native.POSIX_SPAWN_SETSID;
        Check(Native.posix_spawnattr_setflags(_attributes, flags));
    }

    private int Copy(FileDescriptor descriptor, int lowest)
    {
        var number = Native.fcntl(descriptor, LibC.F_DUPFD_CLOEXEC, lowest);
        if (number < 0)
            Check(LibC.errno);
        else
            _copies.Add(new FileDescriptor(number));
        return number;
    }

    private void Check(int errno)
    {
        if (Errno == 0)
            Errno = errno;
    }
}
