using System.Net;
using System.Net.Sockets;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Sockets;
using L2tpd.Radius.DynamicAuthorization;
using L2tpd.Radius.Wire;
using L2tpd.Runtime.Logging;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.Radius;

/// <summary>
/// Receives CoA- and Disconnect-Requests (RFC 5176) by UDP and sends their answers: the sockets of a
/// <see cref="DynamicAuthorizationServer"/>, which decides what is a request.
/// </summary>
/// <remarks>
/// Loop thread only. One batch of datagrams is read per turn and socket, so that a flood of forged requests takes a bounded part of each
/// turn. A request waits at most until the end of the turn in which it arrived. A reload with other settings opens new sockets; requests
/// that the former ones received are not answered.
/// </remarks>
internal sealed partial class DynamicAuthorizationListener(EventLoop events, LoopTimers timers, FaultLog faults, ILogger log)
    : IRequestSource, IDisposable
{
    private const int MostPerTurn = 32;

    private readonly SendBatch _sending = new(1, RadiusPacket.MaxSize);
    private readonly ReceiveBatch _receiving = new(MostPerTurn, RadiusPacket.MaxSize);
    private readonly Queue<AccessAnswer> _requests = new();
    private readonly Dictionary<ulong, Open> _open = [];
    private readonly List<ListeningSocket> _sockets = [];
    private readonly LineBudget _lines = new(burst: 5, perSecond: 1);
    private DynamicAuthorizationSettings? _settings;
    private DynamicAuthorizationServer? _server;
    private DynamicAuthorizationCounters _before = new();
    private bool _isClosed;
    private ulong _ids;

    /// <summary>Whether an address is one of ours towards a RADIUS server: NAS-IP-Address of our requests.</summary>
    public Func<IPAddress, bool> IsOurs { get; init; } = static _ => false;

    /// <summary>What became of the datagrams, also of those before a reload.</summary>
    public IEnumerable<(string Result, long Count)> Counters
    {
        get
        {
            var (now, before) = (_server?.Counters ?? new DynamicAuthorizationCounters(), _before);
            return
            [
                ("ack", now.Acks + before.Acks), ("nak", now.Naks + before.Naks), ("duplicate", now.Duplicates + before.Duplicates),
                ("stranger", now.Strangers + before.Strangers), ("malformed", now.Malformed + before.Malformed),
                ("bad-authenticator", now.BadAuthenticators + before.BadAuthenticators),
                ("out-of-time", now.OutOfTime + before.OutOfTime),
            ];
        }
    }

    /// <summary>Takes over settings.</summary>
    /// <returns>Why requests cannot be received; <c>null</c>: they can, or nobody may send any.</returns>
    public string? Change(DynamicAuthorizationSettings? settings)
    {
        if (_isClosed || ReferenceEquals(settings, _settings) || (settings is not null && _settings?.HasSameContent(settings) == true))
            return null;

        CloseSockets();
        _settings = settings;
        if (_server is not null)
            _before = _before.With(_server.Counters);
        _server = null;
        if (settings is null || settings.Clients.IsEmpty)
            return null;

        _server = new DynamicAuthorizationServer(
            settings.Clients.Select(static client => new DynamicAuthorizationClient(client.Name, client.Address, client.Secret.Reveal())),
            settings.RequireEventTimestamp);
        return Listen(settings);
    }

    /// <inheritdoc/>
    public bool TryTake(out AccessAnswer? request) => _requests.TryDequeue(out request);

    /// <inheritdoc/>
    public void Answer(ulong requestId, ControlOutcome outcome)
    {
        if (_open.Remove(requestId, out var open) && _server is { } server)
            Send(open.Socket, open.Source, open.Destination, open.InterfaceIndex, server.Answer(open.Request, (uint)outcome));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isClosed)
            return;

        _isClosed = true;
        CloseSockets();
        _sending.Dispose();
        _receiving.Dispose();
    }

    private string? Listen(DynamicAuthorizationSettings settings)
    {
        SockAddr[] addresses = settings.Listen is { } listen ? [SockAddr.From(listen, settings.Port)]
            : [.. settings.Clients.Select(static client => client.Address.AddressFamily == AddressFamily.InterNetworkV6).Distinct()
                .Select(isIpv6 => SockAddr.Any(isIpv6, settings.Port))];
        foreach (var address in addresses)
        {
            var error = UdpSocket.TryOpen(new UdpSocketOptions { Local = address, ReceiveErrors = false }, out var socket);
            if (!error.IsNone)
            {
                CloseSockets();
                // With the next reload it is tried again.
                _settings = null;
                return $"radius.dynamic-authorization: cannot receive on {address}: {error}";
            }

            _sockets.Add(new ListeningSocket(this, events, faults, socket!));
        }

        return null;
    }

    private void Receive(ListeningSocket from)
    {
        // Negative: an error of an earlier packet, which is cleared now. What is left waits for the next turn.
        if (_isClosed || from.Socket.Receive(_receiving) <= 0)
            return;

        for (var i = 0; i < _receiving.Count && _server is not null; i++)
        {
            if (!_receiving.IsTruncated(i))
                Receive(from.Socket, i, _server);
        }
    }

    private void Receive(UdpSocket socket, int index, DynamicAuthorizationServer server)
    {
        var source = _receiving.Source(index);
        var sender = source.IsIPv6
            ? new RequestSource(source.Address, source.Port) : RequestSource.OfIpv4((uint)source.Address, source.Port);
        var bad = server.Counters.BadAuthenticators;
        var request = server.Receive(sender, _receiving.Payload(index), timers.Now, DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            out var repeated);
        if (server.Counters.BadAuthenticators != bad && _lines.TryTake(timers.Now, out var suppressed))
            LogBadAuthenticator(source.ToIPAddress(), suppressed);
        var (destination, interfaceIndex) = (_receiving.Destination(index), _receiving.InterfaceIndex(index));
        if (!repeated.IsEmpty)
            Send(socket, source, destination, interfaceIndex, repeated);
        if (request is null)
            return;

        var outcome = DynamicRequestReader.Read(
            request.Packet, ++_ids, request.Client.Name, address => address.Equals(destination.ToIPAddress()) || IsOurs(address),
            out var read);
        if (read is null)
        {
            LogRefused(request.Client.Name, outcome);
            Send(socket, source, destination, interfaceIndex, server.Answer(request, (uint)outcome));
            return;
        }

        _open[_ids] = new Open(socket, source, destination, interfaceIndex, request);
        _requests.Enqueue(read);
    }

    private void Send(UdpSocket socket, in SockAddr to, in SockAddr from, uint interfaceIndex, ReadOnlyMemory<byte> packet)
    {
        // An answer that cannot be sent is lost: the client repeats its request.
        _sending.Clear();
        _sending.TryAdd(to, from, interfaceIndex, packet.Span);
        socket.Send(_sending);
    }

    private void CloseSockets()
    {
        foreach (var socket in _sockets)
            socket.Dispose();

        _sockets.Clear();
        _open.Clear();
        _requests.Clear();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "A CoA- or Disconnect-Request from {Source} was dropped: its authenticator is wrong; the secrets may differ "
        + "({Suppressed} more before)")]
    private partial void LogBadAuthenticator(IPAddress source, long suppressed);

    [LoggerMessage(Level = LogLevel.Information, Message = "A request of RADIUS client {Client} was refused: {Outcome}")]
    private partial void LogRefused(string client, ControlOutcome outcome);

    /// <summary>A request that the host is serving.</summary>
    private sealed record Open(
        UdpSocket Socket, SockAddr Source, SockAddr Destination, uint InterfaceIndex, DynamicRequest Request);

    /// <summary>One socket and its registration with the loop.</summary>
    private sealed class ListeningSocket : IReadinessHandler, IDisposable
    {
        private readonly DynamicAuthorizationListener _owner;
        private readonly LoopRegistration _registration;

        public ListeningSocket(DynamicAuthorizationListener owner, EventLoop events, FaultLog faults, UdpSocket socket)
        {
            (_owner, Socket) = (owner, socket);
            _registration = events.Register(socket.Descriptor, Readiness.Readable, new GuardedHandler(this, faults));
        }

        public UdpSocket Socket { get; }

        public void OnReady(Readiness readiness) => _owner.Receive(this);

        public void Dispose()
        {
            _registration.Dispose();
            Socket.Dispose();
        }
    }
}
