using L2tpd.Radius.Wire;

namespace L2tpd.Radius.Client;

/// <summary>
/// The RADIUS client, without I/O: the host gives it requests, datagrams and the time, and it asks for packets to be sent
/// (<see cref="IRadiusEffects"/>). It owns identifiers, retransmission, the choice of servers and their health. A request goes to one
/// server with the same octets each time. If that server does not answer, the next one of the group is tried, until the request's budget is
/// used up. An answer counts only if its request is outstanding on that socket and everything in it verifies; any other datagram changes
/// only a counter. Not thread-safe: it belongs to one loop.
/// </summary>
public sealed partial class RadiusClient
{
    /// <summary>MRD of RFC 5080: how long a late answer may still arrive, and so how long an identifier without an answer rests.</summary>
    public const long IdentifierRest = 30_000;

    private readonly ServerLine[] _lines;
    private readonly IRadiusEffects _effects;
    private readonly IRadiusRandom _random;
    private readonly string _nasIdentifier;
    private readonly Dictionary<ulong, PendingRequest> _requests = [];
    private readonly PriorityQueue<IAwaiting, long> _deadlines = new();
    private readonly byte[] _buffer = new byte[RadiusPacket.MaxSize];

    /// <param name="servers">The servers; groups refer to them by index.</param>
    /// <param name="nasIdentifier">NAS-Identifier of Status-Server probes.</param>
    /// <param name="effects">The host.</param>
    /// <param name="random">A cryptographic generator.</param>
    /// <param name="counters">Counters by the names of servers, which go on from a former client; others begin at 0.</param>
    public RadiusClient(
        IReadOnlyList<RadiusServer> servers, string nasIdentifier, IRadiusEffects effects, IRadiusRandom random,
        IReadOnlyDictionary<string, ClientCounters>? counters = null)
    {
        _lines = [.. servers.Select((server, number) => new ServerLine(number, server, counters?.GetValueOrDefault(server.Name)))];
        (_nasIdentifier, _effects, _random) = (nasIdentifier, effects, random);
    }

    /// <summary>Number of requests that are neither answered nor given up.</summary>
    public int Outstanding => _requests.Count;

    /// <summary>When <see cref="HandleDeadline"/> must be called; <see cref="long.MaxValue"/> if never.</summary>
    public long NextDeadline
    {
        get
        {
            DropOver();
            var next = _deadlines.TryPeek(out _, out var deadline) ? deadline : long.MaxValue;
            foreach (var line in _lines)
                next = Math.Min(next, Math.Min(line.Health.NextProbe, NextOfConnections(line)));
            return next;
        }
    }

    public ServerState StateOf(int server) => _lines[server].Health.State;

    /// <summary>When the server became dead, milliseconds; meaningful in that state only.</summary>
    public long DeadSinceOf(int server) => _lines[server].Health.DeadSince;

    /// <summary>Whether Status-Server probes wait for an answer or are due.</summary>
    public bool IsProbing(int server) => _lines[server].Health.NextProbe != long.MaxValue;

    /// <summary>Requests in flight at the server.</summary>
    public int OutstandingOf(int server) => _lines[server].Outstanding;

    /// <summary>Requests that wait for an identifier or a connection of the server.</summary>
    public int WaitingOf(int server) => _lines[server].Waiting;

    /// <summary>Connections that are open, of a server with <see cref="RadiusServer.IsStream"/>.</summary>
    public int ConnectionsOf(int server) => _lines[server].Connections.Count(static connection => connection.IsOpen);

    public ClientCounters CountersOf(int server) => _lines[server].Counters;

    /// <summary>Starts a request. <see cref="IRadiusEffects.Answered"/> or <see cref="IRadiusEffects.Unanswered"/> follows, once.</summary>
    /// <param name="requestId">The host's id, unique among the outstanding requests.</param>
    /// <param name="request">The request.</param>
    /// <param name="group">The servers that may answer it; at least one.</param>
    /// <param name="now">Milliseconds.</param>
    public void Submit(ulong requestId, RadiusRequest request, ServerGroup group, long now)
    {
        var pending = new PendingRequest(requestId, request, group, now);
        _requests.Add(requestId, pending);
        TryNextServer(pending, now);
    }

    /// <summary>Cancels a request: no answer is reported.</summary>
    public void Cancel(ulong requestId, long now)
    {
        if (!_requests.TryGetValue(requestId, out var pending))
            return;
        var transmission = pending.Transmission;
        End(pending);
        if (transmission is not null)
            Release(transmission, now + IdentifierRest, now);
    }

    /// <summary>Takes a datagram that arrived on a socket from the server's address and port.</summary>
    public void Receive(ServerSocket socket, ReadOnlySpan<byte> datagram, long now)
    {
        var line = _lines[socket.Server];
        if (RadiusPacket.TryParse(datagram, out var answer) != RadiusDecodeError.None)
        {
            line.Counters.Malformed++;
            CloseOfBadPacket(line, socket, now);
            return;
        }

        if (line.Port(socket.Service).Find(socket.Number, answer.Identifier) is not { } transmission
            || !((RadiusCode)transmission.Packet[0]).IsAnsweredBy(answer.Code) || IsOfOtherService(line, socket, answer.Code))
        {
            line.Counters.Unexpected++;
            return;
        }

        if (Accepts(line, transmission, answer))
            Complete(line, transmission, answer, now);
        else
            CloseOfBadPacket(line, socket, now);
    }

    /// <summary>Handles due retransmissions, failures and probes.</summary>
    public void HandleDeadline(long now)
    {
        for (DropOver(); _deadlines.TryPeek(out var awaiting, out var deadline) && deadline <= now; DropOver())
        {
            _deadlines.Dequeue();
            if (awaiting is Transmission transmission)
                HandleTimeout(transmission, now);
            else if (awaiting is PendingRequest { Transmission: null } waiting)
                HandleWaited(waiting, now);
        }

        foreach (var line in _lines)
        {
            if (line.Health.NextProbe <= now)
                Probe(line, now);
            HandleConnections(line, now);
        }
    }

    private static bool IsOfOtherService(ServerLine line, ServerSocket socket, RadiusCode code) =>
        !line.Server.IsStream && (socket.Service == RadiusService.Accounting) != (code == RadiusCode.AccountingResponse);

    /// <summary>Whether the server made the answer for this request. If not, it is dropped and no timer changes.</summary>
    private static bool Accepts(ServerLine line, Transmission transmission, in RadiusPacket answer)
    {
        // Answers to Status-Server of FreeRADIUS 3.2 have none: to require it would declare a working server dead.
        if (line.RequiresMessageAuthenticator && transmission.Packet[0] == (byte)RadiusCode.AccessRequest
            && !Authenticators.HasMessageAuthenticator(answer))
        {
            line.Counters.MissingMessageAuthenticators++;
            return false;
        }

        if (Authenticators.VerifyAnswer(answer, transmission.Authenticator, line.Server.Secret))
            return true;
        line.Counters.BadAuthenticators++;
        return false;
    }

    private void Complete(ServerLine line, Transmission transmission, in RadiusPacket answer, long now)
    {
        NoteAnswer(line, transmission.Socket, now);
        if (transmission.Request is not { } pending)
        {
            line.Counters.ProbeAnswers++;
            if (line.Server.IsStream)
                line.Health.WatchdogAnswered();
            else
                line.Health.ProbeAnswered();
            Release(transmission, now, now);
            return;
        }

        line.Health.Answered();
        line.LearnMessageAuthenticator(answer);
        Count(line.Counters, answer.Code);
        // Karn's rule: if a packet was sent more than once, its answer may belong to any of them.
        if (transmission.Attempts == 1)
            line.Counters.Measure(now - transmission.Sent);
        End(pending);
        _effects.Answered(pending.Id, line.Number, answer, transmission.Authenticator);
        Release(transmission, now, now);
    }

    private static void Count(ClientCounters counters, RadiusCode code)
    {
        switch (code)
        {
            case RadiusCode.AccessAccept:
                counters.Accepts++;
                break;
            case RadiusCode.AccessReject:
                counters.Rejects++;
                break;
            case RadiusCode.AccessChallenge:
                counters.Challenges++;
                break;
            default:
                counters.AccountingResponses++;
                break;
        }
    }

    private void HandleTimeout(Transmission transmission, long now)
    {
        var line = _lines[transmission.Socket.Server];
        if (transmission.Request is not { } pending)
        {
            line.Health.ProbeTimedOut(now);
            Release(transmission, now + IdentifierRest, now);
        }
        else if (!line.Server.IsStream && transmission.Attempts < line.Server.Retransmission.Attempts && now < pending.GivenUpAt)
        {
            transmission.Attempts++;
            line.Counters.Retransmissions++;
            Schedule(transmission, line.Server.Retransmission.Next(transmission.Wait, _random), now);
            _effects.Send(transmission.Socket, transmission.Packet);
        }
        else
        {
            line.Counters.Timeouts++;
            line.Health.TimedOut(now, _random);
            pending.Transmission = null;
            TryNextServer(pending, now);
            Release(transmission, now + IdentifierRest, now);
        }
    }

    private void TryNextServer(PendingRequest pending, long now)
    {
        while (now < pending.GivenUpAt && ChooseServer(pending, now) is { } line)
        {
            pending.Tried.Add(line.Number);
            pending.Server = line.Number;
            var port = line.Port(pending.Request.Service);
            if (port.TryTake(now, out var socket, out var identifier))
            {
                Transmit(line, pending, socket, identifier, now);
                return;
            }

            Grow(port);
            if (port.TryEnqueue(pending))
            {
                // A connection that does not open is no better than a server that does not answer.
                pending.Deadline = line.Server.IsStream && !port.IsConnected
                    ? Math.Min(pending.GivenUpAt, now + line.Server.Retransmission.Total(_random)) : pending.GivenUpAt;
                _deadlines.Enqueue(pending, pending.Deadline);
                return;
            }
        }

        End(pending);
        _effects.Unanswered(pending.Id);
    }

    /// <summary>
    /// The best of the servers that were not tried: alive before suspect before dead, each in the group's order; of dead servers the one
    /// that has been dead for longest. A dead server without Status-Server gets one request first when its dead time is over.
    /// </summary>
    private ServerLine? ChooseServer(PendingRequest pending, long now)
    {
        var servers = pending.Group.Servers;
        var start = pending.Group.Policy == GroupPolicy.Balance ? (int)(pending.Request.Affinity % (uint)servers.Count) : 0;
        ServerLine? best = null;
        for (var i = 0; i < servers.Count; i++)
        {
            var line = _lines[servers[(start + i) % servers.Count]];
            if (pending.Tried.Contains(line.Number))
                continue;
            if (line.Health.IsDueForTrial(now) && line.Outstanding == 0)
                return line;
            if (best is null || line.Preference < best.Preference
                || (line.Health.State == ServerState.Dead && best.Health.State == ServerState.Dead
                    && line.Health.DeadSince < best.Health.DeadSince))
            {
                best = line;
            }
        }

        return best;
    }

    private void Transmit(ServerLine line, PendingRequest pending, ServerSocket socket, byte identifier, long now)
    {
        Span<byte> authenticator = stackalloc byte[RadiusPacket.AuthenticatorSize];
        _random.Fill(authenticator);
        var request = pending.Request;
        var builder = new PacketBuilder(_buffer, request.Code, identifier, line.Server.Secret, authenticator,
            request.HasMessageAuthenticator);
        request.Write(ref builder, line.Number, now - pending.Submitted);
        pending.Transmission = new Transmission(socket, identifier, builder.Seal().ToArray(), now) { Request = pending };
        line.Counters.Requests++;
        Launch(line, pending.Transmission, now);
    }

    private void Probe(ServerLine line, long now)
    {
        line.Health.Probed(now, _random);
        line.Counters.Probes++;
        if (!line.Port(RadiusService.Authentication).TryTake(now, out var socket, out var identifier))
            return;
        Launch(line, StatusServer(line, socket, identifier, now), now);
    }

    private Transmission StatusServer(ServerLine line, ServerSocket socket, byte identifier, long now)
    {
        Span<byte> authenticator = stackalloc byte[RadiusPacket.AuthenticatorSize];
        _random.Fill(authenticator);
        var builder = new PacketBuilder(
            _buffer, RadiusCode.StatusServer, identifier, line.Server.Secret, authenticator, withMessageAuthenticator: true);
        builder.AddText(AttributeType.NasIdentifier, _nasIdentifier);
        return new Transmission(socket, identifier, builder.Seal().ToArray(), now);
    }

    private void Launch(ServerLine line, Transmission transmission, long now)
    {
        line.Port(transmission.Socket.Service).Add(transmission);
        var timer = line.Server.Retransmission;
        Schedule(transmission, line.Server.IsStream ? timer.Total(_random) : timer.First(_random), now);
        _effects.Send(transmission.Socket, transmission.Packet);
    }

    private void Schedule(Transmission transmission, long wait, long now)
    {
        transmission.Wait = wait;
        transmission.Deadline = now + wait;
        if (transmission.Request is { } pending)
            transmission.Deadline = Math.Min(transmission.Deadline, pending.GivenUpAt);
        _deadlines.Enqueue(transmission, transmission.Deadline);
    }

    /// <summary>Ends a transmission. A waiting request gets its identifier, unless the identifier must rest.</summary>
    private void Release(Transmission transmission, long freeAt, long now)
    {
        transmission.IsOver = true;
        var line = _lines[transmission.Socket.Server];
        var port = line.Port(transmission.Socket.Service);
        port.Remove(transmission, freeAt);
        SendWaiting(line, port, now);
    }

    private void SendWaiting(ServerLine line, ServicePort port, long now)
    {
        while (port.TryDequeue(now, out var next, out var socket, out var identifier))
            Transmit(line, next, socket, identifier, now);
    }

    private void End(PendingRequest pending)
    {
        pending.IsOver = true;
        pending.Transmission = null;
        _requests.Remove(pending.Id);
    }

    /// <summary>Obsolete entries stay in the queue until they are the earliest.</summary>
    private void DropOver()
    {
        while (_deadlines.TryPeek(out var awaiting, out var deadline) && (awaiting.IsOver || awaiting.Deadline != deadline))
            _deadlines.Dequeue();
    }
}
