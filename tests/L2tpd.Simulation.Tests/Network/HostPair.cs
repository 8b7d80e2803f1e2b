using L2tpd.Engine;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Inputs;

namespace L2tpd.Simulation.Tests.Network;

/// <summary>An LNS and a LAC on one link, with what the stories of both have in common: trouble, healing, and a clean end.</summary>
public sealed class HostPair
{
    /// <param name="seed">Decides what the link and the two engines draw.</param>
    /// <param name="link">The link.</param>
    /// <param name="lns">The configuration of the LNS.</param>
    /// <param name="lac">The configuration of the LAC.</param>
    /// <param name="afterStep">Called after each step of the two nodes, before the invariants are checked.</param>
    public HostPair(
        ulong seed, Link link, EngineConfiguration lns, EngineConfiguration lac, Action<Node, Node>? afterStep = null)
    {
        Simulation = new Simulation(seed ^ 0x5EED, link);
        Lns = new Node(Simulation, Configurations.LnsAddress, lns);
        Lac = new Node(Simulation, Configurations.LacAddress, lac);
        Simulation.AfterStep = () =>
        {
            afterStep?.Invoke(Lns, Lac);
            Invariants.Check(Simulation);
        };
    }

    public Simulation Simulation { get; }

    public Node Lns { get; }

    public Node Lac { get; }

    private Node[] Both => [Lns, Lac];

    public void Start()
    {
        Lns.Start();
        Lac.Start();
    }

    /// <summary>PPP and the data planes may fail; then, a few times, something happens to the link or to one of the nodes.</summary>
    /// <param name="draw">Decides everything.</param>
    /// <param name="rounds">The least number of events, and the bound of a number that chance adds.</param>
    /// <param name="kinds">Kinds of events: the link is cut, a node crashes, and those of the story, from number 2 on.</param>
    /// <param name="another">An event of the story, for one of the nodes.</param>
    /// <param name="before">Called before each event.</param>
    public void Trouble(
        SeededRandom draw, (int Least, int More) rounds, int kinds, Action<int, Node> another, Action? before = null)
    {
        Lns.World.PppFailure = Lac.World.PppFailure = draw.Chance(0.3) ? 0.3 : 0;
        Lns.World.DataPlaneFailure = Lac.World.DataPlaneFailure = draw.Chance(0.2) ? 0.2 : 0;
        for (var i = 0; i < rounds.Least + draw.Below(rounds.More); i++)
        {
            Simulation.RunFor(TimeSpan.FromMilliseconds(draw.Below(60_000)));
            before?.Invoke();
            var victim = draw.Chance(0.5) ? Lns : Lac;
            switch (draw.Below(kinds))
            {
                case 0:
                    Simulation.Link.IsCut = true;
                    Simulation.RunFor(TimeSpan.FromMilliseconds(draw.Below(120_000)));
                    Simulation.Link.IsCut = false;
                    break;
                case 1:
                    victim.Crash();
                    Simulation.RunFor(TimeSpan.FromMilliseconds(draw.Below(60_000)));
                    victim.Restart();
                    break;
                case var kind:
                    another(kind, victim);
                    break;
            }
        }
    }

    /// <summary>From now on nothing is lost and nothing fails.</summary>
    public void Heal()
    {
        Simulation.Link.Loss = 0;
        Simulation.Link.Duplication = 0;
        Simulation.Link.IsCut = false;
        foreach (var node in Both)
            node.World.PppFailure = node.World.DataPlaneFailure = 0;
    }

    /// <summary>All configured sessions come up at both ends, and stay.</summary>
    /// <param name="paths">How many of them the LAC's world carries data for.</param>
    public void ExpectEverythingUp(Func<World, int> paths)
    {
        var configured = Lac.Engine.Configuration.Tunnels.Sum(static tunnel => tunnel.Sessions.Length);
        // Dead peers are found by HELLO and a full cycle of retransmissions; then the longest backoff, twice for tunnel and session.
        Assert.True(
            Simulation.RunUntil(() => Agree(configured, paths), TimeSpan.FromMinutes(15)),
            $"{Lac.EstablishedSessions.Count()} of {configured} sessions up at the LAC, {Lns.EstablishedSessions.Count()} at the LNS; "
            + $"waiting: {string.Join(' ', Lac.Engine.WaitingForTraffic)}; held down: {string.Join(' ', Lac.Engine.HeldDown)}");
        Simulation.RunFor(TimeSpan.FromMinutes(5));
        Assert.True(Agree(configured, paths), "both ends have the same sessions, and they stay");
    }

    /// <summary>The two daemons end one after the other, and nothing is left.</summary>
    public void ExpectCleanEnd()
    {
        Lac.Tell(new ShutDown());
        Assert.True(Simulation.RunUntil(() => Lac.Engine.IsQuiet, TimeSpan.FromSeconds(30)), "a LAC with a healthy peer ends promptly");
        Simulation.RunFor(TimeSpan.FromMinutes(3));
        Lns.Tell(new ShutDown());
        Simulation.RunFor(TimeSpan.FromMinutes(3));
        foreach (var node in Both)
        {
            Assert.True(node.Engine.IsQuiet);
            Assert.Empty(node.Engine.Tunnels);
            Assert.Empty(node.World.Tunnels);
            Assert.Empty(node.World.Sessions);
            Assert.Empty(node.World.Ppp);
            Assert.Empty(node.World.Transports);
            Assert.Equal(Instant.Never, node.Engine.NextDeadline);
        }
    }

    private bool Agree(int configured, Func<World, int> paths)
    {
        var lacEnds = Lac.EstablishedSessions.Select(static session => (session.LocalId, session.PeerId)).ToHashSet();
        var lnsEnds = Lns.EstablishedSessions.Select(static session => (session.PeerId, session.LocalId)).ToHashSet();
        return lacEnds.Count == configured
            && paths(Lac.World) == configured
            && Lns.EstablishedSessions.Count() == configured
            && lacEnds.SetEquals(lnsEnds);
    }
}
