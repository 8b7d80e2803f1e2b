using L2tpd.Ipsec.Vici;

namespace L2tpd.Unit.Tests.Ipsec;

public sealed class ViciClientTests : IViciObserver
{
    private readonly ViciClient _client;
    private readonly List<string> _seen = [];

    public ViciClientTests() => _client = new ViciClient(["child-updown", "alert"], this);

    void IViciObserver.OnReady() => _seen.Add("ready");

    void IViciObserver.OnEvent(in ViciPacket packet) => _seen.Add("event " + packet.Name);

    [Fact]
    public void Events_are_registered_one_after_the_other_and_a_missing_one_is_left_out()
    {
        _client.Open(0);
        Assert.Equal(ViciWriter.Register("child-updown"), Sent());
        Assert.False(_client.TryTakeOutgoing(out _));
        Assert.Null(Receive(ViciPacketType.EventConfirm));
        Assert.Equal(ViciWriter.Register("alert"), Sent());
        Assert.False(_client.IsReady);
        Assert.Null(Receive(ViciPacketType.EventUnknown));
        Assert.True(_client.IsReady);
        Assert.Equal(["alert"], _client.MissingEvents);
        Assert.Equal(["ready"], _seen);
    }

    [Fact]
    public void A_command_waits_for_the_response_of_the_one_before()
    {
        Ready();
        Request("one");
        Request("two");
        Assert.Equal(ViciWriter.Command("one", new ViciSection()), Sent());
        Assert.False(_client.TryTakeOutgoing(out _));
        Assert.Null(Receive(ViciPacketType.Event, "child-updown"));
        Assert.Null(Receive(ViciPacketType.CommandResponse));
        Assert.Equal(ViciWriter.Command("two", new ViciSection()), Sent());
        Assert.Null(Receive(ViciPacketType.CommandResponse, null, new ViciSection().Add("success", "no").Add("errmsg", "no SA")));
        Assert.Equal(["ready", "event child-updown", "one done", "two no SA"], _seen);
        Assert.Equal(long.MaxValue, _client.Deadline);
    }

    [Fact]
    public void A_command_that_the_server_does_not_have_fails_in_words()
    {
        Ready();
        Request("steal");
        Receive(ViciPacketType.CommandUnknown);
        Assert.Equal("steal this strongSwan does not have the command steal", _seen[^1]);
    }

    [Fact]
    public void A_command_has_a_time_limit_and_all_fail_when_the_connection_is_closed()
    {
        Ready();
        Request("one");
        Request("two");
        Assert.Equal(105, _client.Deadline);
        Assert.False(_client.IsOverdue(104));
        Assert.True(_client.IsOverdue(105));
        _client.Close("no answer");
        Assert.Equal(["ready", "one no answer", "two no answer"], _seen);
        Request("three");
        Assert.Equal("three there is no connection to strongSwan", _seen[^1]);
    }

    [Fact]
    public void A_command_given_from_a_failed_one_does_not_fail_with_it()
    {
        Ready();
        _client.Request("one", new ViciSection(), 1, 0, _ => Request("again"));
        _client.Close("gone");
        Assert.Equal(["ready", "again there is no connection to strongSwan"], _seen);
    }

    [Fact]
    public void Waiting_commands_are_bounded()
    {
        Ready();
        for (var i = 0; i <= ViciClient.MaxWaiting; i++)
            Request("c");
        Assert.Equal(["ready"], _seen);
        Request("c");
        Assert.Equal($"c {ViciClient.MaxWaiting} commands wait for strongSwan already", _seen[^1]);
    }

    [Theory]
    [InlineData(ViciPacketType.CommandResponse)]
    [InlineData(ViciPacketType.EventConfirm)]
    [InlineData(ViciPacketType.CommandRequest)]
    public void A_packet_that_nobody_asked_for_ends_the_connection(ViciPacketType type)
    {
        Ready();
        Assert.NotNull(Receive(type));
    }

    [Fact]
    public void A_response_that_cannot_be_read_ends_the_connection()
    {
        Ready();
        Request("one");
        Assert.Equal("strongSwan's response to one cannot be read: UnknownElementType", _client.Receive([0, 0, 0, 2, 1, 9], 0));
    }

    [Fact]
    public void A_second_connection_begins_from_the_start()
    {
        Ready();
        _client.Receive([0, 0, 0, 9, 1], 0);
        _client.Close("gone");
        while (_client.TryTakeOutgoing(out _))
            continue;
        Ready();
        Request("one");
        Assert.Null(Receive(ViciPacketType.CommandResponse));
        Assert.Equal("one done", _seen[^1]);
    }

    private void Ready()
    {
        _client.Open(0);
        Receive(ViciPacketType.EventConfirm);
        Receive(ViciPacketType.EventConfirm);
        while (_client.TryTakeOutgoing(out _))
            continue;
    }

    private void Request(string name) =>
        _client.Request(name, new ViciSection(), 5, 100, result => _seen.Add($"{name} {result.Error ?? "done"}"));

    private byte[] Sent()
    {
        Assert.True(_client.TryTakeOutgoing(out var packet));
        return packet;
    }

    private string? Receive(ViciPacketType type, string? name = null, ViciSection? message = null) =>
        _client.Receive(ViciWriter.Packet(type, name, message ?? new ViciSection()), 0);
}
