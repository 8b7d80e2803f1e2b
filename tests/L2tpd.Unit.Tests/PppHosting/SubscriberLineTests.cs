using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Engine.Inputs;
using L2tpd.Operations.Control;
using L2tpd.Operations.Events;
using L2tpd.Operations.History;
using L2tpd.Ppp;
using Microsoft.Extensions.Logging;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>The log lines of subscribers under the rate limit; a refused subscriber is never suppressed.</summary>
public sealed class SubscriberLineTests
{
    private const int Sessions = 300;

    private static readonly PppProfile Server = new()
    {
        Name = "p",
        Backend = PppBackend.BuiltIn,
        Local = IPAddress.Parse("10.0.0.1"),
        Pool = [new AddressRange(IPAddress.Parse("10.0.1.1"), IPAddress.Parse("10.0.2.254"))],
        Authentication = [PppAuthentication.Pap],
        Users = [new SecretEntry("user", "*", "pass", [])],
        EchoInterval = TimeSpan.Zero,
    };

    private static readonly PppProfile Client = BuiltInRig.Client;

    [Fact]
    public void A_flood_of_those_who_come_in_hides_no_refused_one_and_is_counted()
    {
        var log = new ListLogger();
        using var rig = new BuiltInRig(Client, Server, Sessions, log);
        for (var i = 0; i < Sessions - 1; i++)
            rig.Start(i);
        rig.Lac.Reload(Client with { Password = new Secret("wrong") });
        rig.Start(Sessions - 1);
        Assert.Single(log.Lines, static line => line.Contains("user user is refused (Pap): wrong secret", StringComparison.Ordinal));
        Assert.Equal(200, log.Lines.Count(static line => line.Contains("is authenticated", StringComparison.Ordinal)));

        rig.Pass(20_000);
        Assert.Single(log.Lines, static line => line == $"Not logged (users who were authenticated): {Sessions - 1 - 200} of user");
    }

    [Fact]
    public void Refused_users_beyond_the_budget_are_in_the_counter_in_the_history_and_named_with_their_numbers()
    {
        var log = new ListLogger();
        var history = new HistoryLog();
        using var rig = new BuiltInRig(Client with { Password = new Secret("wrong") }, Server, Sessions, log);
        rig.Lns.Backend.AuthenticationFailed = (session, reason, user) => history.Record(new SubscriberRefused(session, reason, user), 0);
        for (var i = 0; i < Sessions; i++)
            rig.Start(i);
        Assert.Equal(Sessions, rig.Lns.Backend.AuthenticationsFailed);
        var entries = history.Read(new PageRequest(null, null, 1_000)).Items;
        Assert.Equal(Sessions, entries.Count(static entry => entry.Kind == "authentication-failed"));
        Assert.Equal(("authentication-failed", "user user is refused (Pap): wrong secret"), (entries[0].Cause, entries[0].Reason));

        rig.Pass(11_000);
        Assert.Single(log.Lines, static line => line == $"Not logged (refused users): {Sessions - 200} of user");
    }

    [Fact]
    public void A_user_s_name_cannot_turn_the_line_around()
    {
        var log = new ListLogger();
        using var rig = new BuiltInRig(Client with { User = "adm\u202enimda\u200b" }, Server, log: log);
        rig.Start(0);
        Assert.Single(log.Lines, static line => line.Contains(@"user adm\x202enimda\x200b is refused", StringComparison.Ordinal));
    }

    [Fact]
    public void Who_negotiates_over_and_over_is_told_once_with_counts_and_its_hooks_are_few()
    {
        var log = new ListLogger();
        using var rig = new BuiltInRig(Client, Server, log: log);
        rig.Start(0);
        Assert.Single(rig.Lns.Ups);
        // The link closes and opens with a different address each time: the pool assigns the next one.
        for (var i = 0; i < 50; i++)
        {
            rig.Lns.Links[0].Receive("c02101" + (i + 100).ToString("x2", System.Globalization.CultureInfo.InvariantCulture) + "000a0506"
                + "77777777");
        }

        Assert.Single(rig.Lns.Ups);
        Assert.Single(log.Lines, static line => line.Contains("renegotiated the link 10 times", StringComparison.Ordinal));
        rig.Pass(6_000);
        Assert.InRange(rig.Lns.Ups.Length, 1, 2);
        rig.Lns.Stop(0);
        Assert.Single(log.Lines, static line => line.Contains("40 more requests were ignored", StringComparison.Ordinal));
    }

    [Fact]
    public void A_network_that_changes_over_and_over_is_told_once_in_five_seconds_as_it_is_then()
    {
        using var rig = new BuiltInRig(
            Client with { Local = IPAddress.Parse("10.9.0.1") }, Server with { Pool = [], Users = [new SecretEntry("user", "*", "pass",
                ["*"])] });
        rig.Start(0);
        Assert.Equal("10.9.0.1", Assert.Single(rig.Lns.Ups).PeerAddress);
        var link = rig.Lns.Links[0];
        link.IsCut = true;
        for (var i = 2; i <= 6; i++)
        {
            link.Receive($"8021014{i}000a03060a09000{i}");
            link.Receive("802102" + link.Sent.Last(static frame => frame.StartsWith("802101", StringComparison.Ordinal))[6..]);
            Assert.Equal($"10.9.0.{i}", Assert.Single(link.Networks).Peer?.ToString());
        }

        Assert.Single(rig.Lns.Ups);
        rig.Pass(4_999);
        Assert.Single(rig.Lns.Ups);
        rig.Pass(1);
        Assert.Equal(["10.9.0.1", "10.9.0.6"], rig.Lns.Ups.Select(static up => up.PeerAddress));
    }

    /// <summary>Keeps lines as they are written.</summary>
    private sealed class ListLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
            string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
