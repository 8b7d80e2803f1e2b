using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>
/// Random requests to servers that lose, repeat and delay answers and fail: every request ends once, by an answer to itself or by none.
/// </summary>
public sealed class ClientSimulationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_request_ends_once_over_lossy_links_to_servers_that_die(int number)
    {
        var seed = Seeds.One(output.WriteLine, 20_261_128 + number);
        var random = new Random(seed);
        var rig = new ClientRig(
            ClientRig.Server("a") with { HasStatusServer = true, MaxOutstanding = 40, MaxQueued = 30 },
            ClientRig.Server("b") with { MaxOutstanding = 300 });
        var arriving = new PriorityQueue<(ServerSocket Socket, byte[] Datagram), long>();
        var down = new bool[2];
        var handled = 0;
        ulong submitted = 0;
        var (cancelled, stops) = (new HashSet<ulong>(), new HashSet<ulong>());
        for (var step = 0; step < 20_000; step++)
        {
            if (step < 18_000 && random.Next(2) == 0)
                Submit(rig, submitted++, random, stops);
            if (random.Next(200) == 0)
                down[random.Next(2)] ^= true;
            if (submitted > 0 && random.Next(50) == 0)
                Cancel(rig, cancelled, (ulong)random.NextInt64((long)submitted));
            rig.RunTo(rig.Now + random.Next(40));
            for (; handled < rig.Sent.Count; handled++)
                Serve(rig.Sent[handled], down, random, arriving, rig.Now);
            while (arriving.TryPeek(out var arrival, out var at) && at <= rig.Now)
            {
                arriving.Dequeue();
                rig.Client.Receive(arrival.Socket, arrival.Datagram, rig.Now);
            }
        }

        rig.RunTo(rig.Now + 120_000);
        Assert.Equal(0, rig.Client.Outstanding);
        var ended = rig.Outcomes.Select(IdOf).ToArray();
        Assert.Equal(ended.Length, ended.Distinct().Count());
        Assert.Empty(ended.Intersect(cancelled));
        Assert.Equal((int)submitted, ended.Length + cancelled.Count);
        Assert.Contains(rig.Outcomes, o => o.EndsWith("unanswered", StringComparison.Ordinal));
        Assert.Contains(rig.Outcomes, o => o.EndsWith("AccessAccept from 1", StringComparison.Ordinal));
        // An answer that arrives after its identifier has rested, or a second copy, may meet another request: it does not verify for it.
        Assert.True(rig.Client.CountersOf(0).BadAuthenticators > 0, "no late answer met another request: the simulation is too tame");
        Assert.All(rig.Outcomes, o => Assert.True(
            o.EndsWith("unanswered", StringComparison.Ordinal)
                || o.Contains("AccountingResponse", StringComparison.Ordinal) == stops.Contains(IdOf(o)), o));
        output.WriteLine($"{submitted} requests, {rig.Sent.Count} packets, {rig.Client.CountersOf(0).Unexpected} late or repeated answers "
            + "at the first server");
    }

    private static ulong IdOf(string outcome) => ulong.Parse(outcome.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static void Submit(ClientRig rig, ulong id, Random random, HashSet<ulong> stops)
    {
        if (random.Next(3) == 0)
            stops.Add(id);
        rig.Submit(id, stops.Contains(id) ? new ClientRig.StopRequest() : new ClientRig.PapRequest((uint)id), Group(random));
    }

    private static ServerGroup Group(Random random) =>
        new(random.Next(2) == 0 ? [0, 1] : [1, 0], random.Next(2) == 0 ? GroupPolicy.Failover : GroupPolicy.Balance);

    private static void Cancel(ClientRig rig, HashSet<ulong> cancelled, ulong id)
    {
        var before = rig.Client.Outstanding;
        rig.Client.Cancel(id, rig.Now);
        if (rig.Client.Outstanding < before)
            cancelled.Add(id);
    }

    /// <summary>
    /// A server that is down does not answer; one that is up may lose a packet, be slower than every wait, and answer twice.
    /// </summary>
    private static void Serve(
        (long At, ServerSocket Socket, byte[] Packet) sent, bool[] down, Random random, PriorityQueue<(ServerSocket, byte[]),
        long> arriving, long now)
    {
        if (down[sent.Socket.Server] || random.Next(5) == 0)
            return;
        var code = sent.Socket.Service == RadiusService.Accounting ? RadiusCode.AccountingResponse : RadiusCode.AccessAccept;
        for (var copies = random.Next(8) == 0 ? 2 : 1; copies > 0; copies--)
        {
            arriving.Enqueue((sent.Socket, ClientRig.AnswerTo(sent.Packet, code)), now
                + (random.Next(10) == 0 ? random.Next(40_000) : random.Next(100)));
        }
    }
}
