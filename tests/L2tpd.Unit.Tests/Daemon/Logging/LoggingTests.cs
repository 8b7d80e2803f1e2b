using System.Net.Sockets;
using System.Text;
using L2tpd.Daemon.Logging;
using Serilog;
using Serilog.Events;

namespace L2tpd.Unit.Tests.Daemon.Logging;

public sealed class LoggingTests
{
    [Fact]
    public void A_gate_lets_one_through_an_interval_and_counts_the_rest()
    {
        var gate = new LineGate(TimeSpan.FromSeconds(1));
        Assert.True(gate.TryPass(10_000, out var suppressed));
        Assert.Equal(0, suppressed);
        Assert.False(gate.TryPass(10_000, out _));
        Assert.False(gate.TryPass(10_999, out _));
        Assert.True(gate.TryPass(11_000, out suppressed));
        Assert.Equal(2, suppressed);
    }

    [Fact]
    public void Printable_keeps_what_is_fit_and_replaces_what_is_not()
    {
        const string Fit = "any/gwé/1";
        Assert.Same(Fit, Printable.Of(Fit));
        Assert.Equal("a?b?", Printable.Of("a\nb\u001b"));
        Assert.Equal(10, Printable.Of(new string('x', 1_000), 10).Length);
    }

    [Fact]
    public void The_journal_gets_message_priority_and_properties_as_fields()
    {
        var directory = Directory.CreateTempSubdirectory("l2tpd-journal-").FullName;
        try
        {
            using var journal = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 5_000 };
            journal.Bind(new UnixDomainSocketEndPoint(Path.Combine(directory, "socket")));
            using (var sink = new JournalSink(Path.Combine(directory, "socket"), line => Assert.Fail(line)))
            using (var log = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger())
                log.Warning("Tunnel {Tunnel} is down: {LastError}", "t1", "two\nlines");
            var buffer = new byte[4_096];
            var entry = Encoding.UTF8.GetString(buffer, 0, journal.Receive(buffer));
            Assert.Contains("PRIORITY=4\n", entry);
            Assert.Contains("SYSLOG_IDENTIFIER=l2tpd\n", entry);
            Assert.Contains("L2TPD_TUNNEL=t1\n", entry);
            Assert.Contains("L2TPD_LAST_ERROR\n\u0009\0\0\0\0\0\0\0two\nlines\n", entry);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Without_a_journal_lines_carry_their_priority()
    {
        var lines = new List<string>();
        using (var log = new LoggerConfiguration().WriteTo.Sink(new JournalSink("/nowhere/socket", lines.Add)).CreateLogger())
            log.Error("one\ntwo");
        Assert.Equal(["<3>one", "<3>two"], lines);
    }

    [Theory]
    [InlineData(LogEventLevel.Verbose, 7)]
    [InlineData(LogEventLevel.Debug, 7)]
    [InlineData(LogEventLevel.Information, 6)]
    [InlineData(LogEventLevel.Warning, 4)]
    [InlineData(LogEventLevel.Error, 3)]
    [InlineData(LogEventLevel.Fatal, 2)]
    public void Levels_are_syslog_priorities(LogEventLevel level, int priority) => Assert.Equal(priority, JournalSink.PriorityOf(level));
}
