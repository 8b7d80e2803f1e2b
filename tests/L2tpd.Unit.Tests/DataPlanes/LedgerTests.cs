using L2tpd.DataPlanes.Kernel;
using L2tpd.Protocol;
using L2tpd.Runtime.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace L2tpd.Unit.Tests.DataPlanes;

public sealed class LedgerTests : IDisposable
{
    private static readonly LedgerPlace Here = new("boot", "net:[1]");
    private static readonly ProcessIdentity Writer = new(77, 4_711);

    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-ledger-").FullName;

    private string File => Path.Combine(_directory, "deeper", "state.json");

    [Fact]
    public void What_was_added_and_not_struck_out_is_there_after_a_crash()
    {
        var ledger = KernelLedger.Create(File, Here, Writer, NullLogger.Instance);
        ledger.TunnelComing(new(new TunnelId(1), new TunnelId(11)));
        ledger.TunnelComing(new(new TunnelId(2), new TunnelId(22)));
        ledger.ChildStarted(new(100, 1_000));
        ledger.ChildStarted(new(200, 2_000));
        ledger.TunnelDeleted(new TunnelId(1));
        ledger.ChildEnded(200);

        var left = KernelLedger.ReadFrom(File);
        Assert.Equal(Here, left.Place);
        Assert.Equal(Writer, left.Writer);
        Assert.Equal([new LedgerTunnel(new TunnelId(2), new TunnelId(22))], left.Tunnels);
        Assert.Equal([new ProcessIdentity(100, 1_000)], left.Children);
        ledger.Dispose();
    }

    [Fact]
    public void An_orderly_end_leaves_no_file()
    {
        var ledger = KernelLedger.Create(File, Here, Writer, NullLogger.Instance);
        ledger.TunnelComing(new(new TunnelId(1), new TunnelId(11)));
        ledger.TunnelDeleted(new TunnelId(1));
        ledger.Dispose();
        Assert.False(System.IO.File.Exists(File));
        Assert.Equal(LedgerContents.Empty, KernelLedger.ReadFrom(File));
    }

    [Fact]
    public void A_new_run_begins_an_empty_ledger()
    {
        KernelLedger.Create(File, Here, Writer, NullLogger.Instance).TunnelComing(new(new TunnelId(1), new TunnelId(11)));
        using var next = KernelLedger.Create(File, Here, new(78, 1), NullLogger.Instance);
        Assert.Empty(KernelLedger.ReadFrom(File).Tunnels);
        Assert.Equal(78, KernelLedger.ReadFrom(File).Writer.Pid);
    }

    [Fact]
    public void The_file_is_written_anew_before_it_grows_without_bound()
    {
        using var ledger = KernelLedger.Create(File, Here, Writer, NullLogger.Instance);
        ledger.TunnelComing(new(new TunnelId(60_000), new TunnelId(1)));
        for (uint id = 1; id <= 20_000; id++)
        {
            ledger.TunnelComing(new(new TunnelId(id), new TunnelId(id)));
            ledger.TunnelDeleted(new TunnelId(id));
        }

        Assert.InRange(System.IO.File.ReadLines(File).Count(), 1, 5_000);
        Assert.Equal([new LedgerTunnel(new TunnelId(60_000), new TunnelId(1))], KernelLedger.ReadFrom(File).Tunnels);
    }

    [Theory]
    [InlineData("{\"tunnel\":5,\"pe")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"tunnel\":\"five\"}")]
    [InlineData("\0\0\0")]
    public void Damage_is_passed_over(string damage)
    {
        string[] lines =
        [
            System.Text.Encoding.UTF8.GetString(LedgerFormat.Header(Here, Writer)),
            System.Text.Encoding.UTF8.GetString(LedgerFormat.Add(new LedgerTunnel(new TunnelId(7), new TunnelId(8)))),
            damage,
        ];
        Assert.Contains(new LedgerTunnel(new TunnelId(7), new TunnelId(8)), LedgerFormat.Read(lines).Tunnels);
    }

    [Fact]
    public void Without_a_header_nothing_is_believed() =>
        Assert.Equal(LedgerContents.Empty, LedgerFormat.Read(["{\"tunnel\":7,\"peer\":8}"]));

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
