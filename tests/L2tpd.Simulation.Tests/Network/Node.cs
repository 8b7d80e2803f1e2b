using System.Net;
using System.Text;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Inputs;
using L2tpd.Engine.Snapshots;

namespace L2tpd.Simulation.Tests.Network;

/// <summary>A host with a daemon: an engine, and a world of sockets, kernel objects and PPP that counts the requests.</summary>
public sealed class Node
{
    public const ushort Port = 1701;

    private readonly Simulation _simulation;
    private readonly EngineConfiguration _configuration;
    private SwitchedRandom _random;

    /// <param name="simulation">The network it is in.</param>
    /// <param name="address">Its address.</param>
    /// <param name="configuration">The configuration of its daemon.</param>
    /// <param name="seed">Of its own random numbers; <c>null</c> to draw it from the simulation.</param>
    public Node(Simulation simulation, string address, EngineConfiguration configuration, ulong? seed = null)
    {
        _simulation = simulation;
        _configuration = configuration;
        Address = Endpoint.From(IPAddress.Parse(address), 0);
        World = new World(simulation, this);
        _random = new SwitchedRandom(seed ?? simulation.Random.Next());
        Engine = new L2tpEngine(configuration, _random);
        simulation.Add(this);
    }

    public Endpoint Address { get; }

    public L2tpEngine Engine { get; private set; }

    public World World { get; private set; }

    /// <summary>A crashed daemon receives nothing.</summary>
    public bool IsDown { get; private set; }

    public long NextDeadline => IsDown ? long.MaxValue : Engine.NextDeadline.Milliseconds;

    public IEnumerable<Tunnel> EstablishedTunnels => Engine.Tunnels.Where(t => t.State == TunnelState.Established);

    public IEnumerable<Session> EstablishedSessions =>
        Engine.Tunnels.SelectMany(t => t.Sessions.Values).Where(s => s.State == SessionState.Established);

    public void Start() => Tell(new Start());

    public void Tell(EngineInput input)
    {
        if (!IsDown)
            Engine.Handle(input, new(_simulation.Now), World);
    }

    /// <summary>kill -9: all state is lost, and no peer is informed.</summary>
    public void Crash()
    {
        IsDown = true;
        World.Abandon();
    }

    public void Restart()
    {
        IsDown = false;
        World = new World(_simulation, this);
        _random = new SwitchedRandom(_simulation.Random.Next());
        Engine = new L2tpEngine(_configuration, _random);
        Start();
    }

    /// <summary>
    /// Another process takes over: a new engine goes on from the JSON of a snapshot, and its own snapshot is the same. The world stays:
    /// the kernel, and the answers that it still owes the engine.
    /// </summary>
    public void ReplaceEngine()
    {
        if (IsDown)
            return;

        var json = Engine.Snapshot(new(_simulation.Now)).ToJson();
        // A new engine draws what the former one drew when it began; the numbers that follow are the same with and without a replacement.
        using (_random.DrawElsewhere())
            Engine = L2tpEngine.Restore(EngineSnapshot.FromJson(json), _configuration, _random, new(_simulation.Now));
        Assert.Equal(Encoding.UTF8.GetString(json), Encoding.UTF8.GetString(Engine.Snapshot(new(_simulation.Now)).ToJson()));
    }

    /// <summary>The same with another configuration: the world gives up the sessions that the new engine does not have.</summary>
    public void ReplaceEngine(EngineConfiguration configuration)
    {
        var snapshot = Engine.Snapshot(new(_simulation.Now));
        Engine = L2tpEngine.Restore(snapshot, configuration, _random, new(_simulation.Now));
        World.Forget(session => Engine.FindSession(session) is null);
    }

    public void Receive(Endpoint from, Endpoint to, byte[] datagram)
    {
        if (!IsDown)
            Engine.Handle(new Datagram(new L2tpd.Engine.Addressing.Path(0, to, from), datagram), new(_simulation.Now), World);
    }

    public void HandleDeadline()
    {
        for (var round = 0; !IsDown && Engine.NextDeadline.Milliseconds <= _simulation.Now; round++)
        {
            Assert.True(round < 1000, $"the deadline {Engine.NextDeadline} does not move on at {_simulation.Now}");
            Tell(DeadlineReached.Instance);
        }
    }
}
