using System.Collections.Immutable;
using System.Net;
using L2tpd.Configuration;
using L2tpd.Linux.Netlink;
using L2tpd.Runtime.Ipsec;

namespace L2tpd.Unit.Tests.Runtime;

/// <summary>What security associations add to the nftables table of <c>nat-zones</c>.</summary>
public sealed class NatZoneRulesTests
{
    private static readonly IPAddress Us = IPAddress.Parse("198.51.100.2"), Nat = IPAddress.Parse("198.51.100.1");

    [Fact]
    public void Two_clients_behind_one_NAT_get_a_mark_by_their_port_and_a_zone_by_their_mark()
    {
        var rules = new NatZoneRules([]);
        var script = rules.Update([.. Pair(7, 1, 4501), .. Pair(8, 2, 4502)]);
        Assert.Equal(
            [
                "add element ip l2tpd_nat_zones ports { 198.51.100.1 . 4501 : 1 }",
                "add element ip l2tpd_nat_zones ports { 198.51.100.1 . 4502 : 2 }",
                "add element ip l2tpd_nat_zones zones { 1 : 1 }", "add element ip l2tpd_nat_zones zones { 2 : 2 }",
            ],
            Lines(script).Order());
        Assert.Equal("", rules.Update([.. Pair(8, 2, 4502), .. Pair(7, 1, 4501)]));
    }

    [Fact]
    public void A_client_without_NAT_gets_its_mark_by_the_SPI_of_the_inbound_association()
    {
        var script = new NatZoneRules([]).Update([.. Pair(7, 1, 0)]);
        Assert.Equal(
            ["add element ip l2tpd_nat_zones spis { 0x00000007 : 1 }", "add element ip l2tpd_nat_zones zones { 1 : 1 }"],
            Lines(script).Order());
    }

    [Fact]
    public void A_rekeyed_association_changes_nothing_and_one_that_is_gone_frees_its_zone()
    {
        var rules = new NatZoneRules([]);
        rules.Update([.. Pair(7, 1, 4501)]);
        Assert.Equal("", rules.Update([.. Pair(7, 1, 4501), .. Pair(7, 1, 4501, spi: 99)]));
        Assert.Equal(
            ["delete element ip l2tpd_nat_zones ports { 198.51.100.1 . 4501 : 1 }", "delete element ip l2tpd_nat_zones zones { 1 : 1 }"],
            Lines(rules.Update([])).Order());
        for (var mark = 2u; mark < 70_000; mark++)
            Assert.Contains($"zones {{ {mark} : ", rules.Update([.. Pair(mark, mark, 4501)]));
    }

    [Fact]
    public void A_client_whose_NAT_gives_it_another_port_is_moved_in_one_script()
    {
        var rules = new NatZoneRules([]);
        rules.Update([.. Pair(7, 1, 4501)]);
        Assert.Equal(
            [
                "delete element ip l2tpd_nat_zones ports { 198.51.100.1 . 4501 : 1 }",
                "add element ip l2tpd_nat_zones ports { 198.51.100.1 . 4777 : 1 }",
            ],
            Lines(rules.Update([.. Pair(7, 1, 4777)])));
    }

    [Fact]
    public void Of_two_marks_for_one_port_the_association_that_the_kernel_lists_first_counts()
    {
        var script = new NatZoneRules([]).Update([.. Pair(8, 2, 4501), .. Pair(7, 1, 4501)]);
        Assert.Equal(["add element ip l2tpd_nat_zones ports { 198.51.100.1 . 4501 : 2 }"], OfPorts(script));
        Assert.Equal(2, Lines(script).Count(static line => line.Contains(" zones {", StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_two_marks_for_one_port_the_association_that_was_added_last_counts()
    {
        var script = new NatZoneRules([]).Update([.. Pair(7, 1, 4501, second: 100), .. Pair(8, 2, 4501, second: 101)]);
        Assert.Equal(["add element ip l2tpd_nat_zones ports { 198.51.100.1 . 4501 : 2 }"], OfPorts(script));
    }

    [Fact]
    public void A_port_that_the_NAT_gives_to_another_client_changes_its_mark_before_the_old_association_ends()
    {
        var rules = new NatZoneRules([]);
        rules.Update([.. Pair(7, 1, 4501)]);
        Assert.Equal(
            [
                "delete element ip l2tpd_nat_zones ports { 198.51.100.1 . 4501 : 1 }",
                "add element ip l2tpd_nat_zones zones { 2 : 2 }",
                "add element ip l2tpd_nat_zones ports { 198.51.100.1 . 4501 : 2 }",
            ],
            Lines(rules.Update([.. Pair(8, 2, 4501), .. Pair(7, 1, 4501)])));
        Assert.Equal(["delete element ip l2tpd_nat_zones zones { 1 : 1 }"], Lines(rules.Update([.. Pair(8, 2, 4501)])));
        Assert.Equal("", rules.Update([.. Pair(8, 2, 4501)]));
    }

    [Fact]
    public void When_the_newest_association_of_a_port_ends_the_older_one_has_the_port_again()
    {
        var rules = new NatZoneRules([]);
        rules.Update([.. Pair(8, 2, 4501), .. Pair(7, 1, 4501)]);
        Assert.Equal(
            [
                "delete element ip l2tpd_nat_zones ports { 198.51.100.1 . 4501 : 2 }",
                "add element ip l2tpd_nat_zones ports { 198.51.100.1 . 4501 : 1 }",
            ],
            OfPorts(rules.Update([.. Pair(7, 1, 4501)])));
    }

    [Fact]
    public void Associations_without_a_mark_and_of_IPv6_are_left_alone() => Assert.Equal("", new NatZoneRules([]).Update(
    [
        .. Pair(7, 0, 4501),
        new XfrmAssociation(IPAddress.Parse("2001:db8::1"), IPAddress.Parse("2001:db8::2"), 5, 6, 3, 4500, 4501),
    ]));

    [Fact]
    public void After_a_failure_the_table_is_written_again_once_with_all_elements()
    {
        ImmutableArray<Listener> listeners = [new Listener(Us) { NatZones = true }];
        var rules = new NatZoneRules(listeners);
        var first = rules.Update([.. Pair(7, 1, 4501)]);
        rules.Update([.. Pair(7, 1, 4777)]); // refused: the old port was not deleted
        rules.Forget();
        Assert.Equal(NatZoneRules.Script(listeners) + first, rules.Update([.. Pair(7, 1, 4501)]));
        Assert.Equal("", rules.Update([.. Pair(7, 1, 4501)]));
        rules.Forget();
        Assert.Equal(NatZoneRules.Script(listeners), rules.Update([]));
    }

    [Fact]
    public void The_table_is_for_the_listeners_that_ask()
    {
        var script = NatZoneRules.Script(
        [
            new Listener(Us) { NatZones = true }, new Listener(IPAddress.Any, 1702) { NatZones = true }, new Listener(Nat),
        ]);
        Assert.Contains("ip daddr 198.51.100.2 udp dport 1701 meta secpath exists ct original zone set meta mark map @zones", script);
        Assert.Contains("ip saddr 198.51.100.2 udp sport 1701 ct direction reply", script);
        Assert.Contains("  udp dport 1702 meta secpath exists meta mark 0 counter drop", script);
        Assert.DoesNotContain("198.51.100.1", script);
    }

    private static XfrmAssociation[] Pair(uint request, uint mark, ushort port, uint? spi = null, long second = 0) =>
    [
        new(Nat, Us, spi ?? request, request, 0, port, (ushort)(port == 0 ? 0 : 4500), DateTimeOffset.FromUnixTimeSeconds(second)),
        new(
            Us, Nat, (spi ?? request) + 1_000_000, request, mark, (ushort)(port == 0 ? 0 : 4500), port,
            DateTimeOffset.FromUnixTimeSeconds(second)),
    ];

    private static string[] Lines(string script) => script.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string[] OfPorts(string script) =>
        [.. Lines(script).Where(static line => line.Contains(" ports {", StringComparison.Ordinal))];
}
