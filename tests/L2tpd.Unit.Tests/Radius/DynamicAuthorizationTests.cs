using System.Net;
using L2tpd.Radius.DynamicAuthorization;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>CoA- and Disconnect-Requests: who is heard, and what a duplicate gets.</summary>
public sealed class DynamicAuthorizationTests
{
    private const long VectorTime = 0x68a0_0000;

    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");
    private static readonly RequestSource Source = RequestSource.Of(Client, 40_000);

    [Theory]
    [InlineData(Vectors.V12Coa, 0, Vectors.V12Ack)]
    [InlineData(Vectors.V13Coa, 0, Vectors.V13Ack)]
    [InlineData(Vectors.V13Coa, 503, Vectors.V13Nak)]
    [InlineData(Vectors.V14Disconnect, 503, Vectors.V14Nak)]
    [InlineData(Vectors.V15Disconnect, 503, Vectors.V15Nak)]
    public void Requests_of_radclient_and_pyrad_are_answered_as_they_expect(string request, uint cause, string answer)
    {
        var server = Server();
        var received = server.Receive(Source, Convert.FromHexString(request), 0, VectorTime, out _);
        Assert.NotNull(received);
        Assert.Equal(answer, Convert.ToHexStringLower(server.Answer(received, cause).Span));
        Assert.Equal((1L, cause == 0 ? 1L : 0L), (server.Counters.Requests, server.Counters.Acks));
    }

    [Fact]
    public void Only_listed_addresses_with_the_right_secret_are_heard()
    {
        var server = Server();
        var coa = Convert.FromHexString(Vectors.V13Coa);
        Assert.Null(server.Receive(RequestSource.Of(IPAddress.Parse("192.0.2.2"), 40_000), coa, 0, VectorTime, out _));
        Assert.Null(server.Receive(RequestSource.Of(IPAddress.Parse("2001:db8::2"), 40_000), coa, 0, VectorTime, out _));
        // Of two clients each has its own secret.
        Assert.Null(server.Receive(RequestSource.Of(IPAddress.Parse("2001:db8::1"), 40_000), coa, 0, VectorTime, out _));
        Assert.Equal((2L, 1L), (server.Counters.Strangers, server.Counters.BadAuthenticators));
        for (var bit = 0; bit < coa.Length * 8; bit++)
        {
            var flipped = (byte[])coa.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(server.Receive(Source, flipped, 0, VectorTime, out var repeated));
            Assert.True(repeated.IsEmpty);
        }

        Assert.Equal(0, server.Remembered);
        Assert.NotNull(server.Receive(Source, coa, 0, VectorTime, out _));
    }

    [Theory]
    [InlineData(RadiusCode.AccessRequest)]
    [InlineData(RadiusCode.AccountingRequest)]
    [InlineData(RadiusCode.StatusServer)]
    [InlineData(RadiusCode.CoaAck)]
    [InlineData(RadiusCode.DisconnectNak)]
    public void Other_codes_are_not_answered(RadiusCode code)
    {
        var server = Server();
        Assert.Null(server.Receive(Source, Request(code, 1), 0, VectorTime, out _));
        Assert.Equal(1, server.Counters.Malformed);
    }

    [Theory]
    [InlineData(-301, false)]
    [InlineData(-300, true)]
    [InlineData(300, true)]
    [InlineData(301, false)]
    public void An_event_of_another_time_is_dropped(long offset, bool isTaken)
    {
        var server = Server();
        var request = server.Receive(Source, Convert.FromHexString(Vectors.V12Coa), 0, VectorTime + offset, out _);
        Assert.Equal(isTaken, request is not null);
        Assert.Equal(isTaken ? 0 : 1, server.Counters.OutOfTime);
    }

    [Fact]
    public void A_request_without_the_time_of_its_event_is_dropped_where_it_is_required()
    {
        var server = Server(requiresTimestamp: true);
        Assert.Null(server.Receive(Source, Convert.FromHexString(Vectors.V13Coa), 0, VectorTime, out _));
        Assert.NotNull(server.Receive(Source, Convert.FromHexString(Vectors.V12Coa), 0, VectorTime, out _));
        // Not a time at all.
        var three = Request(
            RadiusCode.CoaRequest, 1, static (ref PacketBuilder packet) => packet.Add(AttributeType.EventTimestamp, [1, 2, 3]));
        Assert.Null(Server().Receive(Source, three, 0, VectorTime, out _));
    }

    [Fact]
    public void A_duplicate_gets_the_same_answer_and_is_not_performed_again()
    {
        var server = Server();
        var coa = Convert.FromHexString(Vectors.V13Coa);
        var first = server.Receive(Source, coa, 0, VectorTime, out _)!;
        // We are still at it: the duplicate gets silence.
        Assert.Null(server.Receive(Source, coa, 1, VectorTime, out var repeated));
        Assert.True(repeated.IsEmpty);
        var answer = server.Answer(first, 0);
        Assert.Null(server.Receive(Source, coa, DynamicAuthorizationServer.DuplicateWindow, VectorTime, out repeated));
        Assert.Equal(answer.ToArray(), repeated.ToArray());
        Assert.Equal((2L, 1L), (server.Counters.Duplicates, server.Counters.Acks));
        // From another port, or later, it is another request.
        Assert.NotNull(server.Receive(Source with { Port = 40_001 }, coa, 1, VectorTime, out _));
        Assert.NotNull(server.Receive(Source, coa, DynamicAuthorizationServer.DuplicateWindow + 1, VectorTime, out _));
    }

    [Fact]
    public void State_and_Proxy_State_come_back_in_their_order()
    {
        var server = Server();
        var request = Request(RadiusCode.CoaRequest, 9, static (ref PacketBuilder packet) =>
        {
            packet.Add(AttributeType.ProxyState, [1]);
            packet.Add(AttributeType.State, [2]);
            packet.Add(AttributeType.ProxyState, [3]);
        });
        var answer = server.Answer(server.Receive(Source, request, 0, VectorTime, out _)!, 401).ToArray();
        Assert.Equal(["01", "03"], AccessRig.ValuesOf(answer, AttributeType.ProxyState));
        Assert.Equal("02", Assert.Single(AccessRig.ValuesOf(answer, AttributeType.State)));
        Assert.Equal("00000191", Assert.Single(AccessRig.ValuesOf(answer, AttributeType.ErrorCause)));
        RadiusPacket.TryParse(answer, out var parsed);
        Assert.Equal((byte)AttributeType.MessageAuthenticator, answer[RadiusPacket.HeaderSize]);
        Assert.True(Authenticators.VerifyAnswer(parsed, request.AsSpan(4, 16), "testing123"u8));
    }

    [Fact]
    public void A_million_forged_requests_of_strangers_cost_no_memory()
    {
        var server = Server();
        var coa = Convert.FromHexString(Vectors.V13Coa);
        server.Receive(RequestSource.OfIpv4(1, 1), coa, 0, VectorTime, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0u; i < 1_000_000; i++)
            server.Receive(RequestSource.OfIpv4(0x0a00_0000 + i, (ushort)i), coa, 0, VectorTime, out _);
        // Not per request: the runtime itself may allocate a little.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Equal((1_000_001L, 0), (server.Counters.Strangers, server.Remembered));
    }

    [Fact]
    public void Forged_requests_with_the_address_of_a_client_leave_no_state_and_the_client_is_heard()
    {
        var server = Server();
        var forged = Request(RadiusCode.DisconnectRequest, 1, secret: "guessed");
        for (var i = 0; i < 50_000; i++)
        {
            forged[1] = (byte)i;
            Assert.Null(server.Receive(Source with { Port = (ushort)i }, forged, 0, VectorTime, out _));
        }

        Assert.Equal((50_000L, 0), (server.Counters.BadAuthenticators, server.Remembered));
        Assert.NotNull(server.Receive(Source, Convert.FromHexString(Vectors.V13Coa), 0, VectorTime, out _));
    }

    [Fact]
    public void What_a_client_asks_by_the_thousand_is_remembered_up_to_a_bound()
    {
        var server = Server();
        var coa = Convert.FromHexString(Vectors.V13Coa);
        for (var port = 1; port <= 10_000; port++)
            server.Answer(server.Receive(Source with { Port = (ushort)port }, coa, 0, VectorTime, out _)!, 0);
        Assert.Equal(DynamicAuthorizationServer.MostRemembered, server.Remembered);
        server.Receive(Source with { Port = 1 }, coa, DynamicAuthorizationServer.DuplicateWindow + 1, VectorTime, out _);
        Assert.Equal(1, server.Remembered);
    }

    private static DynamicAuthorizationServer Server(bool requiresTimestamp = false) => new(
        [
            new DynamicAuthorizationClient("main", Client, "testing123"u8.ToArray()),
            new DynamicAuthorizationClient("other", IPAddress.Parse("2001:db8::1"), "other"u8.ToArray()),
        ],
        requiresTimestamp);

    private static byte[] Request(RadiusCode code, byte identifier, Attributes? attributes = null, string secret = "testing123")
    {
        var builder = new PacketBuilder(
            new byte[RadiusPacket.MaxSize], code, identifier, System.Text.Encoding.ASCII.GetBytes(secret), new byte[16], false);
        builder.AddText(AttributeType.AcctSessionId, "00000001");
        attributes?.Invoke(ref builder);
        return builder.Seal().ToArray();
    }
}
