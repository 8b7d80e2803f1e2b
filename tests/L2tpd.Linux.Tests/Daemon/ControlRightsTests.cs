using System.Diagnostics;
using L2tpd.Control;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>Who may do what on the control socket: real processes of other users and groups (setpriv, curl).</summary>
public sealed class ControlRightsTests
{
    private const string Nobody = "65534";

    private static readonly string Admins = GroupId("games");
    private static readonly string Readers = GroupId("users");

    [Fact]
    public async Task Groups_decide_and_each_change_is_in_the_log()
    {
        using var daemon = Start("admin-group: games, read-group: users");
        Assert.Equal("666", ModeOf(daemon));
        Assert.Equal(200, Request(daemon, "GET", "/v1/status", Admins));
        Assert.Equal(200, Request(daemon, "POST", "/v1/drain?name=p", Admins));
        var line = daemon.WaitFor("Control: POST /v1/drain?name=p by uid 65534 (pid ");
        Assert.EndsWith("): 200", line, StringComparison.Ordinal);

        Assert.Equal(200, Request(daemon, "GET", "/v1/sessions", Readers));
        foreach (var (method, path) in ((string, string)[])[
            ("POST", "/v1/drain"), ("DELETE", "/v1/drain"), ("POST", "/v1/reload"), ("DELETE", "/v1/tunnel?name=x"),
            ("PATCH", "/v1/session?name=x"), ("POST", "/v1/closing?all=true"), ("PUT", "/v1/status")])
        {
            Assert.Equal(403, Request(daemon, method, path, Readers));
        }

        daemon.WaitFor("refused, its groups do not permit it");
        Assert.Equal(403, Request(daemon, "GET", "/v1/status", Nobody));
        Assert.Equal(403, Request(daemon, "GET", "/v1/status", Nobody, "--clear-groups"));
        // The primary group counts as well as a supplementary one.
        Assert.Equal(200, Request(daemon, "GET", "/v1/status", Nobody, $"--clear-groups --regid={Readers}"));
        Assert.Equal(403, Request(daemon, "POST", "/v1/drain", Nobody, $"--clear-groups --regid={Readers}"));

        using var root = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        Assert.Equal(["p"], (await root.StatusAsync()).Drain!.Peers);
        await root.DrainAsync(null, false);
        daemon.WaitFor("Control: DELETE /v1/drain by uid 0 (pid ");
    }

    [Fact]
    public void A_trace_shows_what_users_send_and_needs_the_admin_group()
    {
        using var daemon = Start("admin-group: games, read-group: users");
        // Routing ignores case and a slash at the end: so must the check.
        foreach (var path in (string[])["/v1/trace?name=p&for=1", "/V1/Trace?name=p&for=1", "/v1/trace/?name=p&for=1"])
        {
            Assert.Equal(403, Request(daemon, "GET", path, Readers));
            Assert.Equal(403, Request(daemon, "GET", path, Nobody));
            Assert.Equal(200, Request(daemon, "GET", path, Admins));
        }

        daemon.WaitFor("Control: GET /v1/trace?name=p&for=1 by uid 65534 (pid ");
        Assert.Equal(200, Request(daemon, "GET", "/v1/events", Readers));
    }

    [Fact]
    public void One_group_owns_the_socket_and_root_stays_admin()
    {
        using var daemon = Start("read-group: users");
        Assert.Equal("660", ModeOf(daemon));
        Assert.Equal(200, Request(daemon, "GET", "/v1/status", Readers));
        Assert.Equal(403, Request(daemon, "POST", "/v1/drain", Readers));
        Assert.Equal(0, Request(daemon, "GET", "/v1/status", Admins));
        Assert.Equal(200, Request(daemon, "POST", "/v1/drain", "0", "--clear-groups --reuid=0"));
    }

    [Fact]
    public void Without_groups_whoever_can_connect_is_admin()
    {
        using var daemon = Start("group: games");
        Assert.Equal(200, Request(daemon, "POST", "/v1/drain", Admins));
        Assert.Equal(0, Request(daemon, "GET", "/v1/status", Readers));
    }

    [Fact]
    public void Strangers_do_not_keep_others_out()
    {
        using var daemon = Start("admin-group: games, read-group: users");
        var strangers = Enumerable.Range(0, 12).Select(_ => StartCurl(daemon, "GET", "/v1/events?follow=true", Nobody, "--clear-groups"))
            .ToArray();
        Assert.Equal(200, Request(daemon, "GET", "/v1/status", Readers));
        foreach (var stranger in strangers)
        {
            stranger.WaitForExit();
            stranger.Dispose();
        }
    }

    [Fact]
    public void A_group_that_does_not_exist_is_an_error_at_the_start()
    {
        using var daemon = DaemonProcess.Start(
            "data-plane: null\ncontrol: { socket: {dir}/control.sock, admin-group: no-such-group }\n", waitFor: null);
        Assert.NotEqual(0, daemon.WaitForExit());
        Assert.Contains("control: admin-group: there is no group \"no-such-group\"", daemon.Output, StringComparison.Ordinal);
    }

    private static DaemonProcess Start(string control)
    {
        var daemon = DaemonProcess.Start(
            $"data-plane: null\nlisten: \"127.0.0.1:{DaemonProcess.FreePort()}\"\npeers: {{ p: {{}} }}\n"
            + $"control: {{ socket: {{dir}}/control.sock, {control} }}\n");
        // Only root may enter the directory otherwise.
        NamespacePair.Run($"chmod 711 {daemon.Directory}");
        return daemon;
    }

    /// <summary>The HTTP status; 0 if the socket lets nobody connect.</summary>
    private static int Request(DaemonProcess daemon, string method, string path, string group, string? credentials = null)
    {
        using var curl = StartCurl(daemon, method, path, group, credentials);
        var status = curl.StandardOutput.ReadToEnd();
        curl.WaitForExit();
        return int.Parse(status, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static Process StartCurl(DaemonProcess daemon, string method, string path, string group, string? credentials)
    {
        var user = credentials?.Contains("--reuid", StringComparison.Ordinal) == true ? "" : $"--reuid={Nobody} ";
        var primary = credentials?.Contains("--regid", StringComparison.Ordinal) == true ? "" : $"--regid={Nobody} ";
        return Process.Start(new ProcessStartInfo(
            "setpriv",
            $"{user}{primary}{credentials ?? $"--groups={group}"} curl -s -o /dev/null -w %{{http_code}} --max-time 20 -X {method} "
                + $"--unix-socket {daemon.Directory}/control.sock http://l2tpd{path}")
        {
            RedirectStandardOutput = true,
        })!;
    }

    private static string ModeOf(DaemonProcess daemon) =>
        NamespacePair.Run($"stat -c %a {daemon.Directory}/control.sock").TrimEnd();

    private static string GroupId(string name) =>
        File.ReadLines("/etc/group").Select(static line => line.Split(':')).Single(parts => parts[0] == name)[2];
}
