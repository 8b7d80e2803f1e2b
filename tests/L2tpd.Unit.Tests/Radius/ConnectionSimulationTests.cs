using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>
/// Random requests to servers with connections that break, do not open, and are silent, next to one with UDP: every request ends once, by
/// an answer to itself or by none.
/// </summary>
public sealed class ConnectionSimulationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_request_ends_once_over_connections_that_break(int number)
    {
        var random = new Random(Seeds.One(output.WriteLine, 20_261_129 + number));
        var server = ClientRig.Server("a") with { IsStream = true, HasStatusServer = true };
        var world = new World(new ClientRig(server with { MaxOutstanding = 600 }, server with { Name = "b", MaxOutstanding = 20,
            MaxQueued = 30 }, ClientRig.Server("c") with { MaxOutstanding = 50 }), random);
        for (var step = 0; step < 15_000; step++)
            world.Step(submits: step < 13_000);
        world.Rig.RunTo(world.Rig.Now + 120_000);
        Assert.Equal(0, world.Rig.Client.Outstanding);
        var ended = world.Rig.Outcomes.Select(static outcome => outcome.Split(' ')[0]).ToArray();
        Assert.Equal(ended.Length, ended.Distinct().Count());
        Assert.Equal((int)world.Submitted, ended.Length);
        Assert.All(
            Enumerable.Range(0, 3),
            one => Assert.Contains(world.Rig.Outcomes, outcome => outcome.EndsWith($"from {one}", StringComparison.Ordinal)));
        Assert.True(world.Broken > 20, "no connection broke");
        // A packet that was written for a former connection has no answer on another.
        Assert.Equal(0, world.Rig.Client.CountersOf(0).BadAuthenticators);
        output.WriteLine($"{world.Submitted} requests, {world.Rig.Sent.Count} packets, {world.Broken} connections broken");
    }

    private sealed class World(ClientRig rig, Random random)
    {
        private readonly Dictionary<ServerSocket, int> _open = [];
        private readonly PriorityQueue<(ServerSocket Socket, int Generation, byte[] Datagram), long> _arriving = new();
        private int _connections;
        private int _sent;
        private int _generation;
        private bool _isStarted;

        public ClientRig Rig => rig;

        public ulong Submitted { get; private set; }

        public int Broken { get; private set; }

        public void Step(bool submits)
        {
            if (!_isStarted)
                rig.Client.Start();
            _isStarted = true;
            if (submits && random.Next(2) == 0)
                rig.Submit(Submitted++, new ClientRig.PapRequest((uint)Submitted), Group());
            if (random.Next(200) == 0 && _open.Count > 0)
                Break(_open.Keys.ElementAt(random.Next(_open.Count)));
            rig.RunTo(rig.Now + random.Next(40));
            Connect();
            for (; _sent < rig.Sent.Count; _sent++)
                Serve(rig.Sent[_sent]);
            while (_arriving.TryPeek(out var arrival, out var at) && at <= rig.Now)
            {
                _arriving.Dequeue();
                if (GenerationOf(arrival.Socket) == arrival.Generation)
                    rig.Client.Receive(arrival.Socket, arrival.Datagram, rig.Now);
            }
        }

        private int GenerationOf(ServerSocket socket) => socket.Server == 2 ? 0 : _open.GetValueOrDefault(socket, -1);

        private ServerGroup Group() => new(
            random.Next(2) == 0 ? [0, 1, 2] : [2, 1, 0], random.Next(2) == 0 ? GroupPolicy.Failover : GroupPolicy.Balance);

        private void Break(ServerSocket socket)
        {
            _open.Remove(socket);
            Broken++;
            rig.Client.Disconnected(socket, rig.Now);
        }

        private void Connect()
        {
            for (; _connections < rig.Connections.Count; _connections++)
            {
                var parts = rig.Connections[_connections].Split(' ', '/');
                var socket = new ServerSocket(int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture),
                    RadiusService.Authentication, int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture));
                if (parts[0] == "disconnect")
                {
                    _open.Remove(socket);
                }
                else if (random.Next(4) == 0)
                {
                    rig.Client.Disconnected(socket, rig.Now);
                }
                else
                {
                    _open[socket] = ++_generation;
                    rig.Client.Connected(socket, rig.Now);
                }
            }
        }

        /// <summary>Sometimes there is no answer, and sometimes a late one. UDP loses packets; both answer once or twice.</summary>
        private void Serve((long At, ServerSocket Socket, byte[] Packet) sent)
        {
            if (GenerationOf(sent.Socket) < 0 || random.Next(10) == 0)
                return;
            var isTwice = sent.Socket.Server == 2 && random.Next(8) == 0;
            for (var copies = isTwice ? 2 : 1; copies > 0; copies--)
            {
                _arriving.Enqueue((sent.Socket, GenerationOf(sent.Socket), ClientRig.AnswerTo(sent.Packet, RadiusCode.AccessAccept)),
                    rig.Now + (random.Next(10) == 0 ? random.Next(20_000) : random.Next(100)));
            }
        }
    }
}
