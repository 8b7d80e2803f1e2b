using L2tpd.Radius.Wire;

namespace L2tpd.Radius.DynamicAuthorization;

/// <summary>
/// The receiver of CoA- and Disconnect-Requests (RFC 5176), without I/O: it takes datagrams and the time, and hands out requests that a
/// listed client made, each once. It owns the list of clients, the proof of each request and the memory of duplicates. What a request
/// means is the concern of its caller, who answers it by <see cref="Answer"/>.
/// </summary>
/// <remarks>
/// One thread. A request is unanswered, answered (a duplicate gets the same octets again) or forgotten after
/// <see cref="DuplicateWindow"/>. A datagram that proves nothing changes only a counter and is not answered: the list of addresses is
/// looked up before anything is read or computed, and one MD5 and one HMAC are the most that a forged datagram costs.
/// </remarks>
public sealed class DynamicAuthorizationServer
{
    /// <summary>How long a request is remembered, milliseconds: a duplicate within this time is not performed again.</summary>
    public const long DuplicateWindow = 300_000;

    /// <summary>Most seconds between Event-Timestamp and our time (RFC 5176 section 6.3).</summary>
    public const long EventWindow = 300;

    /// <summary>Requests that are remembered; beyond them the oldest is forgotten.</summary>
    public const int MostRemembered = 4_096;

    private readonly Dictionary<UInt128, DynamicAuthorizationClient> _clients = [];
    private readonly Dictionary<DynamicRequestKey, DynamicRequest> _remembered = [];
    private readonly Queue<DynamicRequest> _byAge = new();
    private readonly byte[] _buffer = new byte[RadiusPacket.MaxSize];
    private readonly bool _requiresTimestamp;

    /// <param name="clients">Who may send requests. Of two with one address the first counts.</param>
    /// <param name="requiresTimestamp">Whether a request without Event-Timestamp is dropped.</param>
    public DynamicAuthorizationServer(IEnumerable<DynamicAuthorizationClient> clients, bool requiresTimestamp = false)
    {
        foreach (var client in clients)
            _clients.TryAdd(RequestSource.Of(client.Address, 0).Address, client);
        _requiresTimestamp = requiresTimestamp;
    }

    /// <summary>What became of all datagrams.</summary>
    public DynamicAuthorizationCounters Counters { get; } = new();

    /// <summary>Requests that are remembered.</summary>
    public int Remembered => _remembered.Count;

    /// <summary>Takes a datagram.</summary>
    /// <param name="source">Who sent it.</param>
    /// <param name="datagram">Its octets.</param>
    /// <param name="now">Milliseconds.</param>
    /// <param name="unixTime">Seconds since 1970.</param>
    /// <param name="repeated">For a duplicate: the answer to send again; otherwise empty.</param>
    /// <returns>A new request, to be answered once; <c>null</c>: there is none.</returns>
    public DynamicRequest? Receive(
        in RequestSource source, ReadOnlySpan<byte> datagram, long now, long unixTime, out ReadOnlyMemory<byte> repeated)
    {
        repeated = default;
        if (!_clients.TryGetValue(source.Address, out var client))
        {
            Counters.Strangers++;
            return null;
        }

        if (RadiusPacket.TryParse(datagram, out var packet) != RadiusDecodeError.None
            || packet.Code is not (RadiusCode.CoaRequest or RadiusCode.DisconnectRequest))
        {
            Counters.Malformed++;
            return null;
        }

        if (!Authenticators.VerifyRequest(packet, client.Secret))
        {
            Counters.BadAuthenticators++;
            return null;
        }

        if (!IsTimely(packet, unixTime))
        {
            Counters.OutOfTime++;
            return null;
        }

        var key = DynamicRequestKey.Of(source, packet);
        Forget(now);
        if (_remembered.TryGetValue(key, out var known))
        {
            Counters.Duplicates++;
            repeated = known.Reply;
            return null;
        }

        Counters.Requests++;
        return Remember(new DynamicRequest(client, key, packet, now));
    }

    /// <summary>Makes the answer to a request: an ACK, or a NAK with an Error-Cause.</summary>
    /// <param name="request">As <see cref="Receive"/> returned it.</param>
    /// <param name="errorCause">Error-Cause (RFC 5176 section 3.6); 0: the request was carried out.</param>
    /// <returns>The packet, sealed with the client's secret.</returns>
    public ReadOnlyMemory<byte> Answer(DynamicRequest request, uint errorCause)
    {
        if (!request.Reply.IsEmpty)
            return request.Reply;

        var packet = request.Packet;
        var isChange = packet.Code == RadiusCode.CoaRequest;
        var code = errorCause == 0
            ? isChange ? RadiusCode.CoaAck : RadiusCode.DisconnectAck
            : isChange ? RadiusCode.CoaNak : RadiusCode.DisconnectNak;
        var builder = new PacketBuilder(
            _buffer, code, packet.Identifier, request.Client.Secret, packet.Authenticator, withMessageAuthenticator: true);
        if (errorCause != 0)
            builder.AddUInt32(AttributeType.ErrorCause, errorCause);
        // RFC 5176 sections 3.1 and 3.2: State and Proxy-State are copied unchanged and in their order.
        foreach (var attribute in packet.Attributes)
        {
            if (attribute.Type is AttributeType.State or AttributeType.ProxyState)
                builder.Add(attribute.Type, attribute.Value);
        }

        if (errorCause == 0)
            Counters.Acks++;
        else
            Counters.Naks++;
        request.Complete(builder.Seal().ToArray());
        return request.Reply;
    }

    private bool IsTimely(in RadiusPacket packet, long unixTime) =>
        packet.TryFindUInt32(AttributeType.EventTimestamp, out var time)
            ? Math.Abs(unixTime - time) <= EventWindow
            : !_requiresTimestamp && !packet.TryFind(AttributeType.EventTimestamp, out _);

    private DynamicRequest Remember(DynamicRequest request)
    {
        _remembered[request.Key] = request;
        _byAge.Enqueue(request);
        if (_remembered.Count > MostRemembered)
            _remembered.Remove(_byAge.Dequeue().Key);
        return request;
    }

    private void Forget(long now)
    {
        while (_byAge.TryPeek(out var oldest) && now - oldest.Received > DuplicateWindow)
            _remembered.Remove(_byAge.Dequeue().Key);
    }
}
