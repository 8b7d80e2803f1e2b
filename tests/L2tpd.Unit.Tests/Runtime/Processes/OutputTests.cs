using System.Text;
using L2tpd.Runtime.Logging;
using L2tpd.Runtime.Processes;

namespace L2tpd.Unit.Tests.Runtime.Processes;

public sealed class OutputTests
{
    [Fact]
    public void Lines_are_cut_wherever_the_reads_fall()
    {
        var lines = new List<string>();
        var splitter = new LineSplitter(line => lines.Add(line.ToString()));
        foreach (var octet in "one\ntwo\r\n\nthree"u8.ToArray())
            splitter.Add([octet]);
        Assert.Equal(["one", "two"], lines);
        splitter.End();
        Assert.Equal(["one", "two", "three"], lines);
    }

    [Fact]
    public void A_line_without_end_is_bounded_and_control_characters_are_harmless()
    {
        var lines = new List<string>();
        var splitter = new LineSplitter(line => lines.Add(line.ToString()));
        splitter.Add(Encoding.Latin1.GetBytes("\u001b[2J\u00e9\tx" + new string('y', 100_000) + "\nnext\n"));
        Assert.Equal(LineSplitter.LongestLine, lines[0].Length);
        Assert.StartsWith("?[2J? xyyy", lines[0], StringComparison.Ordinal);
        Assert.Equal("next", lines[1]);
    }

    [Fact]
    public void A_chatterbox_is_held_back_and_counted()
    {
        var budget = new LineBudget();
        var passed = Enumerable.Range(0, 1_000).Count(_ => budget.TryTake(5, out var _));
        Assert.Equal(200, passed);
        Assert.Equal(800, budget.Suppressed);
        Assert.False(budget.TryTake(54, out _));
        Assert.True(budget.TryTake(55, out var suppressed));
        Assert.Equal(801, suppressed);
        Assert.Equal(0, budget.Suppressed);
    }

    [Fact]
    public void The_start_time_is_the_twenty_second_field_whatever_the_name()
    {
        const string Stat = "221 (a) b (c) S 1 221 221 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 6304 3 0";
        Assert.Equal(6_304UL, ProcessTable.ParseStartTime(Stat));
        Assert.Null(ProcessTable.ParseStartTime(Stat.Replace(") S", ") Z", StringComparison.Ordinal)));
        Assert.Null(ProcessTable.ParseStartTime("221 (short) S 1"));
        Assert.Null(ProcessTable.ParseStartTime(""));
    }

    [Fact]
    public void This_process_is_alive_and_another_start_time_is_not_it()
    {
        var self = ProcessTable.Self;
        Assert.True(ProcessTable.IsAlive(self));
        Assert.False(ProcessTable.IsAlive(self with { StartTime = self.StartTime + 1 }));
        Assert.False(ProcessTable.IsAlive(new ProcessIdentity(0, 0)));
        Assert.False(StrayProcess.TrySignal(self with { StartTime = self.StartTime + 1 }, 0));
        Assert.True(StrayProcess.TrySignal(self, 0));
    }
}
