using System.Collections.Immutable;

namespace L2tpd.Configuration;

/// <summary>The data plane that carries data messages.</summary>
public enum DataPlaneChoice
{
    /// <summary>The kernel's if it has L2TP, otherwise userspace. One log line names it and the reason.</summary>
    Auto,

    /// <summary>The Linux kernel; an error at start if it lacks L2TP.</summary>
    Kernel,

    /// <summary>The daemon itself, with TUN and TAP interfaces.</summary>
    Userspace,

    /// <summary>Control messages only.</summary>
    Null,
}

/// <summary>The unix socket of the control API.</summary>
public sealed record ControlSocket
{
    /// <summary>Absolute path; <c>null</c> if there is no control socket.</summary>
    public string? Path { get; init; } = "/run/l2tpd/control.sock";

    /// <summary>Permissions of the socket.</summary>
    public UnixFileMode Mode { get; init; } =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Name of the group that owns the socket; <c>null</c> for the daemon's group.</summary>
    public string? Group { get; init; }

    /// <summary>Name of the group that may do everything; <c>null</c> if none is configured.</summary>
    public string? AdminGroup { get; init; }

    /// <summary>Name of the group that may see everything and change nothing; <c>null</c> if none is configured.</summary>
    public string? ReadGroup { get; init; }
}

/// <summary>strongSwan on this host.</summary>
public sealed record StrongSwanSettings
{
    /// <summary>Absolute path of the unix socket of its VICI plugin.</summary>
    public string Socket { get; init; } = "/run/charon.vici";
}

/// <summary>What is logged and how.</summary>
public sealed record LogSettings
{
    public LogLevelChoice Level { get; init; } = LogLevelChoice.Information;

    public LogFormat Format { get; init; } = LogFormat.Auto;
}

/// <summary>The lowest level of the entries that are logged.</summary>
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
    /// <summary>The journal under systemd (JOURNAL_STREAM is set), otherwise the console.</summary>
    Auto,

    /// <summary>Lines for humans on standard output.</summary>
    Console,

    /// <summary>The journal's native protocol, with tunnel, session and peer as fields.</summary>
    Journal,

    /// <summary>One JSON object per line on standard output.</summary>
    Json,
}

/// <summary>How the daemon ends.</summary>
public sealed record ShutdownSettings
{
    /// <summary>How long peers may take to acknowledge StopCCN after SIGTERM.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a pppd may take to end after SIGTERM before it gets SIGKILL. pppd waits up to 5 s for its scripts (ip-down).
    /// </summary>
    public TimeSpan PppWait { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long the hooks at the end may take, counted from the time when everything else has ended or timed out.</summary>
    public TimeSpan HookWait { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>
/// Commands run on events: program and arguments of each, empty if there is none. The properties of the event are environment variables.
/// </summary>
public sealed record HookSettings
{
    public ImmutableArray<string> TunnelUp { get; init; } = [];

    public ImmutableArray<string> TunnelDown { get; init; } = [];

    public ImmutableArray<string> SessionUp { get; init; } = [];

    /// <summary>PPP negotiated addresses on the session.</summary>
    public ImmutableArray<string> NetworkUp { get; init; } = [];

    public ImmutableArray<string> SessionDown { get; init; } = [];

    /// <summary>The peer of a static tunnel no longer answers HELLO.</summary>
    public ImmutableArray<string> PeerSilent { get; init; } = [];

    /// <summary>The peer of a static tunnel answers again.</summary>
    public ImmutableArray<string> PeerAnswers { get; init; } = [];

    /// <summary>A command that runs longer is killed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Number of commands that run at one time; further ones wait.</summary>
    public int Parallel { get; init; } = 4;
}
