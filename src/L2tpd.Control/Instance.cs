namespace L2tpd.Control;

/// <summary>
/// Where one of several daemons on a machine keeps its files (<c>--instance</c> of l2tpd and l2tpctl). The directories are those that
/// <c>l2tpd@.service</c> makes: none lies in another's, because systemd removes them with the unit.
/// </summary>
public static class Instance
{
    private const int LongestName = 64;

    /// <summary>Whether a name can be part of a path and of a unit's name: letters, digits, <c>_</c>, <c>.</c>, <c>-</c>.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= LongestName && char.IsAsciiLetterOrDigit(name[0])
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    /// <summary>The control socket of an instance; <c>null</c>: of the only daemon.</summary>
    public static string SocketPath(string? name) => name is null ? ControlRoutes.DefaultSocketPath : $"/run/l2tpd-{name}/control.sock";

    /// <summary>The file that lists the kernel tunnels of an instance; <c>null</c>: of the only daemon.</summary>
    public static string StateFile(string? name) => name is null ? "/run/l2tpd/state.json" : $"/run/l2tpd-{name}/state.json";

    /// <summary>The directory of what outlives a reboot; <c>null</c>: of the only daemon.</summary>
    public static string StateDirectory(string? name) => name is null ? "/var/lib/l2tpd" : $"/var/lib/l2tpd-{name}";

    /// <summary>Why a name is refused, for an error message.</summary>
    public static string Refusal(string name) =>
        $"--instance: \"{name}\" is not a name of up to {LongestName} letters, digits, `_`, `.` and `-` that begins with a letter or digit";
}
