using System.Net;
using System.Text;
using L2tpd.Control;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Inputs;
using L2tpd.Operations.Control;
using L2tpd.Operations.Tracing;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Tracing;
using L2tpd.Unit.Tests.Cli;
using L2tpd.Unit.Tests.Operations.Control;
using L2tpd.Unit.Tests.Protocol;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Unit.Tests.Operations.Tracing;

public sealed class TraceTests
{
    private static readonly byte[] Pap = Convert.FromHexString("c0230101000d03626f620470617373");

    private readonly EnginePair _pair = new(7, EnginePair.Tunnel("up", new LacSession { Name = "a" }, new LacSession { Name = "b" }));
    private readonly TraceTap _tap = new();
    private readonly Dictionary<SessionKey, string> _users = [];
    private readonly TraceHub _hub;
    private readonly ITestOutputHelper _output;

    public TraceTests(ITestOutputHelper output) =>
        (_output, _hub) = (output, new TraceHub(_pair.Lns, _tap, new Sink(), key => _users.GetValueOrDefault(key)));

    private Session First => _pair.Lns.Tunnels.Single().Sessions.Values.MinBy(static session => session.LocalId.Value)!;

    private Session Second => _pair.Lns.Tunnels.Single().Sessions.Values.MaxBy(static session => session.LocalId.Value)!;

    [Fact]
    public async Task Nobody_listens_before_a_trace_begins_and_after_it_ends()
    {
        Assert.Null(_tap.Listener);
        var reader = _hub.Open(Request("carrier"));
        Assert.NotNull(_tap.Listener);
        await reader.DisposeAsync();
        Assert.Null(_tap.Listener);
    }

    [Fact]
    public void The_number_of_traces_is_bounded()
    {
        for (var i = 0; i < TraceHub.MaxReaders; i++)
            _hub.Open(Request("carrier"));
        Assert.Throws<ControlUnavailableException>(() => _hub.Open(Request("carrier")));
    }

    [Theory]
    [InlineData("carrier", true)]
    [InlineData("192.0.2.1", true)]
    [InlineData("192.0.2.9", false)]
    [InlineData("another", false)]
    public void A_peer_is_known_by_profile_or_address_before_it_has_a_tunnel(string name, bool matches)
    {
        var reader = _hub.Open(Request(name));
        Control(ControlMessageTextTests.Message((0, 0, false, [0, 1]), (0, 7, false, "lac"u8.ToArray())), tunnel: 0);
        Assert.Equal(matches, reader.HasMore);
    }

    [Fact]
    public async Task A_message_of_one_session_is_shown_to_who_traces_it_by_name_id_or_user_and_to_nobody_else()
    {
        _users[First.Key] = "bob";
        var byName = _hub.Open(Request(First.Name));
        var byId = _hub.Open(Request(NameLookup.Id(First)));
        var byUser = _hub.Open(Request("bob"));
        var other = _hub.Open(Request(Second.Name));
        Control(Cdn(First), First.Tunnel.LocalId.Value);
        foreach (var reader in new[] { byName, byId, byUser })
            Assert.StartsWith("CDN ", (await Next(reader)).Text, StringComparison.Ordinal);
        Assert.False(other.HasMore);
    }

    [Fact]
    public async Task A_user_is_traced_from_the_frame_with_the_name_on()
    {
        var reader = _hub.Open(Request("bob"));
        _tap.Listener!.OnFrame(false, Second.Key, null, Pap);
        Assert.False(reader.HasMore);
        _tap.Listener.OnFrame(false, First.Key, "bob", Pap);
        _tap.Listener.OnFrame(true, First.Key, null, Convert.FromHexString("c021050100046279"));
        _tap.Listener.OnFrame(false, Second.Key, "eve", Pap);
        Control(Cdn(First), First.Tunnel.LocalId.Value);
        var view = await Next(reader);
        Assert.Equal(("ppp", "in", "bob", "PAP Authenticate-Request id 1"), (view.Kind, view.Direction, view.User, view.Text));
        Assert.Equal("LCP Terminate-Request id 1", (await Next(reader)).Text);
        Assert.Equal("control", (await Next(reader)).Kind);
        Assert.False(reader.HasMore);
    }

    [Fact]
    public async Task A_frame_has_the_header_of_a_data_message_and_no_password()
    {
        var reader = _hub.Open(Request("carrier"));
        _tap.Listener!.OnFrame(true, First.Key, "bob", Pap);
        var octets = Convert.FromBase64String((await Next(reader)).Octets!);
        Assert.True(octets.AsSpan().IndexOf("bob"u8) > 0);
        Assert.True(octets.AsSpan().IndexOf("pass"u8) < 0);
        Assert.Equal(Convert.ToHexStringLower([0, 2, .. Id(First.Tunnel.PeerId.Value), .. Id(First.PeerId.Value)]),
            Convert.ToHexStringLower(octets[..6]));
    }

    [Fact]
    public async Task A_flood_is_bounded_and_counted_and_the_loop_does_not_wait()
    {
        var reader = _hub.Open(Request("carrier"));
        var message = Cdn(First);
        const int flood = 200_000;
        for (var i = 0; i < flood; i++)
            Control(message, First.Tunnel.LocalId.Value);
        var kept = 0;
        for (; reader.HasMore; kept++)
            await Next(reader);
        Assert.Equal(TraceReader.Capacity, kept);
        Assert.Equal(flood - kept, reader.Missed);
    }

    [Fact]
    public void A_message_of_any_length_is_cut_and_none_throws()
    {
        var random = new Random(Seeds.One(_output.WriteLine));
        _hub.Open(Request("carrier"));
        for (var i = 0; i < 5_000; i++)
        {
            var message = new byte[random.Next(i % 100 == 0 ? 60_000 : 80)];
            random.NextBytes(message);
            Control(message, null);
            _tap.Listener!.OnFrame(i % 2 == 0, First.Key, null, message);
        }
    }

    [Fact]
    public async Task The_command_prints_until_the_count_is_reached_and_escapes_what_peers_wrote()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Traces = _hub;
        var running = CliRun.Piped(server.SocketPath, "trace", "carrier", "--count", "1");
        for (var i = 0; i < 1_000 && _tap.Listener is null; i++)
            await Task.Delay(10);
        Control(ControlMessageTextTests.Message((0, 0, false, [0, 1]), (0, 7, false, "l\u001bc"u8.ToArray())), tunnel: 0);
        var run = await running;
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(
            @"^\d\d:\d\d:\d\d\.\d{6} < 192\.0\.2\.1:1701 SCCRQ v2 tunnel 0 session 0 Ns 5 Nr 6\n    Host Name: ""l\\x1bc""\n$", run.Out);
        Assert.Equal(
            "l2tpctl: tracing carrier: 1 tunnels, 0 other sessions now\nl2tpctl: the count is reached: 1 shown, 0 left out\n", run.Error);
    }

    [Fact]
    public async Task A_trace_ends_with_its_time_or_its_client()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Traces = _hub;
        var run = await CliRun.Piped(server.SocketPath, "--json", "trace", "nobody", "--for", "1s");
        Assert.Equal("", run.Out);
        Assert.Contains("no peer, tunnel, session or user has this name now", run.Error, StringComparison.Ordinal);
        Assert.Contains("the time is over: 0 shown, 0 left out", run.Error, StringComparison.Ordinal);
        using (var leaving = new CancellationTokenSource())
        {
            await using var views = server.Client.TraceAsync("carrier", cancellation: leaving.Token).GetAsyncEnumerator(leaving.Token);
            Assert.True(await views.MoveNextAsync());
            Assert.NotNull(_tap.Listener);
        }

        for (var i = 0; i < 1_000 && _tap.Listener is not null; i++)
            await Task.Delay(10);
        Assert.Null(_tap.Listener);
    }

    [Theory]
    [InlineData("", "the query must have name=")]
    [InlineData("?name=a&for=0", "for must be a number from 1 to 86400")]
    [InlineData("?name=a&count=x", "count must be a number from 1 to 10000000")]
    public async Task A_wrong_query_is_refused(string query, string problem)
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Traces = _hub;
        Assert.Contains(problem, await EventEndpointTests.Get(server, "/v1/trace" + query), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--for 0", "--for: \"0\" is not a time from 1s to 24h, as 90s, 10m or 2h")]
    [InlineData("--for 25h", "--for: \"25h\" is not a time from 1s to 24h, as 90s, 10m or 2h")]
    [InlineData("--count -1", "--count: \"-1\" is not a number from 1 to 10000000")]
    public async Task A_wrong_option_is_refused(string options, string problem)
    {
        var run = await CliRun.Piped("/nowhere", ["trace", "a", .. options.Split(' ')]);
        Assert.Contains(problem, run.Error, StringComparison.Ordinal);
    }

    private static TraceRequest Request(string name) => new(name, TimeSpan.FromMinutes(1), 1_000_000);

    private static async Task<TraceView> Next(TraceReader reader) =>
        TraceViews.From((await reader.ReadAsync(TimeSpan.FromSeconds(10), CancellationToken.None))!);

    private static byte[] Id(uint id) => [(byte)(id >> 8), (byte)id];

    private static byte[] Cdn(Session session)
    {
        var message = ControlMessageTextTests.Message((0, 0, false, [0, 14]), (0, 1, false, [0, 3]));
        Id(session.LocalId.Value).CopyTo(message, 6);
        return message;
    }

    private void Control(byte[] message, uint? tunnel)
    {
        if (tunnel is { } id)
            Id(id).CopyTo(message, 4);
        if (tunnel == 0)
            Id(0).CopyTo(message, 6);
        _tap.Listener!.OnControl(false, new Path(0, EnginePair.LnsEnd, EnginePair.LacEnd), default, message);
    }

    private sealed class Sink : IInputSink
    {
        public void Submit(EngineInput input) => throw new NotSupportedException();

        public void Post(EngineInput input) => throw new NotSupportedException();

        public void Post(Action work) => work();
    }
}
