using System.Net.Sockets;
using System.Text;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Operations.Logging;
using L2tpd.Runtime.Logging;
using L2tpd.Runtime.Processes;
using Serilog;
using Serilog.Events;

namespace L2tpd.Unit.Tests.Operations.Logging;

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

    [Theory]
    [InlineData(0x00AD), InlineData(0x061C), InlineData(0x200B), InlineData(0x200D)]
    [InlineData(0x200F), InlineData(0x202A), InlineData(0x202E), InlineData(0x2028)]
    [InlineData(0x2060), InlineData(0x2064), InlineData(0x2066), InlineData(0x2069), InlineData(0xFEFF), InlineData(0x85), InlineData(0x7F)]
    [InlineData(0x034F), InlineData(0x115F), InlineData(0x3164), InlineData(0xFE0F)]
    [InlineData(0xFFF9), InlineData(0xE0041), InlineData(0xE0101), InlineData(0x1D173)]
    public void Invisible_and_direction_characters_are_shown_by_their_numbers(int codePoint)
    {
        var text = $"alice{char.ConvertFromUtf32(codePoint)}nimda";
        var shown = $"alice\\x{codePoint:x2}nimda";
        Assert.Equal(shown, Printable.Of(text));
        Assert.Equal(shown, Printable.Escape(text));
        Assert.Equal(shown, L2tpd.Cli.DisplayText.Clean(text));
        Assert.Equal(shown, new SessionVariables().Add("USER", text).Variables[0].Value);
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_shown_by_its_number_and_a_cut_leaves_none()
    {
        Assert.Equal(@"a\xd800b", Printable.Of("a\ud800b"));
        Assert.Equal("a", Printable.Of("a\ud83d\ude00", 2));
        Assert.Equal("\ud83d\ude00 héllo 名", Printable.Of("\ud83d\ude00 héllo 名"));
    }

    [Fact]
    public void Refusals_of_one_kind_pass_once_and_then_each_hour_with_their_count()
    {
        var kinds = new RefusalKinds();
        var hour = (long)RefusalKinds.Again.TotalMilliseconds;
        Assert.True(kinds.TryPass("a", 10, out var suppressed));
        Assert.Equal(0, suppressed);
        Assert.False(kinds.TryPass("a", 11, out _));
        Assert.True(kinds.TryPass("b", 11, out _));
        Assert.False(kinds.TryPass("a", 9 + hour, out _));
        Assert.True(kinds.TryPass("a", 10 + hour, out suppressed));
        Assert.Equal(2, suppressed);
        kinds.Forget("a");
        Assert.True(kinds.TryPass("a", 11 + hour, out _));
    }

    [Fact]
    public void Of_too_many_kinds_of_refusals_the_one_not_seen_for_longest_is_forgotten_and_its_count_told()
    {
        var kinds = new RefusalKinds();
        Assert.True(kinds.TryPass("first", 0, out _));
        Assert.False(kinds.TryPass("first", 0, out _));
        for (var i = 0; i < RefusalKinds.Capacity; i++)
            Assert.True(kinds.TryPass($"{i}", 1, out _));
        Assert.Equal((1, 0), (kinds.TakeForgotten(), kinds.TakeForgotten()));
        Assert.True(kinds.TryPass("first", 2, out _));
    }

    [Fact]
    public void Printable_keeps_what_is_fit_and_replaces_what_is_not()
    {
        const string Fit = "any/gwé/1";
        Assert.Same(Fit, Printable.Of(Fit));
        Assert.Equal(@"a\x0ab\x1b", Printable.Of("a\nb\u001b"));
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

    [Fact]
    public void Lines_without_a_journal_keep_tunnel_session_and_peer_and_quote_no_strings()
    {
        var lines = new List<string>();
        using (var log = new LoggerConfiguration().WriteTo.Sink(new JournalSink("/nowhere/socket", lines.Add)).CreateLogger())
            log.Information("Session {Session} of tunnel {Tunnel} with {Peer} is down", "up/one", "up", "192.0.2.1:1701");
        Assert.Equal(["<6>Session up/one of tunnel up with 192.0.2.1:1701 is down"], lines);
    }

    [Theory]
    [InlineData(LogFormat.Auto, null, LogFormat.Console)]
    [InlineData(LogFormat.Auto, "", LogFormat.Console)]
    [InlineData(LogFormat.Auto, "8:12345", LogFormat.Journal)]
    [InlineData(LogFormat.Json, "8:12345", LogFormat.Json)]
    [InlineData(LogFormat.Console, "8:12345", LogFormat.Console)]
    [InlineData(LogFormat.Journal, null, LogFormat.Journal)]
    public void The_journal_is_chosen_where_systemd_connected_it(LogFormat configured, string? stream, LogFormat expected) =>
        Assert.Equal(expected, LogSetup.FormatOf(configured, stream));

    [Fact]
    public void What_is_held_back_is_told_once()
    {
        var gate = new LineGate(TimeSpan.FromSeconds(1));
        Assert.True(gate.TryPass(0, out _));
        Assert.False(gate.TryPass(1, out _));
        Assert.Equal(1, gate.TakeSuppressed());
        Assert.Equal(0, gate.TakeSuppressed());
        Assert.True(gate.TryPass(2_000, out var suppressed));
        Assert.Equal(0, suppressed);
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
