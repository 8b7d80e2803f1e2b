using System.CommandLine;
using L2tpd.Cli;
using L2tpd.Control;
using L2tpd.Unit.Tests.Operations.Control;
using Kinds = L2tpd.Cli.KnownNames.Kinds;

namespace L2tpd.Unit.Tests.Cli;

/// <summary>Which names a shell is offered. The grade `package` completes names of a running daemon in bash, zsh and fish.</summary>
public sealed class NameCompletionTests
{
    [Theory]
    [InlineData("show tunnels", "NAME", (int)(Kinds.Peer | Kinds.Tunnel))]
    [InlineData("show sessions", "NAME", (int)(Kinds.Peer | Kinds.Tunnel | Kinds.Session | Kinds.User))]
    [InlineData("show session", "NAME", (int)(Kinds.Session | Kinds.User))]
    [InlineData("tunnel close", "NAME", (int)Kinds.Tunnel)]
    [InlineData("tunnel open", "NAME", (int)(Kinds.Tunnel | Kinds.ConfiguredTunnel))]
    [InlineData("tunnel reset", "NAME", (int)(Kinds.Tunnel | Kinds.ConfiguredTunnel))]
    [InlineData("session close", "NAME", (int)(Kinds.Session | Kinds.User))]
    [InlineData("session change", "NAME", (int)(Kinds.Session | Kinds.User))]
    [InlineData("session up", "NAME", (int)(Kinds.Session | Kinds.ConfiguredSession))]
    [InlineData("explain", "NAME", (int)(Kinds.Peer | Kinds.Tunnel | Kinds.Session | Kinds.User | Kinds.ConfiguredSession))]
    [InlineData("log", "NAME", (int)(Kinds.Peer | Kinds.Tunnel | Kinds.Session | Kinds.User | Kinds.ConfiguredSession))]
    [InlineData("drain", "PEER", (int)Kinds.Peer)]
    [InlineData("events", "NAME", (int)(Kinds.Peer | Kinds.Tunnel | Kinds.Session | Kinds.User))]
    [InlineData("show peers", "NAME", (int)Kinds.Peer)]
    [InlineData("trace", "PEER|SESSION|USER", (int)(Kinds.Peer | Kinds.Session | Kinds.User))]
    [InlineData("show counters", "NAME", (int)Kinds.None)]
    [InlineData("import xl2tpd", "FILE", (int)Kinds.None)]
    public void An_argument_takes_the_names_of_its_command(string command, string argument, int kinds) =>
        Assert.Equal((Kinds)kinds, NameCompletion.KindsOf(argument, command.Split(' ')));

    [Theory]
    [InlineData("--user", (int)Kinds.User)]
    [InlineData("--peer", (int)Kinds.Peer)]
    [InlineData("--interface", (int)Kinds.None)]
    [InlineData("--socket", (int)Kinds.None)]
    public void An_option_takes_the_names_that_it_selects_by(string option, int kinds) =>
        Assert.Equal((Kinds)kinds, NameCompletion.KindsOf(option));

    [Fact]
    public void A_daemon_that_is_not_there_suggests_nothing_and_fails_nothing()
    {
        var root = CommandLine.Build(new Screen(TextWriter.Null, TextWriter.Null, false, 80, false));
        var parsed = root.Parse("--socket /nonexistent/l2tpd.sock show session ");
        Assert.DoesNotContain(parsed.GetCompletions(parsed.ToString().Length), static item => item.Label.Contains('/') && item.Label != "/?"
            && item.Label != "/h");
    }

    [Theory]
    [InlineData("tunnel open ", "12345", "hq")]
    [InlineData("tunnel reset ", "12345", "hq")]
    [InlineData("tunnel close ", "12345")]
    [InlineData("session open ", "hq/backup", "hq/main", "session")]
    [InlineData("session close ", "session", "user")]
    [InlineData("drain ", "carrier", "hq")]
    [InlineData("explain h", "hq", "hq/backup", "hq/main")]
    [InlineData("trace u", "user")]
    [InlineData("show sessions --user ", "user")]
    public async Task Names_of_a_daemon_are_suggested(string line, params string[] expected)
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Peers.Add(Samples.Peer with { Name = "carrier", ConfiguredSessions = null });
        server.Plane.Peers.Add(Samples.Peer with { Name = "hq", ConfiguredSessions = ["hq/main", "hq/backup"] });
        server.Plane.Tunnels.Add(Samples.Tunnel with { Name = "12345" });
        server.Plane.Sessions.Add(Samples.Session with { Name = "session", User = "user" });
        var root = CommandLine.Build(new Screen(TextWriter.Null, TextWriter.Null, false, 80, false));
        var text = $"--socket {server.SocketPath} {line}";
        string[] names = ["hq", "12345", "hq/main", "hq/backup", "session", "user", "carrier"];
        // A daemon that is slow, as on a busy machine, suggests nothing.
        string[] suggested = [];
        for (var tries = 0; suggested.Length == 0 && tries < 20; tries++)
            suggested = await Task.Run(() => Suggested(root, text).Where(names.Contains).Order(StringComparer.Ordinal).ToArray());
        Assert.Equal(expected, suggested);
    }

    [Theory]
    [InlineData("log ", "debug", "configured")]
    [InlineData("show sessions --sort ", "user", "-octets-up")]
    [InlineData("show sessions --columns ", "user")]
    [InlineData("show sessions --filter ", "user=", "state=")]
    public void Words_of_an_option_are_suggested(string line, params string[] expected)
    {
        var root = CommandLine.Build(new Screen(TextWriter.Null, TextWriter.Null, false, 80, false));
        var suggested = Suggested(root, line).ToArray();
        Assert.All(expected, word => Assert.Contains(word, suggested));
    }

    private static IEnumerable<string> Suggested(Command root, string line) =>
        root.Parse(line).GetCompletions(line.Length).Select(static item => item.Label);

    [Theory]
    [InlineData("", "show sta", "status")]
    [InlineData("--instance a ", "show ses", "session")]
    public void Commands_are_suggested(string options, string text, string expected)
    {
        var root = CommandLine.Build(new Screen(TextWriter.Null, TextWriter.Null, false, 80, false));
        var line = options + text;
        Assert.Contains(root.Parse(line).GetCompletions(line.Length), item => item.Label == expected);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("site-2.example_x", true)]
    [InlineData("", false)]
    [InlineData("..", false)]
    [InlineData("-a", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("\u00e9", false)]
    public void A_name_of_an_instance_can_be_part_of_a_path(string name, bool valid) => Assert.Equal(valid, Instance.IsName(name));

    [Fact]
    public void No_instance_lies_in_the_directory_of_another_daemon()
    {
        Assert.Equal("/run/l2tpd/control.sock", Instance.SocketPath(null));
        Assert.Equal("/run/l2tpd-a/control.sock", Instance.SocketPath("a"));
        Assert.Equal("/run/l2tpd-a/state.json", Instance.StateFile("a"));
        Assert.Equal("/var/lib/l2tpd-a", Instance.StateDirectory("a"));
        Assert.Equal(("/run/l2tpd/state.json", "/var/lib/l2tpd"), (Instance.StateFile(null), Instance.StateDirectory(null)));
    }

    [Fact]
    public void The_socket_of_an_instance_is_the_default()
    {
        var root = CommandLine.Build(new Screen(TextWriter.Null, TextWriter.Null, false, 80, false));
        var socket = root.Options.OfType<Option<string>>().Single(static option => option.Name == "--socket");
        Assert.Equal("/run/l2tpd-a/control.sock", root.Parse("--instance a show status").GetValue(socket));
        Assert.Equal("/x", root.Parse("--instance a --socket /x show status").GetValue(socket));
        Assert.Equal(ControlRoutes.DefaultSocketPath, root.Parse("show status").GetValue(socket));
        Assert.Single(root.Parse("--instance a/b show status").Errors);
    }
}
