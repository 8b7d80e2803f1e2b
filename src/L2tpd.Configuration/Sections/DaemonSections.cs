using System.Collections.Immutable;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Control;

namespace L2tpd.Configuration.Sections;

/// <summary><c>log</c>.</summary>
internal static class LogSection
{
    public static readonly SectionSchema Schema = new("log", ["level", "format"]);

    private static readonly ScalarType<LogLevelChoice> Level = WordText.OneOf(
        ("trace", LogLevelChoice.Trace), ("debug", LogLevelChoice.Debug), ("information", LogLevelChoice.Information),
        ("warning", LogLevelChoice.Warning), ("error", LogLevelChoice.Error));

    private static readonly ScalarType<LogFormat> Format = WordText.OneOf(
        ("auto", LogFormat.Auto), ("console", LogFormat.Console), ("journal", LogFormat.Journal), ("json", LogFormat.Json));

    public static LogSettings Read(YamlMapping root)
    {
        var defaults = new LogSettings();
        return root.Section("log", Schema) is not { } mapping ? defaults : new LogSettings
        {
            Level = mapping.Get("level", defaults.Level, Level),
            Format = mapping.Get("format", defaults.Format, Format),
        };
    }
}

/// <summary><c>control</c>: the socket for l2tpctl.</summary>
internal static class ControlSection
{
    public static readonly SectionSchema Schema = new("control", ["socket", "mode", "group", "admin-group", "read-group"]);

    /// <summary>A socket has one group: with two of them everybody may connect, and the daemon judges by credentials.</summary>
    private const UnixFileMode ForAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    // sun_path without its final zero (unix(7)).
    private const int LongestSocketPath = 107;

    public static ControlSocket Read(YamlMapping root, LoadContext context)
    {
        var defaults = new ControlSocket { Path = Instance.SocketPath(context.Environment.Instance) };
        if (root.Section("control", Schema) is not { } mapping)
            return defaults;
        var path = mapping.Get("socket", defaults.Path!, WordText.AbsolutePathOrNone);
        if (System.Text.Encoding.UTF8.GetByteCount(path) > LongestSocketPath)
            mapping.Error("socket", $"is too long for a unix socket: at most {LongestSocketPath} octets");
        var (group, admins, readers) = (Group(mapping, "group", context), Group(mapping, "admin-group", context),
            Group(mapping, "read-group", context));
        string[] named = [.. new[] { admins, readers }.OfType<string>().Distinct()];
        return new ControlSocket
        {
            Path = path.Length == 0 ? null : path,
            Mode = mapping.Get("mode", group is null && named.Length == 2 ? ForAll : defaults.Mode, WordText.Mode),
            Group = group ?? (named.Length == 1 ? named[0] : null),
            AdminGroup = admins,
            ReadGroup = readers,
        };
    }

    private static string? Group(YamlMapping mapping, string key, LoadContext context)
    {
        var group = mapping.Get(key, null, WordText.Text(32)!);
        if (group is not null && context.Environment.HasGroup?.Invoke(group) == false)
        {
            mapping.Warning(key, $"there is no group `{group}` on this machine: the daemon would not start (groupadd --system "
                + $"{group} creates it)");
        }

        return group;
    }
}

/// <summary><c>shutdown</c>.</summary>
internal static class ShutdownSection
{
    public static readonly SectionSchema Schema = new("shutdown", ["wait", "ppp-wait", "hook-wait"]);

    private static readonly ScalarType<TimeSpan> Wait = DurationText.Between(TimeSpan.Zero, TimeSpan.FromHours(1));

    public static ShutdownSettings Read(YamlMapping root)
    {
        var defaults = new ShutdownSettings();
        return root.Section("shutdown", Schema) is not { } mapping ? defaults : new ShutdownSettings
        {
            Wait = mapping.Get("wait", defaults.Wait, Wait),
            PppWait = mapping.Get("ppp-wait", defaults.PppWait, Wait),
            HookWait = mapping.Get("hook-wait", defaults.HookWait, Wait),
        };
    }
}

/// <summary><c>hooks</c>: commands run when something happens.</summary>
internal static class HooksSection
{
    public static readonly SectionSchema Schema = new("hooks",
        ["tunnel-up", "tunnel-down", "session-up", "network-up", "session-down", "peer-silent", "peer-answers", "timeout", "parallel"]);

    private const int LongestWord = 4096;

    public static HookSettings Read(YamlMapping root)
    {
        var defaults = new HookSettings();
        return root.Section("hooks", Schema) is not { } mapping ? defaults : new HookSettings
        {
            TunnelUp = Command(mapping, "tunnel-up"),
            TunnelDown = Command(mapping, "tunnel-down"),
            SessionUp = Command(mapping, "session-up"),
            NetworkUp = Command(mapping, "network-up"),
            SessionDown = Command(mapping, "session-down"),
            PeerSilent = Command(mapping, "peer-silent"),
            PeerAnswers = Command(mapping, "peer-answers"),
            Timeout = mapping.Get("timeout", defaults.Timeout, DurationText.Positive),
            Parallel = mapping.Get("parallel", defaults.Parallel, NumberText.Between(1, 256)),
        };
    }

    // A text is run by the shell; a list is the program and its arguments.
    private static ImmutableArray<string> Command(YamlMapping mapping, string key)
    {
        if (mapping.Find(key) is not { } value)
            return [];
        var words = value.ReadList(WordText.Text(LongestWord));
        if (words.IsEmpty || value.IsScalar)
            return words.IsEmpty ? [] : ["/bin/sh", "-c", words[0]];
        if (!words[0].StartsWith('/'))
            value.Error($"`{words[0]}` is not an absolute path; the first item is the program");
        return words;
    }
}
