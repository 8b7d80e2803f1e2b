using L2tpd.Control;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// The user of a session on the userspace data plane with the built-in PPP: in views, selectors, log, history and hooks, and what
/// <c>explain</c> says while it is up, when its password is wrong, and when it is gone.
/// </summary>
public sealed class SessionUserTests : IDisposable
{
    private readonly NamespacePair _pair = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-user-").FullName;

    [Fact]
    public async Task A_user_is_found_explained_and_closed_and_its_octets_are_in_the_hook()
    {
        using var lns = Server();
        using var lac = Client("alice", "right");
        lac.WaitFor("network is up on ppp0");
        NamespacePair.Ping(_pair.First, "10.99.0.1");
        using var client = new ControlClient(Path.Combine(lns.Directory, "control.sock"));

        var session = await client.SessionAsync("alice", CancellationToken.None);
        Assert.Equal(("alice", "10.99.0.10", "0301234"), (session.User, session.PeerAddress, session.Call?.CallingNumber));
        Assert.True(session.Mtu > 1_000);
        Assert.NotNull(session.AccountingId);
        foreach (var selector in new SessionSelector[]
                 {
                     new() { User = "alice" }, new() { Address = "10.99.0.10" }, new() { Prefix = "10.99.0.0/24" },
                     new() { Number = "0301234" }, new() { Peer = "any" }, new() { Interface = session.Interface },
                     new() { Peer = "192.0.2.1", User = "alice", State = "network-up" },
                 })
        {
            var page = await client.SessionsAsync(selector, cancellation: CancellationToken.None);
            Assert.Equal(session.LocalId, Assert.Single(page.Items).LocalId);
        }

        Assert.Empty((await client.SessionsAsync(new SessionSelector { User = "bob" }, cancellation: CancellationToken.None)).Items);
        var up = await client.ExplainAsync("alice", CancellationToken.None);
        Assert.Equal("the network is up", up.Summary);
        Assert.Equal(
            ["tunnel done", "session done", "data plane done", "LCP done", "authentication done", "IPCP done", "IPv6CP off",
                "DHCPv6 off", "network done"],
            up.Steps.Select(static step => $"{step.Part} {step.State}"));

        await client.CloseSessionAsync(null, new SessionSelector { User = "alice" }, CancellationToken.None);
        lns.WaitFor("(user alice) is down: closed by");
        lns.WaitUntil(() => File.Exists($"{_directory}/down"), "the hook");
        var down = (await File.ReadAllTextAsync($"{_directory}/down")).Split(' ');
        Assert.Equal(("alice", "10.99.0.10"), (down[0], down[1]));
        Assert.True(long.Parse(down[2]) > 84 && long.Parse(down[3]) > 84, string.Join(' ', down));
        var history = await client.HistoryAsync("alice", cancellation: CancellationToken.None);
        Assert.Contains(history.Items, static entry => entry is { Kind: "session-ended", User: "alice" });
        var events = new List<string>();
        await foreach (var one in client.EventsAsync("alice", cancellation: CancellationToken.None))
            events.Add(one.Kind);
        string[] course = ["user-authenticated", "network-up", "session-down"];
        Assert.Equal(course, events.Where(course.Contains));
        Assert.Single(events, "address-assigned");
        Assert.Single(events, "address-released");
        Assert.InRange(events.IndexOf("address-assigned"), events.IndexOf("user-authenticated") + 1, events.IndexOf("network-up") - 1);
    }

    [Fact]
    public async Task A_wrong_password_is_what_a_user_died_of()
    {
        using var lns = Server();
        using var lac = Client("alice", "wrong");
        lns.WaitFor("user alice is refused");
        lac.WaitFor("trying again in");
        using var client = new ControlClient(Path.Combine(lns.Directory, "control.sock"));
        var explanation = await client.ExplainAsync("alice", CancellationToken.None);
        Assert.StartsWith("it is not there; the last that is known of it: authentication failed: user alice is refused",
            explanation.Summary, StringComparison.Ordinal);
        using var dialling = new ControlClient(Path.Combine(lac.Directory, "control.sock"));
        var retry = await dialling.ExplainAsync("t/s", CancellationToken.None);
        Assert.Contains("attempt ", retry.Summary, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _pair.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private DaemonProcess Server()
    {
        var hook = $"{_directory}/hook";
        File.WriteAllText(hook,
            "#!/bin/sh\necho \"$L2TPD_USER $L2TPD_INTERFACE_PEER $L2TPD_OCTETS_TO_PEER $L2TPD_OCTETS_FROM_PEER\" "
            + $"> {_directory}/new && mv {_directory}/new {_directory}/down\n");
        NamespacePair.Run($"chmod 755 {hook}");
        return DaemonProcess.Start(
            "data-plane: userspace\nlog: { level: information, format: console }\nlisten: 0.0.0.0:1701\n"
            + $"hooks: {{ session-down: {hook} }}\n"
            + "peers: { any: { secret: test, lns: { ppp: { backend: built-in, auth: chap, local: 10.99.0.1, "
            + "pool: 10.99.0.10-10.99.0.20, users: { alice: { password: right } } } } } }\n",
            networkNamespace: _pair.Second);
    }

    private DaemonProcess Client(string user, string password) => DaemonProcess.Start(
        "data-plane: userspace\nlog: { level: information, format: console }\n"
        + "tunnels: { t: { lns: 192.0.2.2, secret: test, sessions: { s: { calling-number: \"0301234\", backoff: { initial: 5s }, "
        + $"ppp: {{ backend: built-in, user: {user}, password: {password} }} }} }} }} }}\n",
        networkNamespace: _pair.First);
}
