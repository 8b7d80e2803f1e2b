using System.Text;
using L2tpd.Linux.Host;
using L2tpd.Linux.Interop;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Processes;
using Tmds.Linux;

namespace L2tpd.Linux.Tests;

public sealed class ChildProcessTests
{
    private sealed class Sink(Action onReady) : IReadinessHandler
    {
        public void OnReady(Readiness readiness) => onReady();
    }

    private static ChildProcess Start(string script, params DescriptorMapping[] descriptors) => Start(new ChildProcessOptions
    {
        Executable = "/bin/sh",
        Arguments = ["-c", script],
        Descriptors = descriptors,
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["NAME"] = "välue" },
    });

    private static ChildProcess Start(ChildProcessOptions options)
    {
        Assert.Equal(LinuxError.None, ChildProcess.TryStart(options, out var child));
        return child!;
    }

    private static ChildExit Await(ChildProcess child)
    {
        using var loop = new EventLoop();
        ChildExit? exit = null;
        var reaper = new Sink(() => exit = child.TryReap(out var ended) ? ended : null);
        using var registration = loop.Register(child.ProcessDescriptor, Readiness.Readable, reaper);
        var end = MonotonicClock.NowMilliseconds + 20_000;
        while (exit is null && MonotonicClock.NowMilliseconds < end)
            loop.RunOnce(end);
        Assert.NotNull(exit);
        return exit.Value;
    }

    private static string Output(ChildProcess child)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        var end = MonotonicClock.NowMilliseconds + 20_000;
        while (MonotonicClock.NowMilliseconds < end)
        {
            var count = child.ReadOutput(buffer);
            if (count == 0)
                break;
            if (count > 0)
                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            else
                Assert.Equal(-Errno.EAGAIN, count);
        }

        return text.ToString();
    }

    [Theory]
    [InlineData("exit 0", 0, 0)]
    [InlineData("exit 19", 19, 0)]
    [InlineData("exit 255", 255, 0)]
    [InlineData("kill -9 $$", -1, 9)]
    [InlineData("kill -15 $$", -1, 15)]
    public void Exit_code_or_signal(string script, int code, int signal)
    {
        using var child = Start(script);
        Assert.Equal(new ChildExit(code, signal), Await(child));
        Assert.Equal(new ChildExit(code, signal), child.Exit);
        Assert.True(child.TryReap(out var again));
        Assert.Equal(code, again.ExitCode);
        Assert.False(Directory.Exists($"/proc/{child.Pid}"));
    }

    [Fact]
    public void Output_and_errors_come_through_one_pipe_with_the_environment_given_and_no_other()
    {
        using var child = Start("echo out; echo err >&2; echo $NAME; echo ${HOME-none}; cat; pwd");
        Assert.Equal("out\nerr\nvälue\nnone\n" + Directory.GetCurrentDirectory() + "\n", Output(child));
        Assert.Equal(0, Await(child).ExitCode);
    }

    [Fact]
    public void Our_environment_and_another_directory()
    {
        Environment.SetEnvironmentVariable("L2TPD_CHILD_TEST", "inherited");
        using var child = Start(new ChildProcessOptions
        {
            Executable = "/bin/sh",
            Arguments = ["-c", "echo $L2TPD_CHILD_TEST; pwd"],
            WorkingDirectory = "/",
        });
        Assert.Equal("inherited\n/\n", Output(child));
    }

    [Fact]
    public void Inherits_exactly_the_descriptors_mapped()
    {
        // 200 is not close-on-exec, as with a descriptor of a library. 5 and 3 are exchanged, with gaps around them.
        using var leaked = new FileDescriptor(Native.open("/etc/hostname", 0));
        using var first = new FileDescriptor(Native.open("/etc/passwd", LibC.O_CLOEXEC));
        using var second = new FileDescriptor(Native.open("/etc/group", LibC.O_CLOEXEC));
        using var child = Start(
            "for f in /proc/self/fd/*; do readlink $f; done", new DescriptorMapping(first, 7), new DescriptorMapping(second, 5));
        var links = Output(child).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("/dev/null", links[0]);
        Assert.StartsWith("pipe:", links[1], StringComparison.Ordinal);
        Assert.Equal(links[1], links[2]);
        Assert.Equal(["/etc/group", "/etc/passwd"], links[3..].Where(link => !link.Contains("/proc/", StringComparison.Ordinal)));
    }

    [Fact]
    public void Numbers_may_cross()
    {
        using var one = new FileDescriptor(Native.open("/etc/passwd", LibC.O_CLOEXEC)).Duplicate(100);
        using var two = new FileDescriptor(Native.open("/etc/group", LibC.O_CLOEXEC)).Duplicate(100);
        var script = $"exec readlink /proc/self/fd/{two.Number} /proc/self/fd/{one.Number}";
        using var child = Start(script, new(one, two.Number), new(two, one.Number));
        Assert.Equal("/etc/passwd\n/etc/group\n", Output(child));
    }

    [Fact]
    public void Signals_are_at_their_defaults_and_the_session_is_its_own()
    {
        using var child = Start("grep -E 'Sig(Blk|Ign)' /proc/self/status; ps -o sid= -p $$ | tr -d ' '; echo $$");
        var lines = Output(child).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"], lines[..2]);
        Assert.Equal(lines[3], lines[2]);
        Assert.Equal(child.Pid.ToString(), lines[3]);
    }

    [Theory]
    [InlineData("/nonexistent/pppd", Errno.ENOENT, "posix_spawn /nonexistent/pppd: ENOENT (No such file or directory)")]
    [InlineData("/etc/passwd", Errno.EACCES, "posix_spawn /etc/passwd: EACCES (Permission denied)")]
    public void What_cannot_be_started_is_a_value(string path, int errno, string text)
    {
        Descriptors.AssertNoneLeft(() =>
        {
            var error = ChildProcess.TryStart(new ChildProcessOptions { Executable = path }, out var child);
            Assert.Null(child);
            Assert.Equal((errno, text), (error.Errno, error.ToString()));
        });
    }

    [Fact]
    public void No_descriptors_left_is_a_value()
    {
        var (soft, _) = Resources.OpenFileLimit;
        var error = LinuxError.None;
        try
        {
            Resources.SetOpenFileLimit(3);
            error = ChildProcess.TryStart(new ChildProcessOptions { Executable = "/bin/true" }, out _);
        }
        finally
        {
            Assert.Equal(soft, Resources.SetOpenFileLimit(soft));
        }

        Assert.Equal((Errno.EMFILE, "pipe2"), (error.Errno, error.Call));
    }

    [Fact]
    public void A_mapping_onto_standard_descriptors_is_refused()
    {
        using var file = new FileDescriptor(Native.open("/etc/passwd", LibC.O_CLOEXEC));
        Descriptors.AssertNoneLeft(() => Assert.Throws<ArgumentOutOfRangeException>(() => Start("true", new DescriptorMapping(file, 2))));
    }

    [Fact]
    public void A_signal_ends_it_and_none_is_sent_after()
    {
        using var child = Start("sleep 1000");
        Assert.False(child.TryReap(out _));
        Assert.Null(child.Exit);
        Assert.True(child.Signal(Signals.SIGTERM).IsNone);
        Assert.Equal(new ChildExit(-1, 15), Await(child));
        Assert.Equal(Errno.ESRCH, child.Signal(Signals.SIGTERM).Errno);
    }

    [Fact]
    public void A_stubborn_child_and_its_own_children_are_killed_on_dispose()
    {
        var child = Start("trap '' TERM; sleep 1001 & echo $!; while :; do sleep 1001; done");
        var buffer = new byte[64];
        int count;
        while ((count = child.ReadOutput(buffer)) <= 0)
            Assert.Equal(-Errno.EAGAIN, count);
        var grandchild = Encoding.ASCII.GetString(buffer, 0, count).Trim();
        Assert.True(child.Signal(Signals.SIGTERM).IsNone);
        Assert.False(child.TryReap(out _));
        child.Dispose();
        Assert.Equal(new ChildExit(-1, 9), child.Exit);
        Assert.False(Directory.Exists($"/proc/{child.Pid}"));
        Assert.True(IsGone(grandchild));
        child.Dispose();
    }

    private static bool IsGone(string pid)
    {
        // init reaps it, later, or never in a container. A zombie has ended too.
        for (var i = 0; i < 2000; i++)
        {
            if (!File.Exists($"/proc/{pid}/stat") || File.ReadAllText($"/proc/{pid}/stat").Contains(") Z", StringComparison.Ordinal))
                return true;
            Thread.Sleep(5);
        }

        return false;
    }

    [Fact]
    public void Nothing_stays_open_after_many()
    {
        using var file = new FileDescriptor(Native.open("/etc/passwd", LibC.O_CLOEXEC));
        Descriptors.AssertNoneLeft(() =>
        {
            using var child = Start("exit 3", new DescriptorMapping(file, 9));
            Assert.Equal(3, Await(child).ExitCode);
        });
    }
}
