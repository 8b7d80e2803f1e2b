using System.Text.Json;
using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;

namespace L2tpd.Simulation.Tests.Ppp;

/// <summary>The faults of the link, in percent per frame and milliseconds.</summary>
internal sealed record LinkFaults(int Loss, int Duplication, int Jitter);

/// <summary>Two endpoints, a client and a server with local users and a pool, over a faulty link under a virtual clock.</summary>
internal sealed class PppSimulation : IPppEffects
{
    internal static readonly PppCredentials Good = new("alice", "secret");
    private static readonly LocalUsers _users = new(SecretsFile.Parse("alice * secret\nbob * other 10.1.2.3").Entries);

    private readonly SeededRandom _random;
    private readonly LinkFaults _faults;
    private readonly PriorityQueue<Action, (long Time, int Order)> _queue = new();
    private readonly Dictionary<PppEndpoint, Side> _sides = [];
    private readonly AddressAllocator _allocator = new(
        Ipv4Address.Parse("10.0.0.1"), [AddressPool.FromPrefix("pool", Ipv4Address.Parse("10.0.0.0"), 28)], "pool",
        new AddressGrant(default, default) { PrimaryDns = Ipv4Address.Parse("9.9.9.9") });

    private readonly PppCredentials _clientCredentials;
    private readonly PppCredentials _serverCredentials = new("server", "mutual");
    private readonly int _poolUsedBefore;
    private int _order;

    internal PppSimulation(ulong seed, PppProfile client, PppProfile server, LinkFaults faults, PppCredentials credentials)
    {
        _random = new SeededRandom(seed);
        _faults = faults;
        _clientCredentials = credentials;
        Client = new PppEndpoint(1, client, new SeededRandom(seed + 1), credentials);
        Server = new PppEndpoint(2, server, new SeededRandom(seed + 2), _serverCredentials);
        _sides[Client] = new Side();
        _sides[Server] = new Side();
        _poolUsedBefore = Pool.Used;
    }

    internal PppEndpoint Client { get; private set; }

    internal PppEndpoint Server { get; private set; }

    internal long Now { get; private set; }

    internal int Leases => Pool.Used - _poolUsedBefore;

    internal Side ClientSide => _sides[Client];

    internal Side ServerSide => _sides[Server];

    private AddressPool Pool => _allocator.Pools.Single();

    /// <summary>Runs until a time, until both ends' network is up, or until both ends have ended.</summary>
    internal void Run(long until, Func<bool> done)
    {
        while (!done())
        {
            var next = Math.Min(Client.NextDeadline, Server.NextDeadline);
            var frameFirst = _queue.TryPeek(out _, out var at) && at.Time <= next;
            next = frameFirst ? at.Time : next;
            if (next > until)
            {
                Now = until;
                return;
            }

            Now = Math.Max(Now, next);
            if (frameFirst)
            {
                _queue.Dequeue()();
            }
            else
            {
                var due = Client.NextDeadline <= Server.NextDeadline ? Client : Server;
                due.HandleDeadline(Now, this);
                Assert.True(due.NextDeadline > Now, "a deadline in the past would spin the loop");
            }

            CheckInvariants();
        }
    }

    internal void Open()
    {
        Client.Open(Now, this);
        Server.Open(Now, this);
        CheckInvariants();
    }

    /// <summary>One end's process is replaced by another, which knows only the snapshot's JSON. Packets on their way stay on it.</summary>
    /// <returns>False if the end is in no phase that survives a restart.</returns>
    internal bool HandOver(PppEndpoint before)
    {
        if (before.Snapshot(Now) is not { } taken)
            return false;

        var json = JsonSerializer.Serialize(taken, PppJson.Default.PppSnapshot);
        var snapshot = JsonSerializer.Deserialize(json, PppJson.Default.PppSnapshot)!;
        Assert.Equal(json, JsonSerializer.Serialize(snapshot, PppJson.Default.PppSnapshot));

        // The address space of the earlier process ends with it.
        before.Grant?.Release();
        var grant = snapshot.Grant is null ? null : _allocator.Restore(snapshot.Grant);
        Assert.Equal(before.Grant?.Peer, grant?.Peer);
        var isServer = before == Server;
        Assert.True(_sides.Remove(before, out var side));
        var credentials = isServer ? _serverCredentials : _clientCredentials;
        var after = PppEndpoint.Restore(
            snapshot, before.Key, before.Profile, new SeededRandom(_random.Next()), credentials, grant, Now, this);
        (Client, Server) = isServer ? (Client, after) : (after, Server);
        _sides[after] = side!;
        Assert.Equal(side!.Ipv4 is null, !after.Networks.OfType<Ipv4Network>().Any());
        Assert.Equal(side.Ipv6 is null, !after.Networks.OfType<Ipv6Network>().Any());
        foreach (var network in after.Networks)
        {
            Assert.Equal(Bare(network is Ipv4Network ? side.Ipv4! : side.Ipv6!), Bare(network));
            (side.Ipv4, side.Ipv6) = (network as Ipv4Network ?? side.Ipv4, network as Ipv6Network ?? side.Ipv6);
        }

        CheckInvariants();
        return true;
    }

    private static PppNetwork Bare(PppNetwork network) => network with { Authorisation = null };

    internal string Describe() => string.Join("; ", _sides.Keys.Select(e =>
        $"{e.Phase} LCP {e.LcpState} IPCP {e.StateOf(PppProtocol.Ipcp)} " +
        $"IPv6CP {e.StateOf(PppProtocol.Ipv6cp)} next {e.NextDeadline} end {_sides[e].End?.Text} links {_sides[e].Links}"))
        + $" at {Now}";

    internal void CheckInvariants()
    {
        foreach ((var endpoint, var side) in _sides)
        {
            Assert.Equal(side.Ipv4 is not null, endpoint.StateOf(PppProtocol.Ipcp) == PppState.Opened
                && endpoint.LcpState == PppState.Opened);
            Assert.Equal(side.Ipv6 is not null, endpoint.StateOf(PppProtocol.Ipv6cp) == PppState.Opened
                && endpoint.LcpState == PppState.Opened);
            Assert.Equal(side.End is not null, endpoint.Phase == PppPhase.Ended);
            Assert.True(side.End is null || endpoint.NextDeadline == long.MaxValue, "an ended endpoint waits for nothing");
            Assert.True(
                side.End is not null || endpoint.Phase == PppPhase.Dead || endpoint.NextDeadline < long.MaxValue,
                "a live endpoint always has a deadline: nothing hangs for good");
        }

        Assert.Equal(Server.Grant?.Lease is null ? 0 : 1, Leases - ServerSide.AddressesUnderway);
        if (ServerSide.Ipv4 is not null && Server.Profile.RequireFromPeer.Length > 0)
            Assert.True(ServerSide.Verified, "no network without proof");
    }

    public void SendFrame(PppEndpoint endpoint, ReadOnlySpan<byte> frame)
    {
        Assert.InRange(frame.Length, 6, 1508);
        var copy = frame.ToArray();
        var toServer = endpoint == Client;
        if (_random.Chance(_faults.Loss / 100.0))
            return;

        var copies = _random.Chance(_faults.Duplication / 100.0) ? 2 : 1;
        for (var i = 0; i < copies; i++)
            Later(10 + _random.Below(_faults.Jitter + 1), () => (toServer ? Server : Client).HandleFrame(copy, Now, this));
    }

    public void RequestAuthentication(PppEndpoint endpoint, uint attempt, AuthenticationRequest facts)
    {
        // The backend is slow at times, and then the answer comes to a link that has moved on.
        var atServer = endpoint == Server;
        Answer(_random.Below(40), () =>
        {
            var asker = atServer ? Server : Client;
            var result = atServer ? _users.Verify(facts, "server") : Mutual(facts);
            _sides[asker].Verified |= result.Accepted;
            asker.HandleAuthentication(attempt, result, Now, this);
        });
    }

    public void RequestAddress(PppEndpoint endpoint, uint attempt, Authorisation? authorisation)
    {
        var grant = _allocator.Take(authorisation);
        var side = _sides[endpoint];
        side.AddressesUnderway += grant is null ? 0 : 1;
        Answer(_random.Below(5), () =>
        {
            side.AddressesUnderway -= grant is null ? 0 : 1;
            (endpoint.Key == Server.Key ? Server : Client).HandleAddress(attempt, grant, Now, this);
        });
    }

    public void ReleaseAddress(PppEndpoint endpoint, AddressGrant grant) =>
        Assert.True(grant.Release(), "an address is given back exactly once");

    public void LinkUp(PppEndpoint endpoint, LinkParameters link) => _sides[endpoint].Links++;

    public void NetworkUp(PppEndpoint endpoint, PppNetwork network)
    {
        var side = _sides[endpoint];
        if (network is Ipv4Network ipv4)
        {
            Assert.Null(side.Ipv4);
            side.Ipv4 = ipv4;
            return;
        }

        var ipv6 = Assert.IsType<Ipv6Network>(network);
        Assert.Null(side.Ipv6);
        Assert.NotEqual(ipv6.LocalIdentifier, ipv6.PeerIdentifier);
        side.Ipv6 = ipv6;
    }

    public void NetworkDown(PppEndpoint endpoint, PppNetwork network)
    {
        var side = _sides[endpoint];
        Assert.Equal(network, network is Ipv4Network ? side.Ipv4 : side.Ipv6);
        side.Ipv4 = network is Ipv4Network ? null : side.Ipv4;
        side.Ipv6 = network is Ipv6Network ? null : side.Ipv6;
    }

    public void LinkRestarted(PppEndpoint endpoint) => Assert.True(_sides[endpoint].Ipv6 is null, "a network outlived its link");

    public void Ended(PppEndpoint endpoint, PppEnd end)
    {
        Assert.Null(_sides[endpoint].End);
        Assert.NotEmpty(end.Text);
        Assert.NotEqual(TerminateCause.None, end.TerminateCause);
        _sides[endpoint].End = end;
    }

    private static AuthenticationResult Mutual(AuthenticationRequest facts) =>
        new LocalUsers([new SecretEntry("server", "*", "mutual", [])]).Verify(facts, "alice");

    // A host may know the answer at once and give it within the call.
    private void Answer(int delay, Action action)
    {
        if (_random.Chance(0.3))
            action();
        else
            Later(delay, action);
    }

    private void Later(int delay, Action action) => _queue.Enqueue(action, (Now + delay, _order++));

    /// <summary>What one end has reported to its host.</summary>
    internal sealed class Side
    {
        internal Ipv4Network? Ipv4 { get; set; }

        internal Ipv6Network? Ipv6 { get; set; }

        internal PppEnd? End { get; set; }

        internal int Links { get; set; }

        internal bool Verified { get; set; }

        internal int AddressesUnderway { get; set; }
    }
}
