using System.Collections.Immutable;

namespace L2tpd.Configuration;

/// <summary>Where data messages go.</summary>
public enum DataPlaneChoice
{
    /// <summary>The kernel where it has L2TP, else userspace: one log line says which and why.</summary>
    Auto,

    /// <summary>The Linux kernel; an error at start where it lacks L2TP.</summary>
    Kernel,

    /// <summary>The daemon itself, with TUN and TAP interfaces.</summary>
    Userspace,

    /// <summary>Control messages only.</summary>
    Null,
}

/// <summary>The unix socket that l2tpctl speaks to.</summary>
public sealed record ControlSocket
{
    /// <summary>Absolute path; null: no control socket.</summary>
    public string? Path { get; init; } = "/run/l2tpd/control.sock";

    /// <summary>Permissions of the socket.</summary>
    public UnixFileMode Mode { get; init; } =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Group that owns the socket, by name; null: the daemon's.</summary>
    public string? Group { get; init; }
}

/// <summary>What is logged and how.</summary>
public sealed record LogSettings
{
    public LogLevelChoice Level { get; init; } = LogLevelChoice.Information;

    public LogFormat Format { get; init; } = LogFormat.Auto;
}

/// <summary>The least serious entries that are logged.</summary>
public enum LogLevelChoice
{
    Trace,
    Debug,
    Information,
    Warning,
    Error,
}

/// <summary>How log entries are written.</summary>
public enum LogFormat
{
    /// <summary>The journal under systemd (JOURNAL_STREAM is set), else the console.</summary>
    Auto,

    /// <summary>Lines for people on standard output.</summary>
    Console,

    /// <summary>The journal's native protocol, with tunnel, session and peer as fields.</summary>
    Journal,

    /// <summary>One JSON object a line on standard output.</summary>
    Json,
}

/// <summary>How the daemon ends.</summary>
public sealed record ShutdownSettings
{
    /// <summary>How long peers may take to acknowledge StopCCN after SIGTERM.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a pppd may take to end after SIGTERM before it gets SIGKILL. It waits up to 5 s for scripts of its own (ip-down).
    /// </summary>
    public TimeSpan PppWait { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long the hooks of the end may take, counted from when everything else has ended or its time is over.</summary>
    public TimeSpan HookWait { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>Commands run when something happens: program and arguments each, empty for none. Facts come as environment variables.</summary>
public sealed record HookSettings
{
    public ImmutableArray<string> TunnelUp { get; init; } = [];

    public ImmutableArray<string> TunnelDown { get; init; } = [];

    public ImmutableArray<string> SessionUp { get; init; } = [];

    /// <summary>PPP negotiated addresses on the session.</summary>
    public ImmutableArray<string> NetworkUp { get; init; } = [];

    public ImmutableArray<string> SessionDown { get; init; } = [];

    /// <summary>The other end of a static tunnel no longer answers HELLO.</summary>
    public ImmutableArray<string> PeerSilent { get; init; } = [];

    /// <summary>It answers again.</summary>
    public ImmutableArray<string> PeerAnswers { get; init; } = [];

    /// <summary>A command that runs longer is killed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Commands running at one time; more wait.</summary>
    public int Parallel { get; init; } = 4;
}
