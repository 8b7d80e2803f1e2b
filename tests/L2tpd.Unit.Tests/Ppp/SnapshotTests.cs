using System.Net;
using System.Text;
using System.Text.Json;
using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;

namespace L2tpd.Unit.Tests.Ppp;

/// <summary>An endpoint, its addresses and its accounting in another process, from the JSON of their snapshots.</summary>
public sealed class SnapshotTests
{
    private static readonly Ipv4Address _local = Ipv4Address.Parse("10.0.0.1");

    private static readonly Authorisation _everything = new()
    {
        AddressSource = AddressSource.PeerChooses,
        Address = Ipv4Address.Parse("10.1.2.3"),
        PrefixLength = 29,
        Permitted = PermittedAddresses.Of(["!10.0.0.7", "10.0.0.0/24", "192.0.2.1"]),
        Pool = "gold",
        PrimaryDns = Ipv4Address.Parse("9.9.9.9"),
        SecondaryDns = Ipv4Address.Parse("149.112.112.112"),
        PrimaryNbns = Ipv4Address.Parse("10.0.0.52"),
        SecondaryNbns = Ipv4Address.Parse("10.0.0.53"),
        AuthenticatedBy = AuthenticationSource.Radius,
        SessionTimeout = 100_000,
        ReauthenticateAtTimeout = true,
        State = [4, 5],
        IdleTimeout = 20_000,
        InterimInterval = 60_000,
        Mtu = 1400,
        PeerInterfaceIdentifier = ulong.MaxValue,
        Ipv6Prefixes = [IPNetwork.Parse("2001:db8:1::/64")],
        Ipv6PrefixPool = "ra",
        Ipv6Addresses = [IPAddress.Parse("2001:db8::5")],
        Ipv6AddressPool = "na",
        DelegatedPrefixes = [IPNetwork.Parse("2001:db8:100::/56"), IPNetwork.Parse("2001:db8:200::/56")],
        DelegatedPrefixPool = "pd",
        Ipv6Dns = [IPAddress.Parse("2620:fe::fe")],
        Routes = [new FramedRoute(IPNetwork.Parse("192.0.2.0/24"), null, 1), new FramedRoute(IPNetwork.Parse("2001:db8:5::/48"),
            IPAddress.Parse("fe80::1"), 0)],
        AdvertisedRoutes = [IPNetwork.Parse("2001:db8:6::/48")],
        RateFromPeer = new RateLimit(10_000_000, 8_000),
        RateToPeer = new RateLimit(50_000_000, 0),
        RateProblems = ["Mikrotik-Rate-Limit `fast`"],
        Filters = ["web", "20000/5000"],
        PortLimit = 2,
        Class = [[1, 2, 3], [0]],
        ChargeableUserIdentity = [7, 8],
    };

    private readonly PppProfile _server = new()
    {
        Server = true, EchoInterval = 0, RequireFromPeer = [AuthenticationProtocol.ChapMd5], RechallengeInterval = 300_000,
            SessionTimeout = 500_000,
    };

    [Fact]
    public void Nothing_that_a_user_may_have_is_lost()
    {
        var snapshot = new PppSnapshot { Lcp = new LcpSnapshot(new ControlProtocolSnapshot(1, 2)), Authorisation = _everything };
        var json = JsonSerializer.Serialize(snapshot, PppJson.Default.PppSnapshot);
        var again = JsonSerializer.Deserialize(json, PppJson.Default.PppSnapshot)!;
        Assert.Equal(json, JsonSerializer.Serialize(again, PppJson.Default.PppSnapshot));
        foreach (var property in typeof(Authorisation).GetProperties())
        {
            Assert.False(Equals(property.GetValue(_everything), property.GetValue(new Authorisation())), $"{property.Name} is not tried");
            Assert.Contains($"\"{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}\":", json, StringComparison.Ordinal);
        }

        Assert.Equal([false, true, true, false], new[] { "10.0.0.7", "10.0.0.8", "192.0.2.1", "192.0.2.2" }.Select(a =>
            again.Authorisation!.Permitted!.Permits(Ipv4Address.Parse(a))));
    }

    [Fact]
    public void A_link_goes_on_without_a_packet()
    {
        var (before, grant) = Opened();
        before.Now += 40_000;
        before.Endpoint.NoteSent(before.Now - 5_000);
        var after = Restored(before, grant);
        Assert.Empty(after.Frames);
        Assert.Equal(PppPhase.Network, after.Endpoint.Phase);
        Assert.Equal("alice", after.Endpoint.PeerName);
        Assert.Equal(grant.Peer, Assert.Single(after.Endpoint.Networks.OfType<Ipv4Network>()).Peer);
        Assert.Equal(5ul, Assert.Single(after.Endpoint.Networks.OfType<Ipv6Network>()).PeerIdentifier);
        Assert.Equal(PppFrameKind.Ipv4, after.Receive("0021 4500"));
        after.Receive(PppProtocol.Lcp, 9, 1, "99999999");
        Assert.Equal("c0210a010008" + MagicOf(before), after.Sent());
    }

    [Fact]
    public void Timeouts_go_on_from_where_they_were()
    {
        var (before, grant) = Opened();
        before.Now += 60_000;
        before.Endpoint.NoteSent(before.Now);
        before.Now += 5_000;
        var after = Restored(before, grant);
        var start = after.Now;
        Assert.Equal(start + 15_000, after.Endpoint.NextDeadline); // 20 s idle, of which 5 s have passed
        after.Endpoint.NoteSent(start + 15_000);
        after.Endpoint.HandleDeadline(start + 15_000, after);
        after.Endpoint.NoteSent(start + 34_000);
        after.Endpoint.HandleDeadline(start + 34_999, after);
        Assert.Null(after.Endpoint.Ending);
        after.Endpoint.HandleDeadline(start + 35_000, after); // 100 s in all, of which 65 s have passed
        Assert.Equal(PppEndCause.SessionTimeout, after.Endpoint.Ending?.Cause);
    }

    [Fact]
    public void A_repeated_response_gets_the_answer_it_had()
    {
        var (before, grant) = Opened();
        before.Receive(PppProtocol.Chap, 2, 1, "10" + new string('0', 32) + "616c696365");
        var answer = before.Sent();
        var after = Restored(before, grant);
        after.Receive(PppProtocol.Chap, 2, 1, "10" + new string('0', 32) + "616c696365");
        Assert.Equal(answer, after.Sent());
    }

    [Fact]
    public void A_layer_that_was_negotiating_starts_again()
    {
        var (before, grant) = Opened(withIpv6: false);
        var after = Restored(before, grant);
        Assert.StartsWith("805701", after.Sent(), StringComparison.Ordinal);
        Assert.Equal(PppState.Opened, after.Endpoint.StateOf(PppProtocol.Ipcp));
    }

    [Fact]
    public void The_end_gives_the_address_back_once()
    {
        var (before, grant) = Opened();
        var after = Restored(before, grant);
        after.Endpoint.LowerLayerDown("gone", after.Now, after);
        Assert.Same(grant, Assert.Single(after.Released));
        Assert.Equal(["ipv4 down", "ipv6 down", "ended"], after.Log);
    }

    [Fact]
    public void There_is_no_snapshot_before_the_network_phase_or_after_it()
    {
        var rig = new PppRig(_server);
        Assert.Null(rig.Endpoint.Snapshot(rig.Now));
        rig.OpenLcp();
        Assert.Null(rig.Endpoint.Snapshot(rig.Now));
        (rig, _) = Opened();
        rig.Endpoint.Close(PppCloseCause.Administrative, "enough", rig.Now, rig);
        Assert.Null(rig.Endpoint.Snapshot(rig.Now));
    }

    [Fact]
    public void The_password_is_not_in_it()
    {
        var rig = new PppRig(new PppProfile { EchoInterval = 0 }, new PppCredentials("alice", "topsecret"));
        rig.OpenLcp("0304 c023");
        rig.Receive(PppProtocol.Pap, 2, 1, "00");
        var json = JsonSerializer.Serialize(rig.Endpoint.Snapshot(rig.Now)!, PppJson.Default.PppSnapshot);
        Assert.DoesNotContain("topsecret", json, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes("topsecret"))[1..8], json, StringComparison.Ordinal);
        Assert.Contains("\"claimant\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_on_an_address_is_made_again_once()
    {
        var pools = new[] { AddressPool.FromPrefix("pool", _local, 29) };
        var earlier = new AddressAllocator(_local, pools, "pool");
        var snapshots = new[] { earlier.Take(null)!, earlier.Take(null)! }.Select(AddressGrantSnapshot.Of).ToArray();
        var allocator = new AddressAllocator(_local, [AddressPool.FromPrefix("pool", _local, 29)], "pool");
        var grants = snapshots.Select(allocator.Restore).ToArray();
        Assert.Equal(snapshots.Select(s => (Ipv4Address?)s.Claimed), grants.Select(g => g?.Peer));
        Assert.Null(allocator.Restore(snapshots[0]));
        Assert.DoesNotContain(allocator.Take(null)!.Peer, snapshots.Select(s => s.Claimed));
        Assert.True(grants[0]!.Release());
        Assert.NotNull(allocator.Restore(snapshots[0]));
    }

    [Fact]
    public void A_peer_that_chose_its_address_may_choose_again_within_the_same_limits()
    {
        var earlier = new AddressAllocator(_local, [], null);
        var chosen = earlier.Take(new Authorisation { AddressSource = AddressSource.PeerChooses,
            Permitted = PermittedAddresses.Of(["10.0.0.0/24"]) })!;
        Assert.True(chosen.Choice!.TryTake(Ipv4Address.Parse("10.0.0.9")));
        var allocator = new AddressAllocator(_local, [], null);
        var grant = allocator.Restore(AddressGrantSnapshot.Of(chosen))!;
        Assert.Equal("10.0.0.9", grant.Choice!.Address.ToString());
        Assert.False(grant.Choice.TryTake(Ipv4Address.Parse("10.0.1.9")));
        Assert.True(grant.Choice.TryTake(Ipv4Address.Parse("10.0.0.10")));
        Assert.NotNull(allocator.Take(new Authorisation { AddressSource = AddressSource.Fixed, Address = Ipv4Address.Parse("10.0.0.9") }));
    }

    [Fact]
    public void Accounting_goes_on_without_a_second_Start()
    {
        var accounting = new SessionAccounting(new SessionAttributes { SessionId = "run-1", NasPort = 3, CallingNumber = "0815" }, 60_000);
        accounting.CountFrom(new SessionCounters(100, 200, 1, 2));
        accounting.Start("alice", Ipv4Address.Parse("10.0.0.9"), 5, _everything, 1_000);
        var json = JsonSerializer.Serialize(accounting.Snapshot(21_000), AccessJson.Default.AccountingSnapshot);
        var snapshot = JsonSerializer.Deserialize(json, AccessJson.Default.AccountingSnapshot)!;
        Assert.Equal(json, JsonSerializer.Serialize(snapshot, AccessJson.Default.AccountingSnapshot));
        var after = new SessionAccounting(snapshot, now: 7_000_000);
        Assert.Equal((true, "alice", 7_040_000L), (after.IsRunning, after.UserName, after.NextDeadline));
        Assert.Null(after.Start("bob", default, 0, null, 7_000_000));
        var interim = after.Interim(new SessionCounters(1_100, 1_200, 11, 12), 7_040_000)!;
        Assert.Equal(("run-1", 3u, "0815", 60_000L), (interim.Session.SessionId, interim.Session.NasPort, interim.Session.CallingNumber,
            interim.SessionTime));
        Assert.Equal(new SessionCounters(1_000, 1_000, 10, 10), interim.Counters);
        Assert.Equal(_everything.Class.Select(c => c.ToArray()), interim.Class.Select(c => c.ToArray()));
        Assert.Equal(_everything.DelegatedPrefixes.ToArray(), interim.DelegatedPrefixes.ToArray());
        Assert.NotNull(after.Stop(new PppEnd(PppEndCause.ClosedByPeer, "x", DisconnectCode.Normal, 0, 0, TerminateCause.UserRequest),
            default, 7_100_000));
        Assert.False(new SessionAccounting(after.Snapshot(7_100_000), 0).IsRunning);
    }

    private static string MagicOf(PppRig rig) =>
        rig.Endpoint.Snapshot(rig.Now)!.Lcp.Magic.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);

    private static PppRig Restored(PppRig before, AddressGrant grant)
    {
        var json = JsonSerializer.Serialize(before.Endpoint.Snapshot(before.Now)!, PppJson.Default.PppSnapshot);
        var snapshot = JsonSerializer.Deserialize(json, PppJson.Default.PppSnapshot)!;
        Assert.Equal(AddressGrantSnapshot.Of(grant).Peer, snapshot.Grant!.Peer);
        return new PppRig(before.Endpoint.Profile, snapshot, grant);
    }

    // A subscriber that proved itself as alice and has both network layers, with an idle timeout of 20 s and a session of 100 s.
    private (PppRig Rig, AddressGrant Grant) Opened(bool withIpv6 = true)
    {
        var rig = new PppRig(_server);
        var grant = new AddressGrant(_local, Ipv4Address.Parse("10.0.0.9"));
        rig.OpenLcp();
        rig.Receive(PppProtocol.Chap, 2, 1, "10" + new string('0', 32) + "616c696365");
        var authorisation = _everything with { AddressSource = AddressSource.Pool, PeerInterfaceIdentifier = 0,
            ReauthenticateAtTimeout = false };
        rig.Endpoint.HandleAuthentication(rig.Proofs[0].Attempt, new AuthenticationResult { Accepted = true,
            Authorisation = authorisation }, rig.Now, rig);
        rig.Endpoint.HandleAddress(rig.AddressRequests[0].Attempt, grant, rig.Now, rig);
        rig.AckOwnRequest(PppProtocol.Ipcp);
        rig.Receive(PppProtocol.Ipcp, 1, 1, "0306 0a000009");
        if (withIpv6)
        {
            rig.AckOwnRequest(PppProtocol.Ipv6cp);
            rig.Receive(PppProtocol.Ipv6cp, 1, 1, "010a 0000000000000005");
        }

        rig.Frames.Clear();
        return (rig, grant);
    }
}
