using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>When a server is suspect, dead and alive again (RFC 3539 section 3.4, RFC 5997).</summary>
public sealed class ServerHealthTests
{
    private static readonly ServerGroup Both = new([0, 1]);

    [Fact]
    public void Three_requests_in_a_row_without_an_answer_make_it_suspect_and_the_other_is_tried_first()
    {
        var rig = new ClientRig(ClientRig.Server("a"), ClientRig.Server("b"));
        for (ulong i = 0; i < 3; i++)
        {
            Assert.Equal(ServerState.Alive, rig.Client.StateOf(0));
            rig.Submit(i, group: Both);
            rig.RunTo(rig.Now + 6_000);
            rig.Answer(rig.Last);
        }

        Assert.Equal(ServerState.Suspect, rig.Client.StateOf(0));
        rig.Submit(3, group: Both);
        Assert.Equal(1, rig.Last.Socket.Server);
    }

    [Fact]
    public void An_answer_in_between_begins_the_count_anew()
    {
        var rig = new ClientRig(ClientRig.Server("a"));
        for (ulong i = 0; i < 9; i++)
        {
            rig.Submit(i);
            if (i % 3 == 2)
                rig.Answer(rig.Last);
            rig.RunTo(rig.Now + 6_000);
        }

        Assert.Equal(ServerState.Alive, rig.Client.StateOf(0));
    }

    [Fact]
    public void Without_an_answer_for_the_suspect_time_it_is_dead_and_after_the_dead_time_one_request_tries_it()
    {
        var rig = new ClientRig(ClientRig.Server("a"), ClientRig.Server("b"));
        Kill(rig);
        rig.Submit(100, group: Both);
        Assert.Equal(1, rig.Last.Socket.Server);
        rig.Answer(rig.Last);
        rig.RunTo(rig.Now + 60_000);
        rig.Submit(101, group: Both);
        Assert.Equal(0, rig.Last.Socket.Server);
        rig.Submit(102, group: Both);
        Assert.Equal(1, rig.Last.Socket.Server);
        rig.Answer(rig.Sent[^2]);
        Assert.Equal(ServerState.Alive, rig.Client.StateOf(0));
        rig.Submit(103, group: Both);
        Assert.Equal(0, rig.Last.Socket.Server);
    }

    [Fact]
    public void A_server_with_status_server_is_probed_and_three_answers_make_it_alive()
    {
        var rig = new ClientRig(ClientRig.Server("a") with { HasStatusServer = true }, ClientRig.Server("b"));
        for (ulong i = 0; i < 3; i++)
        {
            rig.Submit(i, group: new ServerGroup([0]));
            rig.RunTo(rig.Now + 6_000);
        }

        var suspectAt = rig.Now;
        rig.Sent.Clear();
        for (var answers = 1; answers <= 3; answers++)
        {
            Assert.Equal(ServerState.Suspect, rig.Client.StateOf(0));
            rig.RunTo(suspectAt + (answers * 30_000));
            Assert.Equal((suspectAt + (answers * 30_000), (byte)RadiusCode.StatusServer), (rig.Last.At, rig.Last.Packet[0]));
            rig.Client.Receive(rig.Last.Socket,
                ClientRig.AnswerTo(rig.Last.Packet, RadiusCode.AccessAccept, withMessageAuthenticator: false), rig.Now);
        }

        Assert.Equal(ServerState.Alive, rig.Client.StateOf(0));
        rig.RunTo(rig.Now + 300_000);
        Assert.Equal(3, rig.Sent.Count);
    }

    [Fact]
    public void A_probe_is_never_retransmitted_and_one_without_an_answer_begins_the_count_anew()
    {
        var rig = new ClientRig(ClientRig.Server("a") with { HasStatusServer = true });
        for (ulong i = 0; i < 3; i++)
        {
            rig.Submit(i);
            rig.RunTo(rig.Now + 6_000);
        }

        var suspectAt = rig.Now;
        rig.Sent.Clear();
        for (var probe = 1; probe <= 6; probe++)
        {
            rig.RunTo(suspectAt + (probe * 30_000));
            Assert.Equal(probe, rig.Sent.Count);
            // Every third one has no answer: of the six, no three consecutive ones have one.
            if (probe % 3 != 0)
                rig.Answer(rig.Last);
        }

        Assert.Equal(ServerState.Dead, rig.Client.StateOf(0));
        Assert.Equal(6, rig.Sent.Select(s => Convert.ToHexString(s.Packet)).Distinct().Count());
    }

    [Fact]
    public void When_all_are_dead_the_one_that_has_been_dead_for_longest_is_tried()
    {
        var rig = new ClientRig(ClientRig.Server("a"), ClientRig.Server("b"));
        Kill(rig);
        Kill(rig, server: 1, first: 200);
        Assert.Equal((ServerState.Dead, ServerState.Dead), (rig.Client.StateOf(0), rig.Client.StateOf(1)));
        rig.Submit(300, group: new ServerGroup([1, 0]));
        Assert.Equal(0, rig.Last.Socket.Server);
    }

    /// <summary>Sends requests without answers until the server is dead.</summary>
    private static void Kill(ClientRig rig, int server = 0, ulong first = 0)
    {
        for (var i = first; rig.Client.StateOf(server) != ServerState.Dead; i++)
        {
            rig.Submit(i, group: new ServerGroup([server]));
            rig.RunTo(rig.Now + 6_000);
        }
    }
}
