using System.Collections.Immutable;
using System.Net;
using System.Runtime.Versioning;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Ipv6.Dhcp;
using L2tpd.Ipv6.Packets;
using L2tpd.Ppp;
using L2tpd.PppHosting.Prefixes;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging.Abstractions;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>IPv6 prefixes of sessions: taken with the user, routed when asked for, given back at the end, remembered.</summary>
[SupportedOSPlatform("linux")]
public sealed class PrefixSessionTests : IDisposable
{
    private const string Client = "0001000a00030001020000000001";
    private const string Pd1 = "0019000c000000010000000000000000";

    private static readonly IPNetwork _first = IPNetwork.Parse("2001:db8:7700::/56");
    private static readonly IPNetwork _second = IPNetwork.Parse("2001:db8:7700:100::/56");

    private static readonly PppProfile _server = new()
    {
        Name = "p",
        Backend = PppBackend.BuiltIn,
        Local = IPAddress.Parse("10.0.0.1"),
        Pool = [new AddressRange(IPAddress.Parse("10.0.0.10"), IPAddress.Parse("10.0.0.20"))],
        Authentication = [PppAuthentication.Chap],
        Users = [new SecretEntry("user", "*", "pass", [])],
        EchoInterval = TimeSpan.Zero,
        IPv6 = true,
        IPv6Router = true,
        Ipv6Pools = new Ipv6PoolNames(null, "homes", null),
    };

    private static readonly ImmutableArray<PrefixPoolSettings> _pools =
        [new PrefixPoolSettings("homes", IPNetwork.Parse("2001:db8:7700::/40"), 56)];

    private static readonly PppProfile _client = BuiltInRig.Client with { IPv6 = true };

    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-prefixes-").FullName;

    private readonly List<SubscriberPrefixes> _made = [];

    public void Dispose()
    {
        // Their workers write into the directory.
        foreach (var prefixes in _made)
            prefixes.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void The_prefix_is_the_sessions_from_authentication_and_routed_from_the_Reply_to_the_end()
    {
        using var rig = RigOf(_server);
        var prefixes = Use(rig);
        rig.Start(0);
        Assert.Equal(1, prefixes.Space.Count);
        var link = rig.Lns.Links[0];
        Assert.DoesNotContain(_first, link.Routes);
        Request(rig, 0);
        Assert.Contains(_first, link.Routes);
        rig.Lac.Stop(0);
        rig.Pass(10_000);
        Assert.Equal(0, prefixes.Space.Count);
    }

    [Fact]
    public void What_the_user_has_is_reported_when_it_gets_it_and_when_it_loses_it()
    {
        using var rig = RigOf(_server);
        Use(rig);
        rig.Start(0);
        Request(rig, 0);
        Assert.Equal(
            ["PrefixAssigned 2001:db8:7700::/56 delegated by DHCPv6", "AddressAssigned 10.0.0.10 from the pool of the profile p",
                "RouteInstalled 2001:db8:7700::/56"],
            Reported(rig).Select(TextOf));
        Assert.All(Reported(rig), static one => Assert.Equal("user", one.User));
        // The network of IPv6 or IPv4 is reported after the user's prefix and address, and those after the user.
        var kinds = rig.Lns.Inputs.Select(static input => input is SubscriberReport report ? report.Happened.GetType() : input.GetType())
            .ToList();
        Assert.Equal(typeof(PppUser), kinds[0]);
        Assert.True(kinds.IndexOf(typeof(AddressAssigned)) < kinds.IndexOf(typeof(PppUp)), string.Join(", ", kinds));
        rig.Lns.Inputs.Clear();
        rig.Lac.Stop(0);
        rig.Pass(10_000);
        Assert.Equal(
            ["AddressReleased 10.0.0.10", "PrefixReleased 2001:db8:7700::/56", "RouteRemoved 2001:db8:7700::/56"],
            Reported(rig).Select(TextOf).Order());
    }

    private static SubscriberEvent[] Reported(BuiltInRig rig) =>
        [.. rig.Lns.Inputs.OfType<SubscriberReport>().Select(static report => report.Happened)];

    private static string TextOf(SubscriberEvent happened) => happened switch
    {
        AddressAssigned one => $"AddressAssigned {one.Address} {one.Origin}",
        AddressReleased one => $"AddressReleased {one.Address}",
        PrefixAssigned one => $"PrefixAssigned {one.Prefix} {one.Use}",
        PrefixReleased one => $"PrefixReleased {one.Prefix}",
        RouteInstalled one => $"RouteInstalled {one.Destination}",
        RouteRemoved one => $"RouteRemoved {one.Destination}",
        _ => throw new ArgumentOutOfRangeException(nameof(happened)),
    };

    [Fact]
    public void A_user_gets_the_same_prefix_in_the_next_session()
    {
        using var rig = RigOf(_server, sessions: 2);
        var prefixes = Use(rig);
        Assert.NotNull(prefixes.Space.Take(prefixes.Space.Find("homes")!, "other", SubscriberPrefixes.Now));
        rig.Start(0);
        Assert.Equal([_first, _second], InUse(prefixes));
        rig.Lac.Stop(0);
        rig.Pass(10_000);
        Assert.Equal([_first], InUse(prefixes));
        rig.Start(1);
        Assert.Equal([_first, _second], InUse(prefixes));
    }

    [Fact]
    public void A_session_that_replaces_another_has_its_prefix_at_once()
    {
        using var rig = RigOf(_server with { SameUser = SameUserPolicy.Replace }, sessions: 2);
        var prefixes = Use(rig);
        rig.Start(0);
        Request(rig, 0);
        Assert.Contains(_first, rig.Lns.Links[0].Routes);
        // The subscriber lost its line: it answers nothing on the former session.
        rig.Lns.Links[0].IsCut = true;
        rig.Start(1);
        Assert.Equal([_first], InUse(prefixes));
        Assert.DoesNotContain(_first, rig.Lns.Links[0].Routes);
        Request(rig, 1);
        Assert.Contains(_first, rig.Lns.Links[1].Routes);
        rig.Pass(60_000);
        Assert.True(rig.Lns.Links[0].IsClosed);
        Assert.Equal([_first], InUse(prefixes));
        Assert.Contains(_first, rig.Lns.Links[1].Routes);
    }

    [Fact]
    public void Two_sessions_of_a_user_have_two_prefixes()
    {
        using var rig = RigOf(_server, sessions: 2);
        var prefixes = Use(rig);
        rig.Start(0);
        rig.Start(1);
        Assert.Equal([_first, _second], InUse(prefixes));
    }

    [Fact]
    public void A_peer_without_a_password_gets_a_prefix_and_keeps_it_when_it_renegotiates()
    {
        using var rig = RigOf(_server with { Authentication = [], Users = [] });
        var prefixes = Use(rig);
        rig.Start(0);
        Assert.Equal([_first], InUse(prefixes));
        // LCP begins again.
        rig.Lns.Links[0].Receive("c021" + "0101000a" + "050612345678");
        rig.Pass(10_000);
        Request(rig, 0);
        Assert.Equal([_first], InUse(prefixes));
        Assert.Contains(_first, rig.Lns.Links[0].Routes);
    }

    [Fact]
    public void Accounting_begins_with_the_prefix()
    {
        using var rig = RigOf(_server);
        Use(rig);
        var access = new FixedAccess(new Authorisation { Ipv6Addresses = [IPAddress.Parse("2001:db8:1::5")] });
        rig.Lns.Backend.AccessOf = _ => access;
        rig.Start(0);
        var start = access.Records.Single(static record => record.Status == AccountingStatus.Start);
        Assert.Equal([_first], start.DelegatedPrefixes.ToArray());
        Assert.Equal([IPAddress.Parse("2001:db8:1::5")], start.Ipv6Addresses.ToArray());
    }

    [Fact]
    public void A_session_without_IPv6_router_takes_no_prefix()
    {
        using var rig = RigOf(_server with { IPv6Router = false });
        var prefixes = Use(rig);
        rig.Start(0);
        Assert.Equal(0, prefixes.Space.Count);
        Assert.False(rig.Lns.Links[0].Observer.OnControlPacket(PacketOf("01000001" + Client + Pd1)));
    }

    [Fact]
    public void The_next_run_has_the_same_identifier_and_remembers_the_users()
    {
        byte[] server;
        using (var rig = RigOf(_server, sessions: 2))
        {
            var prefixes = Use(rig);
            Assert.NotNull(prefixes.Space.Take(prefixes.Space.Find("homes")!, "other", SubscriberPrefixes.Now));
            rig.Start(0);
            Assert.Equal([_first, _second], InUse(prefixes));
            server = ServerIdOf(rig, 0);
            prefixes.Dispose();
        }

        using var next = RigOf(_server);
        var again = Use(next);
        next.Start(0);
        Assert.Equal([_second], InUse(again));
        Assert.Equal(server, ServerIdOf(next, 0));
        Assert.Equal(server, Duid.Parse(File.ReadAllText(Path.Combine(_directory, "dhcpv6-duid"))));
    }

    [Fact]
    public void A_crash_loses_half_a_minute_at_most()
    {
        using var rig = RigOf(_server);
        var prefixes = Use(rig);
        rig.Start(0);
        rig.Pass(30_000);
        var file = Path.Combine(_directory, "prefixes");
        // A worker writes it.
        Assert.True(SpinWait.SpinUntil(() => File.Exists(file), TimeSpan.FromSeconds(60)));
        Assert.Contains(" 2001:db8:7700::/56 homes user\n", File.ReadAllText(file), StringComparison.Ordinal);
        prefixes.Dispose();
    }

    [Fact]
    public void Damaged_files_are_made_again()
    {
        File.WriteAllText(Path.Combine(_directory, "prefixes"), "\0\0\0");
        File.WriteAllText(Path.Combine(_directory, "dhcpv6-duid"), "none");
        using var rig = RigOf(_server);
        var prefixes = Use(rig);
        rig.Start(0);
        var server = ServerIdOf(rig, 0);
        Assert.Equal(Duid.Size, server.Length);
        prefixes.Dispose();
        Assert.Equal(server, Duid.Parse(File.ReadAllText(Path.Combine(_directory, "dhcpv6-duid"))));
        Assert.StartsWith("l2tpd-prefixes 1\n", File.ReadAllText(Path.Combine(_directory, "prefixes")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_cannot_be_written_stops_nothing()
    {
        var file = Path.Combine(_directory, "file");
        File.WriteAllText(file, "");
        using var rig = RigOf(_server);
        var prefixes = Use(rig, file);
        rig.Start(0);
        Assert.Equal(1, prefixes.Space.Count);
        Assert.Equal(Duid.Size, ServerIdOf(rig, 0).Length);
        prefixes.Dispose();
    }

    [Fact]
    public void The_secret_of_interface_identifiers_is_kept_and_only_its_owner_may_read_it()
    {
        var file = Path.Combine(_directory, "interface-identifier-secret");
        using var rig = RigOf(_server);
        var secret = Use(rig).IdentifierSecretOf(_server);
        Assert.Equal(32, secret.Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(secret.ToArray(), Use(rig).IdentifierSecretOf(_server).ToArray());
        Assert.True(Use(rig).IdentifierSecretOf(_server with { IPv6Router = false }).IsEmpty);
        File.WriteAllText(file, "none");
        var other = Use(rig).IdentifierSecretOf(_server).ToArray();
        Assert.Equal(32, other.Length);
        Assert.NotEqual(secret.ToArray(), other);
    }

    private static BuiltInRig RigOf(PppProfile server, int sessions = 1) => new(_client, server, sessions);

    private SubscriberPrefixes Use(BuiltInRig rig, string? directory = null)
    {
        _made.Add(new SubscriberPrefixes(
            directory ?? _directory, _pools, rig.Lns.Timers, rig.Lns, new FaultLog(NullLogger.Instance), NullLogger.Instance));
        return rig.Lns.Backend.Prefixes = _made[^1];
    }

    private static IPNetwork[] InUse(SubscriberPrefixes prefixes) =>
        [.. new[] { _first, _second, IPNetwork.Parse("2001:db8:7700:200::/56") }.Where(n => prefixes.Space.Overlapping(n) is not null)];

    private static byte[] ServerIdOf(BuiltInRig rig, int session)
    {
        var link = rig.Lns.Links[session];
        link.Sent.Clear();
        Assert.True(link.Observer.OnControlPacket(PacketOf("0b000001")));
        var data = Convert.FromHexString(Assert.Single(link.Sent)).AsSpan(2 + Ipv6Packet.UdpDataOffset);
        var options = new DhcpOptionReader(data[4..]);
        Assert.True(options.MoveNext());
        Assert.Equal(DhcpOption.ServerId, options.Code);
        return options.Data.ToArray();
    }

    private static void Request(BuiltInRig rig, int session)
    {
        var id = Convert.ToHexStringLower(ServerIdOf(rig, session));
        Assert.True(rig.Lns.Links[session].Observer.OnControlPacket(PacketOf($"03000001{Client}0002{id.Length / 2:x4}{id}{Pd1}")));
        rig.Run();
    }

    private static byte[] PacketOf(string message)
    {
        var data = Convert.FromHexString(message);
        var packet = new byte[Ipv6Packet.UdpDataOffset + data.Length];
        data.CopyTo(packet, Ipv6Packet.UdpDataOffset);
        Ipv6Packet.CompleteUdp(packet, Ipv6Address.LinkLocal(5), 546, Ipv6Address.AllDhcpServers, 547, 1);
        return packet;
    }

    private sealed class FixedAccess(Authorisation authorisation) : IAccessBackend
    {
        private readonly Queue<AccessAnswer> _answers = new();

        public List<AccountingRecord> Records { get; } = [];

        public long NextDeadline => long.MaxValue;

        public void Authenticate(ulong requestId, AccessRequest request, long now) => _answers.Enqueue(new AccessAnswer.Authenticated(
            requestId, new AuthenticationResult { Accepted = true, Authorisation = authorisation }));

        public void Account(ulong requestId, AccountingRecord record, long now)
        {
            Records.Add(record);
            _answers.Enqueue(new AccessAnswer.Accounted(requestId, null));
        }

        public void Cancel(ulong requestId)
        {
        }

        public bool TryTake(out AccessAnswer? answer) => _answers.TryDequeue(out answer);

        public void Answer(ulong requestId, ControlOutcome outcome)
        {
        }

        public void HandleDeadline(long now)
        {
        }
    }
}
