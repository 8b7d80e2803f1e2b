using System.Net;
using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>Adds attributes to an answer.</summary>
internal delegate void Attributes(ref PacketBuilder packet);

/// <summary>The RADIUS back end with servers that the test plays, a clock set by hand and no randomness.</summary>
internal sealed class AccessRig : IRadiusRandom, IRadiusObserver
{
    public const string Secret = "testing123";
    public const uint Epoch = 1_755_316_224;

    private readonly byte[] _buffer = new byte[RadiusPacket.MaxSize];

    public AccessRig(int servers = 1, IAccessBackend? local = null)
    {
        Exchange = new RadiusExchange(this, this);
        Sockets = Use(servers);
        Access = new RadiusAccess(Exchange, () => Epoch + (uint)(Now / 1_000), local);
    }

    public RadiusExchange Exchange { get; }

    public RadiusAccess Access { get; }

    public PlayedSockets Sockets { get; private set; }

    public long Now { get; private set; } = 5_000;

    public static SessionAttributes Session { get; } = new()
    {
        SessionId = "00000001", NasPort = 7, NasPortId = "tunnel/session", NasIdentifier = "lns1", CallingNumber = "caller",
        CalledNumber = "called", ConnectInfo = "1000", TunnelClientEndpoint = "10.1.0.9", TunnelServerEndpoint = "10.1.0.1",
        TunnelClientName = "lac1", TunnelConnection = "42",
    };

    /// <summary>As a reload does: from now on other servers are asked.</summary>
    public PlayedSockets Use(int servers)
    {
        var sockets = new PlayedSockets();
        Exchange.Replace([.. Enumerable.Range(0, servers).Select(static i => new RadiusServer
        {
            Name = $"server{i}", Secret = System.Text.Encoding.ASCII.GetBytes(Secret),
            Retransmission = new RetransmissionTimer(1_000, 2_000, 2),
        })], 20_000, "lns1", sockets);
        return Sockets = sockets;
    }

    public void Ask(ulong id, AuthenticationRequest proof) => Access.Authenticate(id, new AccessRequest(Session, proof), Now);

    public static AuthenticationRequest Pap(string name = "alice", string password = "pap-secret") => new()
    {
        Protocol = AuthenticationProtocol.Pap,
        Name = System.Text.Encoding.UTF8.GetBytes(name),
        Response = System.Text.Encoding.UTF8.GetBytes(password),
    };

    /// <summary>Answers the latest packet, or the one given.</summary>
    public void Answer(RadiusCode code, Attributes? attributes = null, (ServerSocket Socket, byte[] Packet)? to = null,
        PlayedSockets? sockets = null)
    {
        var (socket, packet) = to ?? Sockets.Sent[^1];
        var builder = new PacketBuilder(_buffer, code, packet[1], System.Text.Encoding.ASCII.GetBytes(Secret), packet.AsSpan(4, 16),
            withMessageAuthenticator: code != RadiusCode.AccountingResponse);
        attributes?.Invoke(ref builder);
        Exchange.Receive(sockets ?? Sockets, socket, builder.Seal(), Now);
    }

    /// <summary>Lets time pass, every deadline kept.</summary>
    public void Pass(long milliseconds)
    {
        var end = Now + milliseconds;
        for (var next = Access.NextDeadline; next <= end; next = Access.NextDeadline)
        {
            Now = Math.Max(Now, next);
            Access.HandleDeadline(Now);
            Take();
        }

        Now = end;
    }

    /// <summary>What the host was answered so far.</summary>
    public List<AccessAnswer> Answers { get; } = [];

    public List<AccessAnswer> Take()
    {
        while (Access.TryTake(out var answer))
            Answers.Add(answer!);
        return Answers;
    }

    public AuthenticationResult Result() => Assert.IsType<AccessAnswer.Authenticated>(Assert.Single(Take())).Result;

    /// <summary>The values of an attribute in the latest packet, as hexadecimal.</summary>
    public string[] Sent(AttributeType type) => ValuesOf(Sockets.Sent[^1].Packet, type);

    public static string[] ValuesOf(byte[] packet, AttributeType type)
    {
        Assert.Equal(RadiusDecodeError.None, RadiusPacket.TryParse(packet, out var parsed));
        var values = new List<string>();
        foreach (var attribute in parsed.Attributes)
        {
            if (attribute.Type == type)
                values.Add(Convert.ToHexStringLower(attribute.Value));
        }

        return [.. values];
    }

    /// <summary>What was reported for the log.</summary>
    public List<string> Reports { get; } = [];

    void IRadiusObserver.OnServerState(string server, ServerState state) => Reports.Add($"{server} {state}");

    void IRadiusObserver.OnAnswerDropped(string server, string why) => Reports.Add($"{server}: {why}");

    private uint _fills;

    void IRadiusRandom.Fill(Span<byte> octets)
    {
        octets.Clear();
        octets[0] = 0x80;
        if (octets.Length >= 8)
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(octets[4..], ++_fills);
    }

    /// <summary>Keeps what is sent.</summary>
    internal sealed class PlayedSockets : IRadiusSockets
    {
        public List<(ServerSocket Socket, byte[] Packet)> Sent { get; } = [];

        public bool IsClosed { get; private set; }

        public void Send(ServerSocket socket, ReadOnlySpan<byte> packet) => Sent.Add((socket, packet.ToArray()));

        public void Connect(ServerSocket socket) => Connections.Add(socket);

        public void Disconnect(ServerSocket socket) => Connections.Remove(socket);

        public List<ServerSocket> Connections { get; } = [];

        public void Flush()
        {
            // Nothing waits.
        }

        public IPAddress? LocalAddress(int server) => IPAddress.Parse(server == 0 ? "192.0.2.9" : "2001:db8::9");

        public void Dispose() => IsClosed = true;
    }
}
