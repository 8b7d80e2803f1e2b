using System.CommandLine;
using L2tpd.Cli;
using L2tpd.Control;
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
