using System.Net;
using L2tpd.Configuration;
using L2tpd.Linux;
using L2tpd.PppHosting.Filters;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>Sessions as elements of the operator's nftables sets, with nft played by the test.</summary>
public sealed class FilterTests
{
    private const string Listing = """
        table inet l2tpd_filters {
        	set gold {
        		type ifname
        		elements = { "eth9", "ppp0" comment "l2tpd",
        			     "ppp1" comment "l2tpd" }
        	}

        	set web {
        		typeof ip saddr
        		counter
        		elements = { 10.0.0.7 counter packets 0 bytes 0 comment "l2tpd", 10.0.0.8 comment "ours, not l2tpd" }
        	}

        	set six {
        		type ipv6_addr
        		flags interval
        	}

        	set marks {
        		type mark
        	}

        	chain forward {
        		type filter hook forward priority filter; policy accept;
        		iifname @gold accept
        	}
        }
        """;

    private readonly List<string> _scripts = [];
    private string _listing = Listing;
    private long _now;
    private int _listings;

    [Fact]
    public void Sets_and_our_elements_are_read_from_the_listing()
    {
        Assert.Equal("gold Interface, web IPv4, six IPv6, marks Other",
            string.Join(", ", FilterListing.Sets(Listing).Select(static set => $"{set.Key} {set.Value}")));
        Assert.Equal("gold \"ppp0\", gold \"ppp1\", web 10.0.0.7",
            string.Join(", ", FilterListing.Own(Listing).Select(static own => $"{own.Set} {own.Element}")));
    }

    [Theory]
    [InlineData("gold", "add element inet l2tpd_filters gold { \"ppp7\" comment \"l2tpd\" }\n", null)]
    [InlineData("web", "add element inet l2tpd_filters web { 10.0.0.9 comment \"l2tpd\" }\n", null)]
    [InlineData("six", "add element inet l2tpd_filters six { 2001:db8::/64 comment \"l2tpd\" }\n", null)]
    [InlineData("marks", "", "its type must be ifname, ipv4_addr or ipv6_addr")]
    [InlineData("absent", "", "there is no set of this name in table inet l2tpd_filters")]
    public void The_type_of_the_set_decides_what_its_element_is(string set, string script, string? problem)
    {
        var table = Table();
        table.Use(new FilterSettings());
        _scripts.Clear();
        var member = new FilterMember(set, Session("ppp7"));
        Assert.Equal(problem, Assert.Single(table.Apply([(member, true)])));
        Assert.Equal(script, string.Concat(_scripts));
        _scripts.Clear();
        table.Apply([(member, false)]);
        Assert.Equal(script.Replace("add", "delete", StringComparison.Ordinal).Replace(" comment \"l2tpd\"", "", StringComparison.Ordinal),
            string.Concat(_scripts));
    }

    [Theory]
    [InlineData("gold", "its elements are interfaces, and the session has none of its own: a set of type ipv4_addr or ipv6_addr is needed")]
    [InlineData("web", "its elements are IPv4 addresses, and the peer has none")]
    [InlineData("six", "its elements are IPv6 addresses, and the peer has no prefix")]
    public void A_session_that_lacks_what_the_set_holds_is_no_element(string set, string problem)
    {
        var table = Table();
        table.Use(new FilterSettings());
        Assert.Equal(problem, Assert.Single(table.Apply([(new FilterMember(set, new FilterSubject(null, null, [])), true)])));
    }

    [Fact]
    public void What_a_killed_daemon_left_is_removed_and_what_the_operator_added_stays()
    {
        Table().Use(new FilterSettings());
        Assert.Equal("""
            delete element inet l2tpd_filters gold { "ppp0" }
            delete element inet l2tpd_filters gold { "ppp1" }
            delete element inet l2tpd_filters web { 10.0.0.7 }

            """, string.Concat(_scripts));
    }

    [Fact]
    public void Many_sessions_with_a_wrong_name_do_not_run_nft_each()
    {
        var table = Table();
        table.Use(new FilterSettings());
        (_listings, var before) = (0, _scripts.Count);
        for (var i = 0; i < 100_000; i++)
            table.Apply([(new FilterMember("absent", Session("ppp7")), true)]);
        Assert.Equal((1, before), (_listings, _scripts.Count));
        _now += 5_000;
        table.Apply([(new FilterMember("absent", Session("ppp7")), true)]);
        Assert.Equal(2, _listings);
    }

    [Fact]
    public void One_change_that_nft_refuses_does_not_hold_up_the_others()
    {
        var table = Table(refuse: "ppp8");
        table.Use(new FilterSettings());
        _scripts.Clear();
        var problems = table.Apply([(new FilterMember("gold", Session("ppp7")), true), (new FilterMember("gold", Session("ppp8")), true),
            (new FilterMember("gold", Session("ppp9")), true)]);
        Assert.Equal([false, true, false], problems.Select(static problem => problem is not null));
        Assert.Equal(4, _scripts.Count);
    }

    [Fact]
    public void A_reload_adds_the_members_again_and_another_table_loses_them()
    {
        var table = Table();
        table.Use(new FilterSettings());
        table.Apply([(new FilterMember("gold", Session("ppp7")), true)]);
        _listing = Listing.Replace(" comment \"l2tpd\"", "", StringComparison.Ordinal);
        _scripts.Clear();
        table.Use(new FilterSettings());
        Assert.Equal("add element inet l2tpd_filters gold { \"ppp7\" comment \"l2tpd\" }\n", string.Concat(_scripts));
        _scripts.Clear();
        table.Use(new FilterSettings { Table = "other" });
        Assert.Equal("delete element inet l2tpd_filters gold { \"ppp7\" }\nadd element inet other gold { \"ppp7\" comment \"l2tpd\" }\n",
            string.Concat(_scripts));
        _scripts.Clear();
        table.RemoveAll();
        Assert.Equal("delete element inet other gold { \"ppp7\" }\n", string.Concat(_scripts));
    }

    [Theory]
    [InlineData("gold", true)]
    [InlineData("gold.in", true)]
    [InlineData("a-b_c.9", true)]
    [InlineData("9gold", false)]
    [InlineData("gold }; flush ruleset; {", false)]
    [InlineData("gold\n", false)]
    [InlineData("", false)]
    [InlineData("10000/20000", false)]
    public void Only_a_plain_word_is_a_name(string text, bool expected) => Assert.Equal(expected, FilterSettings.IsName(text));

    [Theory]
    [InlineData("10000/20000", true)]
    [InlineData("1/2", true)]
    [InlineData("/2", false)]
    [InlineData("1/", false)]
    [InlineData("1/2/3", false)]
    [InlineData("gold", false)]
    public void A_rate_is_digits_slash_digits(string text, bool expected) => Assert.Equal(expected, FilterSettings.IsRate(text));

    private static FilterSubject Session(string name) =>
        new(name, IPAddress.Parse("10.0.0.9"), [IPNetwork.Parse("2001:db8::/64")]);

    private FilterTable Table(string? refuse = null) => new(
        script =>
        {
            if (script.Length > 0)
                _scripts.Add(script);
            return refuse is not null && script.Contains(refuse, StringComparison.Ordinal)
                ? new LinuxError(Errno.EINVAL, "nft", "refused") : LinuxError.None;
        },
        (_, _) =>
        {
            _listings++;
            return (LinuxError.None, _listing);
        },
        () => _now);
}
